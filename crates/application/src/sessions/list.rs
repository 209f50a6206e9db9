use crate::Services;
use crate::accounts::user_not_found;
use doorward_domain::{SessionId, UserId};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::SessionView;
use doorward_ports::{Actor, Caller, Cursor, Limit, Page, Result};

const ORDER: &str = "session";

pub(super) async fn own(
    services: &Services,
    caller: &Caller,
    cursor: Option<Cursor>,
    limit: Limit,
) -> Result<Page<SessionView>> {
    let signed_in = access::authorize_own(caller, Operation::ListOwnSessions)?;
    page(services, caller, signed_in.user, cursor, limit).await
}

pub(super) async fn of_user(
    services: &Services,
    caller: &Caller,
    user: UserId,
    cursor: Option<Cursor>,
    limit: Limit,
) -> Result<Page<SessionView>> {
    access::authorize(caller, Operation::ListUserSessions)?;
    services.tools.store.read().await?.users().by_id(user).await?.ok_or_else(user_not_found)?;
    page(services, caller, user, cursor, limit).await
}

async fn page(
    services: &Services,
    caller: &Caller,
    user: UserId,
    cursor: Option<Cursor>,
    limit: Limit,
) -> Result<Page<SessionView>> {
    let after =
        cursor.map(|cursor| cursor.key(ORDER)?.parse::<SessionId>().map_err(|_| Cursor::invalid())).transpose()?;
    let mut read = services.tools.store.read().await?;
    let sessions = read.sessions().live_of(user, services.now(), after, limit.get() + 1).await?;
    let asking = match &caller.actor {
        Actor::User(signed_in) => Some(signed_in.session),
        Actor::Anonymous | Actor::Client(_) | Actor::Operator => None,
    };
    let views =
        sessions.into_iter().map(|session| SessionView { current: Some(session.id) == asking, session }).collect();
    Ok(Page::cut(views, limit, ORDER, |view: &SessionView| view.session.id.to_string()))
}
