mod list;

use super::columns::{At, Id, PermissionsOfUser, RolesOfUser, TableRow};
use super::errors::exactly_one;
use super::kept::Keep;
use super::lookups::LookUp;
use super::schema::{search_keys, user_roles, users};
use super::work::SqlWork;
use crate::backend::{Backend, insert_rows};
use async_trait::async_trait;
use diesel::dsl::{case_when, max};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use doorward_domain::{
    ExternalId, Identifier, Locale, PermissionSet, PersonName, RoleName, SearchKey, Timestamp, User, UserId, Username,
};
use doorward_ports::outbound::{
    Credentials, PasswordHash, Revocation, StoreError, StoreOperation, UserFilter, UserOrder, Users, UsersRead,
};
use std::sync::Arc;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Backend))]
struct UserRow {
    id: Id,
    email: String,
    email_verified: bool,
    username: Option<String>,
    full_name: Option<String>,
    locale: Option<String>,
    is_active: bool,
    external_id: Option<String>,
    created_at: At,
    updated_at: At,
    last_sign_in_at: Option<At>,
    version: i64,
    must_change_password: bool,
    #[diesel(select_expression = RolesOfUser, select_expression_type = RolesOfUser)]
    roles: Option<String>,
}

impl UserRow {
    fn read(self) -> Result<User, StoreError> {
        let row = TableRow { table: "users", row: &self.id.0 };
        Ok(User {
            id: self.id.into(),
            email: row.read(&self.email)?,
            email_verified: self.email_verified,
            username: row.read_some(self.username.as_deref())?,
            full_name: row.read_some(self.full_name.as_deref())?,
            locale: row.read_some(self.locale.as_deref())?,
            is_active: self.is_active,
            must_change_password: self.must_change_password,
            roles: row.read_list(self.roles.as_deref())?,
            external_id: row.read_some(self.external_id.as_deref())?,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            last_sign_in_at: self.last_sign_in_at.map(|at| at.0),
            version: self.version,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = user_roles, treat_none_as_default_value = false)]
struct GrantRow {
    user_id: Id,
    role_name: String,
    granted_at: At,
}

#[derive(Insertable)]
#[diesel(table_name = search_keys, treat_none_as_default_value = false)]
struct SearchKeyRow {
    user_id: Id,
    key: String,
    previous: String,
    is_active: bool,
}

/// The credentials of the account with this name, or else of the next one, or of the last: a row is read in any case,
/// because reading one takes a time that can be measured from outside and would reveal that the account exists.
macro_rules! at_or_after {
    ($column:expr, $name:expr) => {{
        let (column, name) = ($column.nullable(), $name.as_str().into_sql::<Nullable<Text>>());
        let everybody = diesel::alias!(users as everybody);
        let last = everybody.select(max(everybody.field($column))).single_value();
        let first = case_when(last.lt(name), last).otherwise(name);
        users::table.filter(column.ge(first)).order(column).select((column, users::id, users::password_hash))
    }};
}

#[async_trait]
impl UsersRead for SqlWork {
    async fn by_id(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = users::table.find(Id::from(id)).select(UserRow::as_select());
        let row = row.get_result(self.conn()).await.optional();
        self.settle(row)?.map(UserRow::read).transpose()
    }

    async fn with_permissions(&mut self, id: UserId) -> Result<Option<(User, PermissionSet)>, StoreError> {
        let row = users::table.find(Id::from(id)).select((UserRow::as_select(), PermissionsOfUser));
        let row = row.get_result::<(UserRow, Option<String>)>(self.conn()).await.optional();
        let Some((user, permissions)) = self.settle(row)? else { return Ok(None) };
        let permissions = TableRow { table: "role_permissions", row: &id }.read_list(permissions.as_deref())?;
        Ok(Some((user.read()?, permissions)))
    }

    async fn credentials(&mut self, identifier: &Identifier) -> Result<Option<Credentials>, StoreError> {
        let (name, row) = match identifier {
            Identifier::Email(email) => (email.as_str(), at_or_after!(users::email, email).first(self.conn()).await),
            Identifier::Username(name) => (name.as_str(), at_or_after!(users::username, name).first(self.conn()).await),
        };
        let row: Option<(Option<String>, Id, Option<String>)> = self.settle(row.optional())?;
        let its_own = row.filter(|(found, ..)| found.as_deref() == Some(name));
        Ok(its_own.map(|(_, id, hash)| Credentials { user: id.into(), password: hash.map(PasswordHash::from_stored) }))
    }

    async fn password(&mut self, id: UserId) -> Result<Option<PasswordHash>, StoreError> {
        let row = users::table.find(Id::from(id)).select(users::password_hash);
        let row = row.get_result::<Option<String>>(self.conn()).await.optional();
        Ok(self.settle(row)?.flatten().map(PasswordHash::from_stored))
    }

    async fn list(&mut self, filter: &UserFilter, order: &UserOrder, limit: usize) -> Result<Vec<User>, StoreError> {
        self.page_of_users(filter, order, limit).await?.into_iter().map(UserRow::read).collect()
    }

    async fn active_holders(&mut self, role: &RoleName) -> Result<u64, StoreError> {
        let holders = user_roles::table.inner_join(users::table);
        let active = holders.filter(user_roles::role_name.eq(role.as_str())).filter(users::is_active.eq(true)).count();
        let count = active.get_result::<i64>(self.conn()).await;
        Ok(u64::try_from(self.settle(count)?).expect("no count is negative"))
    }

    async fn any(&mut self) -> Result<bool, StoreError> {
        let some = users::table.select(users::id).first::<Id>(self.conn()).await.optional();
        Ok(self.settle(some)?.is_some())
    }
}

#[async_trait]
impl LookUp<UserId, Arc<User>> for SqlWork {
    const OPERATION: StoreOperation = StoreOperation::User;

    async fn one(&mut self, id: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(UsersRead::by_id(self, *id).await?.map(Arc::new))
    }

    async fn several(&mut self, ids: &[UserId]) -> Result<Vec<(UserId, Arc<User>)>, StoreError> {
        let ids: Vec<Id> = ids.iter().map(|&id| id.into()).collect();
        let read = |row: UserRow| row.read().map(|user| (user.id, Arc::new(user)));
        self.rows_of(&ids).await?.into_iter().map(read).collect()
    }
}

#[async_trait]
impl Users for SqlWork {
    async fn insert(&mut self, user: &User, password: Option<&PasswordHash>) -> Result<(), StoreError> {
        let row = (
            users::id.eq(Id::from(user.id)),
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            users::username.eq(user.username.as_ref().map(Username::as_str)),
            users::full_name.eq(user.full_name.as_ref().map(PersonName::as_str)),
            users::locale.eq(user.locale.as_ref().map(Locale::as_str)),
            users::is_active.eq(user.is_active),
            users::external_id.eq(user.external_id.as_ref().map(ExternalId::as_str)),
            users::password_hash.eq(password.map(PasswordHash::as_stored)),
            users::created_at.eq(At(user.created_at)),
            users::updated_at.eq(At(user.updated_at)),
            users::last_sign_in_at.eq(user.last_sign_in_at.map(At)),
            users::version.eq(user.version),
            users::must_change_password.eq(user.must_change_password),
        );
        let inserted = diesel::insert_into(users::table).values(row).execute(self.conn()).await;
        self.settle(inserted)?;
        self.insert_search_keys(user).await?;
        if user.roles.is_empty() { Ok(()) } else { self.insert_grants(user).await }
    }

    async fn lock(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = diesel::update(users::table.find(Id::from(id)));
        let locked = row.set(users::version.eq(users::version)).kept().execute(self.conn()).await;
        // A second statement, because RETURNING would see the roles from before the wait for the lock.
        if self.settle(locked)? == 0 { Ok(None) } else { UsersRead::by_id(self, id).await }
    }

    async fn update(&mut self, user: &User) -> Result<(), StoreError> {
        let before = users::table.find(Id::from(user.id)).select((users::is_active, users::must_change_password));
        let before = before.get_result::<(bool, bool)>(self.conn()).await.optional();
        let before = self.settle(before)?;
        let changes = (
            users::email.eq(user.email.as_str()),
            users::email_verified.eq(user.email_verified),
            users::username.eq(user.username.as_ref().map(Username::as_str)),
            users::full_name.eq(user.full_name.as_ref().map(PersonName::as_str)),
            users::locale.eq(user.locale.as_ref().map(Locale::as_str)),
            users::is_active.eq(user.is_active),
            users::external_id.eq(user.external_id.as_ref().map(ExternalId::as_str)),
            users::created_at.eq(At(user.created_at)),
            users::updated_at.eq(At(user.updated_at)),
            users::version.eq(users::version + 1),
            users::must_change_password.eq(user.must_change_password),
        );
        let updated = diesel::update(users::table.find(Id::from(user.id))).set(changes).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "users", &user.id)?;
        let keys_before = search_keys::table.filter(search_keys::user_id.eq(Id::from(user.id)));
        let deleted = diesel::delete(keys_before).execute(self.conn()).await;
        self.settle(deleted)?;
        self.insert_search_keys(user).await?;
        // Of the changed properties, only these affect sessions.
        let sessions_too = before != Some((user.is_active, user.must_change_password));
        let told = if sessions_too { Revocation::User } else { Revocation::Account };
        self.invalidate(told(user.id)).await
    }

    async fn set_password(&mut self, id: UserId, password: &PasswordHash) -> Result<(), StoreError> {
        let row = diesel::update(users::table.find(Id::from(id)));
        let updated = row.set(users::password_hash.eq(password.as_stored())).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "users", &id)
    }

