use crate::Tools;
use doorward_domain::{Client, ClientApp, ClientId, ClientKind, PermissionSet};
use doorward_ports::inbound::ClientCredentials;
use doorward_ports::outbound::KnownClient;
use doorward_ports::{Actor, Caller, Error, ErrorCode, Result, Rights, Secret, SecretDigest, ServiceAccount};
use std::sync::Arc;

/// A client that is the one it says to be, as far as its kind can prove it.
pub(super) enum Proven {
    /// Doorward's own sign-in, or a public app: nobody can prove to be one.
    Public(Client),
    /// By its secret.
    Confidential(Box<ClientApp>),
}

impl Proven {
    pub(super) fn client(&self) -> Client {
        match self {
            Self::Public(client) => client.clone(),
            Self::Confidential(app) => Client::from(&app.id),
        }
    }

    /// The app whose secret was shown.
    pub(super) fn confidential(self) -> Option<ClientApp> {
        match self {
            Self::Public(_) => None,
            Self::Confidential(app) => Some(*app),
        }
    }
}

/// Who the client is. Unknown, disabled, without its secret or with another one: it is answered alike.
pub(super) async fn authenticate(tools: &Tools, shown: &ClientCredentials) -> Result<Proven> {
    let Ok(id) = ClientId::parse(&shown.id) else { return Err(invalid_client()) };
    if id.is_built_in() {
        return if shown.secret.is_none() { Ok(Proven::Public(Client::doorward())) } else { Err(invalid_client()) };
    }
    let known = tools.store.read().await?.client_apps().by_id(&id).await?;
    let proves = proves(known.as_ref(), shown.secret.as_ref());
    match known {
        Some(KnownClient { app, .. }) if proves && app.is_active => Ok(match app.kind {
            ClientKind::Public => Proven::Public(Client::from(&app.id)),
            ClientKind::Confidential => Proven::Confidential(Box::new(app)),
        }),
        _ => Err(invalid_client()),
    }
}

/// A digest is computed and compared also for a client that is not known.
fn proves(known: Option<&KnownClient>, shown: Option<&Secret>) -> bool {
    let public = known.is_some_and(|known| known.app.kind == ClientKind::Public);
    let Some(shown) = shown else { return public };
    let digest = known.and_then(|known| known.secret).unwrap_or(SecretDigest::of_nothing());
    digest.is_of(shown) && !public
}

/// The caller that a confidential app is.
pub(super) fn service(caller: &Caller, app: &ClientApp, permissions: PermissionSet) -> Caller {
    let rights = Arc::new(Rights { roles: app.roles.clone(), permissions });
    let service = ServiceAccount { id: app.id.clone(), rights };
    Caller { actor: Actor::Client(service), origin: caller.origin.clone() }
}

pub(super) fn invalid_client() -> Error {
    Error::new(
        ErrorCode::InvalidClient,
        "There is no such active client, or its secret is not this one. Check client_id and client_secret.",
    )
}
