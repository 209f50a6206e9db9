use super::user_not_found;
use crate::fields::Fields;
use crate::services::Act;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_domain::{Email, Identifier, RoleName, SearchKey, User, UserId, Username};
use doorward_ports::inbound::UserQuery;
use doorward_ports::outbound::{SealedPlace, SecretSealer, UserFilter, UserOrder, UserSort};
use doorward_ports::{Cursor, Direction, Page, Personal, Result};
use std::sync::Arc;

pub(super) async fn get(act: Act<'_>, id: UserId) -> Result<Arc<User>> {
    act.tools().users.find(&id).await?.ok_or_else(user_not_found)
}

pub(super) async fn find(act: Act<'_>, name: &str) -> Result<User> {
    let mut read = act.read().await?;
    let id = match (name.parse::<UserId>(), Identifier::parse(name)) {
        (Ok(id), _) => Some(id),
        (_, Ok(identifier)) => read.users().credentials(&identifier).await?.map(|found| found.user),
        _ => None,
    };
    match id {
        Some(id) => read.users().by_id(id).await?.ok_or_else(user_not_found),
        None => Err(user_not_found()),
    }
}

pub(super) async fn list(act: Act<'_>, query: UserQuery) -> Result<Page<User>> {
    let (filter, sort, direction) = understood(&query)?;
    let name = order_name(&sort, direction);
    let sealer = &*act.tools().sealer;
    let after = query.cursor.as_ref().map(|cursor| key_of(sealer, cursor, name, &sort)).transpose()?;
    let order = UserOrder { sort, direction, after };
    let limit = query.limit;
    let rows = act.snapshot().await?.users().list(&filter, &order, limit.get() + 1).await?;
    Ok(Page::cut(rows, limit, name, |user| match &order.sort {
        UserSort::CreatedAt => user.id.to_string(),
        UserSort::Email => sealed(sealer, name, user.email.as_str()),
        UserSort::Found(search) => sealed(sealer, name, &format!("{} {}", user.id, found_by(user, search))),
    }))
}

/// A key that is somebody's address or name. Cursors are part of addresses, and so they get into the logs of proxies.
fn sealed(sealer: &dyn SecretSealer, order: &str, key: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(sealer.seal(&place(order), key.as_bytes()))
}

fn opened(sealer: &dyn SecretSealer, order: &str, shown: &str) -> Option<String> {
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(shown).ok()?;
    let key = sealer.open(&place(order), &sealed).ok()?;
    String::from_utf8(key.to_vec()).ok()
}

/// So that a cursor of one order is none of another.
const fn place(order: &str) -> SealedPlace<'_> {
    SealedPlace { table: "users", row: order, column: "cursor" }
}

fn found_by(user: &User, search: &SearchKey) -> String {
    let keys = SearchKey::of(user);
    keys.iter().find(|key| key.begins_with(search)).unwrap_or(search).as_str().to_owned()
}

const fn order_name(sort: &UserSort, direction: Direction) -> &'static str {
    match (sort, direction) {
        (UserSort::CreatedAt, Direction::Ascending) => "created_at",
        (UserSort::CreatedAt, Direction::Descending) => "-created_at",
        (UserSort::Email, Direction::Ascending) => "email",
        (UserSort::Email, Direction::Descending) => "-email",
        (UserSort::Found(_), _) => "found",
    }
}

fn key_of(sealer: &dyn SecretSealer, cursor: &Cursor, order: &str, sort: &UserSort) -> Result<Personal> {
    let shown = cursor.key(order)?;
    let key = match sort {
        UserSort::CreatedAt => Some(shown.to_owned()).filter(|key| key.parse::<UserId>().is_ok()),
        UserSort::Email => opened(sealer, order, shown),
        UserSort::Found(search) => opened(sealer, order, shown)
            .filter(|key| key.split_once(' ').is_some_and(|(_, found)| found.starts_with(search.as_str()))),
    };
    key.map(Personal::from).ok_or_else(Cursor::invalid)
}

fn understood(query: &UserQuery) -> Result<(UserFilter, UserSort, Direction)> {
    let mut fields = Fields::default();
    let filter = UserFilter {
        email: fields.take_optional("/email", "invalid_email", query.email.as_deref().map(Email::parse)),
        username: fields.take_optional("/username", "invalid_username", query.username.as_deref().map(Username::parse)),
        is_active: query.is_active,
        role: fields.take_optional("/role", "invalid_role_name", query.role.as_deref().map(RoleName::parse)),
    };
    let order = match (query.search.as_deref().and_then(SearchKey::searched), query.sort.as_deref()) {
        (Some(search), None) => Some((UserSort::Found(search), Direction::Ascending)),
        (Some(_), Some(_)) => {
            fields.refuse("/sort", "invalid_sort", &"can't be combined with a search, which has its own order.");
            None
        }
        (None, sort) => {
            let default = if query.search.is_some() { "email" } else { "-created_at" };
            sorted(&mut fields, sort.unwrap_or(default))
        }
    };
    let (sort, direction) = fields.finish_with(order)?;
    Ok((filter, sort, direction))
}

fn sorted(fields: &mut Fields, sort: &str) -> Option<(UserSort, Direction)> {
    match sort {
        "created_at" => Some((UserSort::CreatedAt, Direction::Ascending)),
        "-created_at" => Some((UserSort::CreatedAt, Direction::Descending)),
        "email" => Some((UserSort::Email, Direction::Ascending)),
        "-email" => Some((UserSort::Email, Direction::Descending)),
        _ => {
            fields.refuse("/sort", "invalid_sort", &"must be one of created_at, -created_at, email, -email.");
            None
        }
    }
}
