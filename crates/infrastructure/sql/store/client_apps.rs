use super::columns::{At, Id, PermissionsOfClient, RolesOfClient, TableRow, count, key};
use super::errors::exactly_one;
use super::lookups::LookUp;
use super::schema::{client_app_roles, client_apps};
use super::work::SqlWork;
use crate::backend::{Backend, insert_rows};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{ClientApp, ClientId, ClientKind, GrantId, PermissionSet, RoleName, Timestamp};
use doorward_ports::Rights;
use doorward_ports::SecretDigest;
use doorward_ports::outbound::{
    ClientApps, ClientAppsRead, KnownClient, LiveClient, Revocation, StoreError, StoreOperation,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Queryable, Selectable)]
#[diesel(table_name = client_apps, check_for_backend(Backend))]
struct ClientAppRow {
    id: String,
    name: String,
    kind: String,
    secret_digest: Option<String>,
    redirect_uris: Value,
    origins: Value,
    is_active: bool,
    grant_id: Id,
    created_at: At,
    updated_at: At,
    version: i64,
    #[diesel(select_expression = RolesOfClient, select_expression_type = RolesOfClient)]
    roles: Option<String>,
}

impl ClientAppRow {
    fn read(self) -> Result<KnownClient, StoreError> {
        let row = TableRow { table: "client_apps", row: &self.id };
        let kind = ClientKind::from_name(&self.kind).ok_or_else(|| row.corrupt("an unknown kind"))?;
        let digest = |text: String| SecretDigest::from_text(&text).ok_or_else(|| row.corrupt("no digest"));
        let secret = self.secret_digest.map(digest).transpose()?;
        let app = ClientApp {
            id: row.read(&self.id)?,
            name: row.read(&self.name)?,
            kind,
            redirect_uris: serde_json::from_value(self.redirect_uris).map_err(|e| row.corrupt(e))?,
            origins: serde_json::from_value(self.origins).map_err(|e| row.corrupt(e))?,
            roles: row.read_list(self.roles.as_deref())?,
            is_active: self.is_active,
            grant: self.grant_id.into(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        };
        Ok(KnownClient { app, secret })
    }
}

#[derive(Insertable)]
#[diesel(table_name = client_app_roles, treat_none_as_default_value = false)]
struct HeldRow {
    client_id: String,
    role_name: String,
}

fn list_of<T: AsRef<str>>(texts: &BTreeSet<T>) -> Value {
    texts.iter().map(AsRef::as_ref).collect()
}

#[async_trait]
impl ClientAppsRead for SqlWork {
    async fn by_id(&mut self, id: &ClientId) -> Result<Option<KnownClient>, StoreError> {
        let row = client_apps::table.find(id.as_str()).select(ClientAppRow::as_select());
        let row = row.get_result(self.conn()).await.optional();
        self.settle(row)?.map(ClientAppRow::read).transpose()
    }

    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<ClientApp>, StoreError> {
        let page = client_apps::table.filter(client_apps::id.gt(key(after))).order(client_apps::id);
        let rows = page.limit(count(limit)).select(ClientAppRow::as_select()).load(self.conn()).await;
        self.settle(rows)?.into_iter().map(|row| Ok(row.read()?.app)).collect()
    }

    async fn permissions_of(&mut self, id: &ClientId) -> Result<PermissionSet, StoreError> {
        let names = client_apps::table.find(id.as_str()).select(PermissionsOfClient);
        let names = names.get_result::<Option<String>>(self.conn()).await.optional();
        let names = self.settle(names)?.flatten();
        TableRow { table: "role_permissions", row: &id }.read_list(names.as_deref())
    }
}

#[async_trait]
impl ClientApps for SqlWork {
    async fn insert(&mut self, app: &ClientApp, secret: Option<&SecretDigest>) -> Result<(), StoreError> {
        let row = (
            client_apps::id.eq(app.id.as_str()),
            client_apps::name.eq(app.name.as_str()),
            client_apps::kind.eq(app.kind.as_str()),
            client_apps::secret_digest.eq(secret.map(SecretDigest::to_text)),
            client_apps::redirect_uris.eq(list_of(&app.redirect_uris)),
            client_apps::origins.eq(list_of(&app.origins)),
            client_apps::is_active.eq(app.is_active),
            client_apps::grant_id.eq(Id::from(app.grant)),
            client_apps::created_at.eq(At(app.created_at)),
            client_apps::updated_at.eq(At(app.updated_at)),
            client_apps::version.eq(app.version),
        );
        let inserted = diesel::insert_into(client_apps::table).values(row).execute(self.conn()).await;
        self.settle(inserted)?;
        self.give_client_roles(&app.id, &app.roles).await
    }

