use crate::accounts::user_not_found;
use crate::services::{Act, OwnAct};
use doorward_domain::{SessionId, UserId};
use doorward_ports::inbound::SessionView;
use doorward_ports::{Actor, Cursor, Limit, Page, Result};

const ORDER: &str = "session";

pub(super) async fn own(own: OwnAct<'_>, cursor: Option<Cursor>, limit: Limit) -> Result<Page<SessionView>> {
    page(&own.act, own.owner.user, cursor, limit).await
}

pub(super) async fn of_user(
    act: Act<'_>,
    user: UserId,
    cursor: Option<Cursor>,
    limit: Limit,
) -> Result<Page<SessionView>> {
    act.read().await?.users().by_id(user).await?.ok_or_else(user_not_found)?;
    page(&act, user, cursor, limit).await
}

async fn page(act: &Act<'_>, user: UserId, cursor: Option<Cursor>, limit: Limit) -> Result<Page<SessionView>> {
    let after =
        cursor.map(|cursor| cursor.key(ORDER)?.parse::<SessionId>().map_err(|_| Cursor::invalid())).transpose()?;
    let sessions = act.read().await?.sessions().live_of(user, act.now(), after, limit.get() + 1).await?;
    let asking = match &act.caller.actor {
        Actor::User(signed_in) => Some(signed_in.session),
        Actor::Anonymous | Actor::Client(_) | Actor::Operator => None,
    };
    let views =
        sessions.into_iter().map(|session| SessionView { current: Some(session.id) == asking, session }).collect();
    Ok(Page::cut(views, limit, ORDER, |view: &SessionView| view.session.id.to_string()))
}