    async fn remove_password(&mut self, id: UserId) -> Result<(), StoreError> {
        let row = diesel::update(users::table.find(Id::from(id)));
        let updated = row.set(users::password_hash.eq(None::<String>)).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "users", &id)
    }

    async fn note_sign_in(&mut self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        let row = diesel::update(users::table.find(Id::from(id)));
        let updated = row.set(users::last_sign_in_at.eq(At(at))).kept().execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "users", &id)?;
        self.invalidate(Revocation::Account(id)).await
    }

    async fn delete(&mut self, id: UserId) -> Result<bool, StoreError> {
        let deleted = diesel::delete(users::table.find(Id::from(id))).execute(self.conn()).await;
        let deleted = self.settle(deleted)? == 1;
        if deleted {
            self.invalidate(Revocation::User(id)).await?;
        }
        Ok(deleted)
    }

    async fn grant(&mut self, id: UserId, role: &RoleName, at: Timestamp) -> Result<bool, StoreError> {
        let row = GrantRow { user_id: id.into(), role_name: role.to_string(), granted_at: At(at) };
        let insert = diesel::insert_into(user_roles::table).values(row).on_conflict_do_nothing();
        let granted = insert.execute(self.conn()).await;
        let touched = self.settle(granted)?;
        self.count_role_change(touched, id, at).await
    }

    async fn revoke(&mut self, id: UserId, role: &RoleName, at: Timestamp) -> Result<bool, StoreError> {
        let held = user_roles::table.find((Id::from(id), role.as_str()));
        let revoked = diesel::delete(held).execute(self.conn()).await;
        let touched = self.settle(revoked)?;
        self.count_role_change(touched, id, at).await
    }
}

