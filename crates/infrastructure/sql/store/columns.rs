//! The contents of columns: ids and times in the form of this database, and texts that must be parsed.
use crate::backend::{Backend, IdSql, TimeSql};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::{AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Nullable, Text};
use doorward_domain::{
    AttemptId, AuditEventId, FactorId, GrantId, IdentityId, MailId, PendingSignInId, SessionId, Timestamp, TokenId,
    UserId,
};
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
ids!(UserId, SessionId, TokenId, AuditEventId, GrantId, AttemptId, IdentityId, FactorId, PendingSignInId, MailId);

/// A moment as this database stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = TimeSql)]
pub struct At(pub Timestamp);

/// An id that may have been tampered with; none if it is no UUID.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub struct AnyId(pub Option<Uuid>);

/// A moment that may have been tampered with; none if it is no moment.
#[derive(Debug, Clone, Copy, FromSqlRow)]
pub struct AnyAt(pub Option<Timestamp>);

impl FromSql<IdSql, Backend> for AnyId {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Id::from_sql(value).ok().map(|id| id.0)))
    }
}

impl FromSql<TimeSql, Backend> for AnyAt {
    fn from_sql(value: <Backend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(At::from_sql(value).ok().map(|at| at.0)))
    }
}

/// The position of a text, for the message if the types forbid it.
pub struct TableRow<'a> {
    pub table: &'static str,
    pub row: &'a dyn Display,
}

impl TableRow<'_> {
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

    /// Parses the result of one of the lists below.
    pub fn read_list<T: FromStr<Err: Error + Send + Sync + 'static>, L: FromIterator<T>>(
        &self,
        list: Option<&str>,
    ) -> Result<L, StoreError> {
        list.unwrap_or_default().split_ascii_whitespace().map(|name| self.read(name)).collect()
    }
}

/// A subquery that returns names separated by spaces (no name contains one), so that a row and its lists are read by
/// one statement. Raw SQL of diesel would not be kept prepared.
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
    /// The roles of the current account.
    RolesOfUser = "(SELECT string_agg(role_name, ' ') FROM user_roles WHERE user_id = users.id)";
    /// The permissions of the current role.
    PermissionsOfRole = "(SELECT string_agg(permission_name, ' ') FROM role_permissions WHERE role_name = roles.name)";
    /// The permissions of the current account, with duplicates.
    PermissionsOfUser = "(SELECT string_agg(permission_name, ' ') FROM user_roles \
        JOIN role_permissions ON role_permissions.role_name = user_roles.role_name WHERE user_id = users.id)";
    /// The roles of the current client app.
    RolesOfClient = "(SELECT string_agg(role_name, ' ') FROM client_app_roles WHERE client_id = client_apps.id)";
    /// The permissions of the current client app, with duplicates.
    PermissionsOfClient = "(SELECT string_agg(permission_name, ' ') FROM client_app_roles \
        JOIN role_permissions ON role_permissions.role_name = client_app_roles.role_name \
        WHERE client_id = client_apps.id)";
}

/// The condition of the index of sessions for other clients than Doorward's own, word for word: with an argument, no
/// database would see that the index contains all of them.
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

/// The number of rows of a page, in the type of SQL.
pub fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The key after which a page begins; every name sorts after the empty text. No name contains a NUL, which PostgreSQL
/// does not accept as an argument.
pub fn key(after: Option<&str>) -> &str {
    after.unwrap_or_default().split('\0').next().unwrap_or_default()
}
