//! Pages of accounts. A page begins after a key, not after a count, and each order has an index whose range the key
//! bounds.
use super::super::columns::{Id, count};
use super::super::kept::Keep;
use super::super::schema::{search_keys, user_roles, users};
use super::{SqlWork, UserRow};
use crate::backend::{Backend, IdSql};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use doorward_domain::{RoleName, SearchKey, UserId};
use doorward_ports::Direction;
use doorward_ports::outbound::{StoreError, UserFilter, UserOrder, UserSort};

/// Applies the filters of the account itself. A macro, because the queries with and without a role have different
/// types.
macro_rules! narrow {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query, $filter);
        if let Some(email) = &filter.email {
            query = query.filter(users::email.eq(email.as_str()));
        }
        if let Some(username) = &filter.username {
            query = query.filter(users::username.eq(username.as_str()));
        }
        if let Some(is_active) = filter.is_active {
            query = query.filter(users::is_active.eq(is_active));
        }
        query
    }};
}

/// Orders the page and begins it after the key. The column of the compared id determines which index is used.
macro_rules! arrange {
    ($query:expr, $order:expr, $id:expr) => {{
        let (mut query, order) = ($query, $order);
        match &order.sort {
            UserSort::Found(_) => query,
            UserSort::CreatedAt => {
                let after: Option<Id> = order.after.as_deref().map(id_key).transpose()?;
                match order.direction {
                    Direction::Ascending => {
                        if let Some(after) = after {
                            query = query.filter($id.gt(after));
                        }
                        query.order($id.asc())
                    }
                    Direction::Descending => {
                        if let Some(after) = after {
                            query = query.filter($id.lt(after));
                        }
                        query.order($id.desc())
                    }
                }
            }
            UserSort::Email => {
                let after = order.after.as_deref().map(text);
                match order.direction {
                    Direction::Ascending => {
                        if let Some(after) = after {
                            query = query.filter(users::email.gt(after));
                        }
                        query.order(users::email.asc())
                    }
                    Direction::Descending => {
                        if let Some(after) = after {
                            query = query.filter(users::email.lt(after));
                        }
                        query.order(users::email.desc())
                    }
                }
            }
        }
    }};
}

impl SqlWork {
    pub(super) async fn page_of_users(
        &mut self,
        filter: &UserFilter,
        order: &UserOrder,
        limit: usize,
    ) -> Result<Vec<UserRow>, StoreError> {
        match (&order.sort, &filter.role) {
            (UserSort::Found(search), _) => self.page_of_found(search, filter, order.after.as_deref(), limit).await,
            (_, Some(role)) => self.page_of_holders(role, filter, order, limit).await,
            (_, None) => self.page_of_all(filter, order, limit).await,
        }
    }

    async fn page_of_all(
        &mut self,
        filter: &UserFilter,
        order: &UserOrder,
        limit: usize,
    ) -> Result<Vec<UserRow>, StoreError> {
        let all = users::table.select(UserRow::as_select()).into_boxed::<Backend>();
        let page = arrange!(narrow!(all, filter), order, users::id);
        let rows = page.limit(count(limit)).load(self.conn()).await;
        self.settle(rows)
    }

    /// Uses the index of the role, so that few holders among many accounts are found fast.
    async fn page_of_holders(
        &mut self,
        role: &RoleName,
        filter: &UserFilter,
        order: &UserOrder,
        limit: usize,
    ) -> Result<Vec<UserRow>, StoreError> {
        let holders = user_roles::table.inner_join(users::table).filter(user_roles::role_name.eq(role.as_str()));
        let holders = holders.select(UserRow::as_select()).into_boxed::<Backend>();
        let page = arrange!(narrow!(holders, filter), order, user_roles::user_id);
        let rows = page.limit(count(limit)).load(self.conn()).await;
        self.settle(rows)
    }
}

impl SqlWork {
    /// Reads the keys that begin with the text, and then their accounts. An account with several of them is found only
    /// at the first: at the one whose previous key sorts before the text.
    ///
    /// These are two statements, because PostgreSQL makes a new plan each time for one over both tables, which takes
    /// longer than running it: a plan for any arguments seems dearer to it.
    async fn page_of_found(
        &mut self,
        search: &SearchKey,
        filter: &UserFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<UserRow>, StoreError> {
        let begin = search.as_str();
        let first_of_account = search_keys::table.select(search_keys::user_id).filter(search_keys::previous.lt(begin));
        let mut found = first_of_account.into_boxed::<Backend>();
        if let Some(end) = end_of_prefix(begin) {
            found = found.filter(search_keys::key.lt(end));
        }
        // One lower bound or the other: of two, SQLite would use the first for its index.
        found = match after.and_then(|after| after.split_once(' ')) {
            Some((id, key)) => {
                let row = sql::<Bool>("(search_keys.key, search_keys.user_id) > (").bind::<Text, _>(text(key));
                found.filter(row.sql(", ").bind::<IdSql, _>(id_key(id)?).sql(")"))
            }
            None => found.filter(search_keys::key.ge(begin)),
        };
        if let Some(is_active) = filter.is_active {
            found = found.filter(search_keys::is_active.eq(is_active));
        }
        if let Some(role) = &filter.role {
            let held = user_roles::table.find((search_keys::user_id, role.as_str()));
            found = found.filter(exists(held));
        }
        if filter.email.is_some() || filter.username.is_some() {
            let named = narrow!(users::table.select(users::id).into_boxed::<Backend>(), filter);
            found = found.filter(search_keys::user_id.eq_any(named));
        }
        let found = found.order((search_keys::key, search_keys::user_id));
        let ids = found.kept_with_limit(limit.next_power_of_two()).load::<Id>(self.conn()).await;
        let mut ids = self.settle(ids)?;
        ids.truncate(limit);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = self.rows_of(&ids).await?;
        rows.sort_by_cached_key(|row| ids.iter().position(|id| *id == row.id));
        Ok(rows)
    }
}

fn id_key(key: &str) -> Result<Id, StoreError> {
    let id: UserId = key.parse().map_err(|error| StoreError::Failed(Box::new(error)))?;
    Ok(id.into())
}

/// The text up to a NUL, which no stored text contains and PostgreSQL does not accept as an argument.
fn text(key: &str) -> &str {
    key.split('\0').next().unwrap_or_default()
}

/// The smallest text that sorts after all texts with this prefix; none if there is no such text.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // The range skips the surrogates, and UTF-8 bytes sort like characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_so_lies_between_the_prefix_and_its_end() {
        assert_eq!(end_of_prefix("ann").as_deref(), Some("ano"));
        assert_eq!(end_of_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(end_of_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end_of_prefix("\u{10ffff}"), None);
        assert_eq!(end_of_prefix(""), None);
    }
}