impl SqlWork {
    /// Reads these accounts, in no order.
    async fn rows_of(&mut self, ids: &[Id]) -> Result<Vec<UserRow>, StoreError> {
        let rows = users::table.filter(users::id.eq_any(ids.iter().copied())).select(UserRow::as_select());
        let rows = rows.load(self.conn()).await;
        self.settle(rows)
    }

    async fn insert_search_keys(&mut self, user: &User) -> Result<(), StoreError> {
        let keys = SearchKey::of(user);
        let previous = std::iter::once("").chain(keys.iter().map(SearchKey::as_str));
        let row = |(key, previous): (&SearchKey, &str)| SearchKeyRow {
            user_id: user.id.into(),
            key: key.as_str().to_owned(),
            previous: previous.to_owned(),
            is_active: user.is_active,
        };
        let rows: Vec<SearchKeyRow> = keys.iter().zip(previous).map(row).collect();
        let inserted = insert_rows!(self.conn(), search_keys::table, rows);
        self.settle(inserted).map(|_| ())
    }

    async fn insert_grants(&mut self, user: &User) -> Result<(), StoreError> {
        let grant = |role: &RoleName| GrantRow {
            user_id: user.id.into(),
            role_name: role.to_string(),
            granted_at: At(user.created_at),
        };
        let rows: Vec<GrantRow> = user.roles.iter().map(grant).collect();
        let inserted = insert_rows!(self.conn(), user_roles::table, rows);
        self.settle(inserted).map(|_| ())
    }

    /// Increments the version if a role was granted or revoked, and returns whether.
    async fn count_role_change(&mut self, touched: usize, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
        if touched == 0 {
            return Ok(false);
        }
        let change = (users::version.eq(users::version + 1), users::updated_at.eq(At(at)));
        let updated = diesel::update(users::table.find(Id::from(id))).set(change).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "users", &id)?;
        self.invalidate(Revocation::User(id)).await?;
        Ok(true)
    }
}
