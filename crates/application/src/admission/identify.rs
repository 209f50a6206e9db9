use crate::tokens::{invalid_token, token_is_dead};
use crate::{Services, Tools};
use doorward_domain::{AssuranceLevel, GrantId, SessionId, Timestamp};
use doorward_ports::outbound::{AccessClaims, AccessHolder};
use doorward_ports::{Actor, Result, Rights, ServiceAccount, SignedIn};

/// The claims of an access token, if its signature is valid and it has not expired. Nothing is looked up.
pub(super) fn read(tools: &Tools, access_token: &str, now: Timestamp) -> Result<AccessClaims> {
    tools.signer.verify_access(access_token, now).map_err(invalid_token)
}

/// Returns the actor of an access token. The token says who it is. The state of its session, or of its client app, says
/// whether it is still valid, and what it may do now.
pub(super) async fn look_up(services: &Services, claims: AccessClaims, now: Timestamp) -> Result<Actor> {
    let tools = services.tools_without_authorization();
    match claims.holder {
        AccessHolder::Client { grant } => service_account(tools, &claims, grant).await.map(Actor::Client),
        AccessHolder::User { user, session, authenticated_at, level } => {
            let found = tools.session_states.find(&session).await?;
            let live = found.filter(|found| found.is_live(now) && found.user == user).ok_or_else(token_is_dead)?;
            tools.sightings.note(session, now);
            let (client, rights) = (claims.client, live.rights);
            let must_enrol = must_enrol(services, (session, level), &rights).await?;
            let must_change_password = live.must_change_password;
            let authenticated_ago = now.since(authenticated_at);
            Ok(Actor::User(SignedIn {
                user,
                session,
                client,
                authenticated_at,
                authenticated_ago,
                level,
                must_enrol,
                must_change_password,
                rights,
            }))
        }
    }
}

/// The token of a session that has meanwhile shown a factor still states one: so the session itself is asked, which is
/// only the case as long as somebody enrols.
async fn must_enrol(services: &Services, (id, stated): (SessionId, AssuranceLevel), rights: &Rights) -> Result<bool> {
    let required = &services.policies().mfa.required;
    if !required.restricts(&rights.roles, stated) {
        return Ok(false);
    }
    let session = services.tools_without_authorization().store.read().await?.sessions().by_id(id).await?;
    let level = session.map(|session| session.authentications.level()).unwrap_or_default();
    Ok(required.restricts(&rights.roles, level))
}

async fn service_account(tools: &Tools, claims: &AccessClaims, grant: GrantId) -> Result<ServiceAccount> {
    let live = tools.client_states.find(&grant).await?;
    let live = live.filter(|live| live.id == claims.client).ok_or_else(token_is_dead)?;
    Ok(ServiceAccount { id: live.id, rights: live.rights })
}