    async fn lock(&mut self, id: &ClientId) -> Result<Option<ClientApp>, StoreError> {
        let row = diesel::update(client_apps::table.find(id.as_str()));
        let locked = row.set(client_apps::version.eq(client_apps::version)).execute(self.conn()).await;
        // A second statement, because RETURNING would see the roles from before the wait.
        if self.settle(locked)? == 0 { Ok(None) } else { Ok(self.by_id(id).await?.map(|known| known.app)) }
    }

    async fn update(&mut self, app: &ClientApp) -> Result<(), StoreError> {
        self.invalidate_client(&app.id).await?;
        let changes = (
            client_apps::name.eq(app.name.as_str()),
            client_apps::redirect_uris.eq(list_of(&app.redirect_uris)),
            client_apps::origins.eq(list_of(&app.origins)),
            client_apps::is_active.eq(app.is_active),
            client_apps::grant_id.eq(Id::from(app.grant)),
            client_apps::updated_at.eq(At(app.updated_at)),
            client_apps::version.eq(client_apps::version + 1),
        );
        let row = diesel::update(client_apps::table.find(app.id.as_str()));
        let updated = row.set(changes).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "client_apps", &app.id)?;
        let held = client_app_roles::table.filter(client_app_roles::client_id.eq(app.id.as_str()));
        let taken = diesel::delete(held).execute(self.conn()).await;
        self.settle(taken)?;
        self.give_client_roles(&app.id, &app.roles).await
    }

    async fn set_secret(&mut self, id: &ClientId, secret: &SecretDigest, at: Timestamp) -> Result<(), StoreError> {
        let changes = (
            client_apps::secret_digest.eq(Some(secret.to_text())),
            client_apps::updated_at.eq(At(at)),
            client_apps::version.eq(client_apps::version + 1),
        );
        let row = diesel::update(client_apps::table.find(id.as_str()));
        let updated = row.set(changes).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "client_apps", id)
    }

    async fn delete(&mut self, id: &ClientId) -> Result<bool, StoreError> {
        self.invalidate_client(id).await?;
        let deleted = diesel::delete(client_apps::table.find(id.as_str())).execute(self.conn()).await;
        Ok(self.settle(deleted)? == 1)
    }
}

impl SqlWork {
    async fn give_client_roles(&mut self, id: &ClientId, roles: &BTreeSet<RoleName>) -> Result<(), StoreError> {
        if roles.is_empty() {
            return Ok(());
        }
        let row = |role: &RoleName| HeldRow { client_id: id.to_string(), role_name: role.to_string() };
        let rows: Vec<HeldRow> = roles.iter().map(row).collect();
        let given = insert_rows!(self.conn(), client_app_roles::table, rows);
        self.settle(given).map(|_| ())
    }

    /// Cached entries of the app have the grant from before the change as their key.
    async fn invalidate_client(&mut self, id: &ClientId) -> Result<(), StoreError> {
        let grant = client_apps::table.find(id.as_str()).select(client_apps::grant_id);
        let grant = grant.get_result::<Id>(self.conn()).await.optional();
        match self.settle(grant)? {
            Some(grant) => self.invalidate(Revocation::Client(grant.into())).await,
            None => Ok(()),
        }
    }
}

type LiveRow = (Id, String, Option<String>, Option<String>);

#[diesel::dsl::auto_type]
fn live_clients() -> _ {
    client_apps::table.filter(client_apps::is_active.eq(true)).select((
        client_apps::grant_id,
        client_apps::id,
        RolesOfClient,
        PermissionsOfClient,
    ))
}

#[async_trait]
impl LookUp<GrantId, LiveClient> for SqlWork {
    const OPERATION: StoreOperation = StoreOperation::ClientState;

    async fn one(&mut self, grant: &GrantId) -> Result<Option<LiveClient>, StoreError> {
        let row = live_clients().filter(client_apps::grant_id.eq(Id::from(*grant)));
        let row = row.get_result::<LiveRow>(self.conn()).await.optional();
        Ok(self.settle(row)?.map(read_live).transpose()?.map(|(_, client)| client))
    }

    async fn several(&mut self, grants: &[GrantId]) -> Result<Vec<(GrantId, LiveClient)>, StoreError> {
        let rows = live_clients().filter(client_apps::grant_id.eq_any(grants.iter().map(|&grant| Id::from(grant))));
        let rows = rows.load::<LiveRow>(self.conn()).await;
        self.settle(rows)?.into_iter().map(read_live).collect()
    }
}

fn read_live((grant, id, roles, permissions): LiveRow) -> Result<(GrantId, LiveClient), StoreError> {
    let row = TableRow { table: "client_apps", row: &id };
    let (roles, permissions) = (row.read_list(roles.as_deref())?, row.read_list(permissions.as_deref())?);
    Ok((grant.into(), LiveClient { id: row.read(&id)?, rights: Arc::new(Rights { roles, permissions }) }))
}
