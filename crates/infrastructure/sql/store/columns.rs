//! What columns hold: ids and times as this database stores them, and texts that must be read back into values.
use crate::backend::{Backend, IdSql, TimeSql};
use diesel::deserialize::FromSqlRow;
use diesel::expression::{AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Nullable, Text};
use doorward_domain::{AuditEventId, GrantId, SessionId, Timestamp, TokenId, UserId};
use doorward_ports::outbound::StoreError;
use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// A UUID as this database stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = IdSql)]
pub struct Id(pub Uuid);

macro_rules! ids {
    ($($name:ident),*) => {$(
        impl From<$name> for Id {
            fn from(id: $name) -> Self {
                Self(id.as_uuid())
            }
        }

        impl From<Id> for $name {
            fn from(id: Id) -> Self {
                Self::from_uuid(id.0)
            }
        }
    )*};
}
ids!(UserId, SessionId, TokenId, AuditEventId, GrantId);

/// A moment as this database stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = TimeSql)]
pub struct At(pub Timestamp);

/// Where a text was read, to be named when the types forbid it.
pub struct Place<'a> {
    pub table: &'static str,
    pub row: &'a dyn Display,
}

impl Place<'_> {
    pub fn corrupt(&self, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        StoreError::Corrupt { table: self.table, row: self.row.to_string(), source: source.into() }
    }

    pub fn read<T: FromStr<Err: Error + Send + Sync + 'static>>(&self, text: &str) -> Result<T, StoreError> {
        text.parse().map_err(|error| self.corrupt(error))
    }

    pub fn read_some<T: FromStr<Err: Error + Send + Sync + 'static>>(
        &self,
        text: Option<&str>,
    ) -> Result<Option<T>, StoreError> {
        text.map(|text| self.read(text)).transpose()
    }

    /// Reads what one of the lists below answered.
    pub fn read_list<T: FromStr<Err: Error + Send + Sync + 'static>, L: FromIterator<T>>(
        &self,
        list: Option<&str>,
    ) -> Result<L, StoreError> {
        list.unwrap_or_default().split_ascii_whitespace().map(|name| self.read(name)).collect()
    }
}

/// A subquery that answers names with spaces between (none has one), so that a row and what it holds are read by one
/// statement. Diesel's own raw SQL would not be kept prepared.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $sql:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, QueryId)]
        pub struct $name;

        impl Expression for $name {
            type SqlType = Nullable<Text>;
        }

        impl<Source> SelectableExpression<Source> for $name {}
        impl<Source> AppearsOnTable<Source> for $name {}

        impl<Grouping> ValidGrouping<Grouping> for $name {
            type IsAggregate = is_aggregate::No;
        }

        impl QueryFragment<Backend> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> diesel::QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }
    )*};
}

lists! {
    /// The roles of the account in hand.
    RolesOfUser = "(SELECT string_agg(role_name, ' ') FROM user_roles WHERE user_id = users.id)";
    /// The permissions of the role in hand.
    PermissionsOfRole = "(SELECT string_agg(permission_name, ' ') FROM role_permissions WHERE role_name = roles.name)";
    /// The permissions of the account in hand, some of them more than once.
    PermissionsOfUser = "(SELECT string_agg(permission_name, ' ') FROM user_roles \
        JOIN role_permissions ON role_permissions.role_name = user_roles.role_name WHERE user_id = users.id)";
    /// The roles of the client app in hand.
    RolesOfClient = "(SELECT string_agg(role_name, ' ') FROM client_app_roles WHERE client_id = client_apps.id)";
    /// The permissions of the client app in hand, some of them more than once.
    PermissionsOfClient = "(SELECT string_agg(permission_name, ' ') FROM client_app_roles \
        JOIN role_permissions ON role_permissions.role_name = client_app_roles.role_name \
        WHERE client_id = client_apps.id)";
}

/// The condition of the index of the sessions that are not made by Doorward's own sign-in, word for word: written with an
/// argument, no database would see that the index holds all there are.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct OfAnApp;

impl Expression for OfAnApp {
    type SqlType = Bool;
}

impl<Source> SelectableExpression<Source> for OfAnApp {}
impl<Source> AppearsOnTable<Source> for OfAnApp {}

impl<Grouping> ValidGrouping<Grouping> for OfAnApp {
    type IsAggregate = is_aggregate::No;
}

impl QueryFragment<Backend> for OfAnApp {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> diesel::QueryResult<()> {
        out.push_sql("client_id <> 'doorward'");
        Ok(())
    }
}

/// How many rows a page may have, as SQL counts.
pub fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The key after which a page begins; every name sorts after the empty text. No name holds a NUL, and PostgreSQL does not
/// take one as an argument.
pub fn key(after: Option<&str>) -> &str {
    after.unwrap_or_default().split('\0').next().unwrap_or_default()
}
