use super::columns::{At, Id, PermissionsOfRole, PermissionsOfUser, TableRow, count, key};
use super::errors::exactly_one;
use super::lookups::LookUp;
use super::schema::{permissions, role_permissions, roles, users};
use super::work::SqlWork;
use crate::backend::{Backend, insert_rows};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{Description, Permission, PermissionEntry, PermissionSet, Role, RoleName, Timestamp, UserId};
use doorward_ports::outbound::{Revocation, Roles, RolesRead, StoreError, StoreOperation};

#[derive(Queryable, Selectable)]
#[diesel(table_name = roles, check_for_backend(Backend))]
struct RoleRow {
    name: String,
    description: Option<String>,
    created_at: At,
    updated_at: At,
    version: i64,
    #[diesel(select_expression = PermissionsOfRole, select_expression_type = PermissionsOfRole)]
    permissions: Option<String>,
}

impl RoleRow {
    fn read(self) -> Result<Role, StoreError> {
        let row = TableRow { table: "roles", row: &self.name };
        Ok(Role {
            name: row.read(&self.name)?,
            description: row.read_some(self.description.as_deref())?,
            permissions: row.read_list(self.permissions.as_deref())?,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = permissions, check_for_backend(Backend))]
struct PermissionRow {
    name: String,
    description: Option<String>,
    created_at: At,
}

impl PermissionRow {
    fn read(self) -> Result<PermissionEntry, StoreError> {
        let row = TableRow { table: "permissions", row: &self.name };
        Ok(PermissionEntry {
            name: row.read(&self.name)?,
            description: row.read_some(self.description.as_deref())?,
            created_at: self.created_at.0,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = role_permissions, treat_none_as_default_value = false)]
struct AllowedRow {
    role_name: String,
    permission_name: String,
}

impl AllowedRow {
    fn new(role: &RoleName, permission: &Permission) -> Self {
        Self { role_name: role.to_string(), permission_name: permission.to_string() }
    }
}

#[async_trait]
impl RolesRead for SqlWork {
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        let row = roles::table.find(name.as_str()).select(RoleRow::as_select());
        let row = row.get_result(self.conn()).await.optional();
        self.settle(row)?.map(RoleRow::read).transpose()
    }

    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<Role>, StoreError> {
        let page = roles::table.filter(roles::name.gt(key(after))).order(roles::name).limit(count(limit));
        let rows = page.select(RoleRow::as_select()).load(self.conn()).await;
        self.settle(rows)?.into_iter().map(RoleRow::read).collect()
    }

    async fn permission(&mut self, name: &Permission) -> Result<Option<PermissionEntry>, StoreError> {
        let row = permissions::table.find(name.as_str()).select(PermissionRow::as_select());
        let row = row.get_result(self.conn()).await.optional();
        self.settle(row)?.map(PermissionRow::read).transpose()
    }

    async fn permissions(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<PermissionEntry>, StoreError> {
        let page = permissions::table.filter(permissions::name.gt(key(after))).order(permissions::name);
        let rows = page.limit(count(limit)).select(PermissionRow::as_select()).load(self.conn()).await;
        self.settle(rows)?.into_iter().map(PermissionRow::read).collect()
    }

    async fn permissions_of(&mut self, user: UserId) -> Result<PermissionSet, StoreError> {
        let names = users::table.find(Id::from(user)).select(PermissionsOfUser);
        let names = names.get_result::<Option<String>>(self.conn()).await.optional();
        let names = self.settle(names)?.flatten();
        TableRow { table: "role_permissions", row: &user }.read_list(names.as_deref())
    }
}

#[async_trait]
impl LookUp<RoleName, Role> for SqlWork {
    const OPERATION: StoreOperation = StoreOperation::Role;

    async fn one(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        RolesRead::role(self, name).await
    }

    async fn several(&mut self, names: &[RoleName]) -> Result<Vec<(RoleName, Role)>, StoreError> {
        let rows = roles::table.filter(roles::name.eq_any(names.iter().map(RoleName::as_str)));
        let rows = rows.select(RoleRow::as_select()).load(self.conn()).await;
        let read = |row: RoleRow| row.read().map(|role| (role.name.clone(), role));
        self.settle(rows)?.into_iter().map(read).collect()
    }
}

#[async_trait]
impl Roles for SqlWork {
    async fn insert(&mut self, role: &Role) -> Result<(), StoreError> {
        let row = (
            roles::name.eq(role.name.as_str()),
            roles::description.eq(role.description.as_ref().map(Description::as_str)),
            roles::created_at.eq(At(role.created_at)),
            roles::updated_at.eq(At(role.updated_at)),
            roles::version.eq(role.version),
        );
        let inserted = diesel::insert_into(roles::table).values(row).execute(self.conn()).await;
        self.settle(inserted)?;
        // A cache may contain that this role does not exist.
        self.invalidate(Revocation::Roles).await?;
        if role.permissions.is_empty() {
            return Ok(());
        }
        let rows: Vec<AllowedRow> = role.permissions.iter().map(|held| AllowedRow::new(&role.name, held)).collect();
        let inserted = insert_rows!(self.conn(), role_permissions::table, rows);
        self.settle(inserted).map(|_| ())
    }

    async fn lock(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        let row = diesel::update(roles::table.find(name.as_str()));
        let locked = row.set(roles::version.eq(roles::version)).execute(self.conn()).await;
        // A second statement, because RETURNING would see the permissions from before the wait.
        if self.settle(locked)? == 0 { Ok(None) } else { self.role(name).await }
    }

    async fn update(&mut self, role: &Role) -> Result<(), StoreError> {
        let changes = (
            roles::description.eq(role.description.as_ref().map(Description::as_str)),
            roles::updated_at.eq(At(role.updated_at)),
            roles::version.eq(roles::version + 1),
        );
        let row = diesel::update(roles::table.find(role.name.as_str()));
        let updated = row.set(changes).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "roles", &role.name)?;
        self.invalidate(Revocation::Roles).await
    }

    async fn delete(&mut self, name: &RoleName) -> Result<bool, StoreError> {
        let deleted = diesel::delete(roles::table.find(name.as_str())).execute(self.conn()).await;
        let touched = self.settle(deleted)?;
        self.invalidate_all(touched).await
    }

    async fn grant_permission(
        &mut self,
        role: &RoleName,
        permission: &Permission,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(role_permissions::table).values(AllowedRow::new(role, permission));
        let allowed = insert.on_conflict_do_nothing().execute(self.conn()).await;
        let touched = self.settle(allowed)?;
        self.count_permission_change(touched, role, at).await
    }

    async fn revoke_permission(
        &mut self,
        role: &RoleName,
        permission: &Permission,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let held = role_permissions::table.find((role.as_str(), permission.as_str()));
        let disallowed = diesel::delete(held).execute(self.conn()).await;
        let touched = self.settle(disallowed)?;
        self.count_permission_change(touched, role, at).await
    }

    async fn insert_permission(&mut self, entry: &PermissionEntry) -> Result<(), StoreError> {
        let row = (
            permissions::name.eq(entry.name.as_str()),
            permissions::description.eq(entry.description.as_ref().map(Description::as_str)),
            permissions::created_at.eq(At(entry.created_at)),
        );
        let inserted = diesel::insert_into(permissions::table).values(row).execute(self.conn()).await;
        self.settle(inserted).map(|_| ())
    }

    async fn delete_permission(&mut self, name: &Permission) -> Result<bool, StoreError> {
        let deleted = diesel::delete(permissions::table.find(name.as_str())).execute(self.conn()).await;
        let touched = self.settle(deleted)?;
        self.invalidate_all(touched).await
    }
}

impl SqlWork {
    /// Increments the version if a permission was granted or revoked, and returns whether.
    async fn count_permission_change(
        &mut self,
        touched: usize,
        role: &RoleName,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        if touched == 0 {
            return Ok(false);
        }
        let change = (roles::version.eq(roles::version + 1), roles::updated_at.eq(At(at)));
        let updated = diesel::update(roles::table.find(role.as_str())).set(change).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "roles", role)?;
        self.invalidate_all(touched).await
    }

    /// Invalidates everything if the permissions of a role have changed; returns whether. The holders of the role are
    /// not looked up, because this is rare.
    async fn invalidate_all(&mut self, touched: usize) -> Result<bool, StoreError> {
        if touched > 0 {
            self.invalidate(Revocation::Everyone).await?;
        }
        Ok(touched > 0)
    }
}
