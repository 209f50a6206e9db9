use super::counter::{CountedAs, Counter};
use crate::Tools;
use doorward_domain::{Client, ClientApp, ClientId, ClientKind, PermissionSet};
use doorward_ports::inbound::{ClientCredentials, ProvenClient};
use doorward_ports::outbound::KnownClient;
use doorward_ports::{Actor, Error, ErrorCode, Result, Rights, Secret, SecretDigest, ServiceAccount};
use std::sync::Arc;

/// Which client it is, after it was counted: by its address until it has shown its secret, and then by its name. Whoever has
/// not shown the secret is not counted as that client: otherwise anybody could use up the quota of another.
pub(super) async fn count_and_prove(
    tools: &Tools,
    counter: &mut Counter<'_>,
    shown: &ClientCredentials,
) -> Result<ProvenClient> {
    if shown.secret.is_none() {
        counter.count(CountedAs::Nobody).await?;
        return prove(tools, shown).await;
    }
    counter.count_attempt().await?;
    let proven = prove(tools, shown).await?;
    if let ProvenClient::Confidential(app) = &proven {
        counter.give_back().await;
        counter.count(CountedAs::Client(app.id.as_ref())).await?;
    }
    Ok(proven)
}

/// Unknown, disabled, without its secret or with another one: it is answered alike.
async fn prove(tools: &Tools, shown: &ClientCredentials) -> Result<ProvenClient> {
    let Ok(id) = ClientId::parse(&shown.id) else { return Err(invalid_client()) };
    if id.is_built_in() {
        return if shown.secret.is_none() {
            Ok(ProvenClient::Public(Client::doorward()))
        } else {
            Err(invalid_client())
        };
    }
    let known = tools.store.read().await?.client_apps().by_id(&id).await?;
    let proves = proves(known.as_ref(), shown.secret.as_ref());
    match known {
        Some(KnownClient { app, .. }) if proves && app.is_active => Ok(match app.kind {
            ClientKind::Public => ProvenClient::Public(Client::from(&app.id)),
            ClientKind::Confidential => ProvenClient::Confidential(Box::new(app)),
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

/// The app as somebody who acts.
pub(crate) fn actor(app: &ClientApp, permissions: PermissionSet) -> Actor {
    let rights = Arc::new(Rights { roles: app.roles.clone(), permissions });
    Actor::Client(ServiceAccount { id: app.id.clone(), rights })
}

pub(crate) fn invalid_client() -> Error {
    Error::new(
        ErrorCode::InvalidClient,
        "There is no such active client, or its secret is not this one. Check client_id and client_secret.",
    )
}
