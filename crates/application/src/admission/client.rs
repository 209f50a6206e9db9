use super::counter::{CountedAs, Counter};
use crate::Tools;
use doorward_domain::{Client, ClientApp, ClientId, ClientKind, PermissionSet};
use doorward_ports::inbound::{ClientCredentials, ProvenClient};
use doorward_ports::outbound::KnownClient;
use doorward_ports::{Actor, Error, ErrorCode, Result, Rights, Secret, SecretDigest, ServiceAccount};
use std::sync::Arc;

/// Identifies the client after the request was counted: by IP address until the secret was verified, and then by its
/// id. A request without the right secret is not counted for the client: otherwise anybody could use up the quota of
/// another.
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

/// An unknown or disabled client, a missing and a wrong secret get the same answer.
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

/// A digest is computed and compared also for an unknown client.
fn proves(known: Option<&KnownClient>, shown: Option<&Secret>) -> bool {
    let public = known.is_some_and(|known| known.app.kind == ClientKind::Public);
    let Some(shown) = shown else { return public };
    let digest = known.and_then(|known| known.secret).unwrap_or(SecretDigest::of_nothing());
    digest.is_of(shown) && !public
}

/// The actor for a client app.
pub(crate) fn actor(app: &ClientApp, permissions: PermissionSet) -> Actor {
    let rights = Arc::new(Rights { roles: app.roles.clone(), permissions });
    Actor::Client(ServiceAccount { id: app.id.clone(), rights })
}

pub(crate) fn invalid_client() -> Error {
    Error::new(
        ErrorCode::InvalidClient,
        "There is no active client with this id, or the secret is wrong. Check client_id and client_secret.",
    )
}
