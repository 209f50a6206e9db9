use crate::services::Act;
use doorward_domain::{ClientId, GrantId, PermissionSet, RoleName, Session, SessionId, Timestamp, User, UserId};
use doorward_ports::inbound::{Introspection, TokenHolder, TokenUse};
use doorward_ports::outbound::{AccessClaims, AccessHolder, ReadWork, RefreshClaims};
use doorward_ports::{Result, Secret};
use std::collections::BTreeSet;

/// RFC 7662. A token that is not active gets no further data, whatever the reason.
pub(super) async fn introspect(act: Act<'_>, token: &Secret) -> Result<Option<Introspection>> {
    let now = act.now();
    let mut read = act.snapshot().await?;
    let signer = &act.tools().signer;
    if let Ok(claims) = signer.verify_access(token.expose(), now) {
        return access_token((&act, now), &mut *read, claims).await;
    }
    match signer.verify_refresh(token.expose(), now) {
        Ok(claims) => refresh_token((&act, now), &mut *read, claims).await,
        Err(_) => Ok(None),
    }
}

async fn access_token(
    (act, now): (&Act<'_>, Timestamp),
    read: &mut dyn ReadWork,
    claims: AccessClaims,
) -> Result<Option<Introspection>> {
    let holder = match claims.holder {
        AccessHolder::Client { grant } => client_holder(read, claims.client.as_str(), grant).await?,
        AccessHolder::User { user, session, .. } => {
            let holder = user_holder((act, now), read, user, session).await?;
            match holder {
                Some((holder, _)) => {
                    let permissions = read.roles().permissions_of(user).await?;
                    Some(Holder { permissions, ..holder })
                }
                None => None,
            }
        }
    };
    let names = act.tools().signer.names();
    Ok(holder.map(|Holder { who, roles, permissions }| Introspection {
        token_use: TokenUse::Access,
        token: claims.token,
        client: claims.client,
        holder: who,
        issuer: names.issuer,
        audience: names.access_audience,
        issued_at: claims.issued_at,
        expires_at: claims.expires_at,
        roles,
        permissions,
    }))
}

/// Only the current refresh token is active: a spent one is not, even while it may be used again.
async fn refresh_token(
    (act, now): (&Act<'_>, Timestamp),
    read: &mut dyn ReadWork,
    claims: RefreshClaims,
) -> Result<Option<Introspection>> {
    let holder = user_holder((act, now), read, claims.user, claims.session).await?;
    let current = holder.filter(|(_, session)| session.family.current.token == claims.token);
    let names = act.tools().signer.names();
    Ok(current.map(|(Holder { who, roles, permissions }, _)| Introspection {
        token_use: TokenUse::Refresh,
        token: claims.token,
        client: claims.client,
        holder: who,
        issuer: names.issuer,
        audience: names.refresh_audience,
        issued_at: claims.issued_at,
        expires_at: claims.expires_at,
        roles,
        permissions,
    }))
}

struct Holder {
    who: TokenHolder,
    roles: BTreeSet<RoleName>,
    permissions: PermissionSet,
}

/// The holder of a session, if it is live, the account may sign in, and the session is not restricted.
async fn user_holder(
    (act, now): (&Act<'_>, Timestamp),
    read: &mut dyn ReadWork,
    user: UserId,
    session: SessionId,
) -> Result<Option<(Holder, Session)>> {
    let session = read.sessions().by_id(session).await?;
    let Some(session) = session.filter(|session| session.user == user && session.is_live(now)) else {
        return Ok(None);
    };
    let verified = act.policies.registration.require_verified_email;
    let required = &act.policies.mfa.required;
    let whole =
        |user: &User| !user.must_change_password && !required.restricts(&user.roles, session.authentications.level());
    let user = read.users().by_id(user).await?.filter(|user| user.may_sign_in(verified).is_ok() && whole(user));
    Ok(user.map(|user| {
        let User { id, email, username, roles, .. } = user;
        let username = username.map_or_else(|| email.as_str().into(), |name| name.as_str().into());
        let who = TokenHolder::User { user: id, username, session: session.id };
        (Holder { who, roles, permissions: PermissionSet::new() }, session)
    }))
}

/// The client app of its own token, if it is active and its tokens have not been ended since.
async fn client_holder(read: &mut dyn ReadWork, client: &str, grant: GrantId) -> Result<Option<Holder>> {
    let Ok(id) = ClientId::parse(client) else { return Ok(None) };
    let app = read.client_apps().by_id(&id).await?.map(|known| known.app);
    let Some(app) = app.filter(|app| app.is_active && app.grant == grant) else { return Ok(None) };
    let permissions = read.client_apps().permissions_of(&app.id).await?;
    Ok(Some(Holder { who: TokenHolder::Client, roles: app.roles, permissions }))
}
