//! Providers. A new member of [`Provider`] is one line in the row, one in each of its two conversions, and one in the
//! table of `schema.rs`.
use super::columns::{At, TableRow, count, key};
use super::errors::exactly_one;
use super::lookups::LookUp;
use super::schema::providers;
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{LinkingPolicy, Preset, Provider, ProviderKind, ProviderName};
use doorward_ports::outbound::{
    AllProviders, Providers, ProvidersRead, Revocation, StoreError, StoreOperation, StoredProvider,
};
use serde_json::Value;
use std::sync::Arc;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = providers, primary_key(name), check_for_backend(Backend), treat_none_as_null = true)]
struct ProviderRow {
    name: String,
    kind: String,
    preset: Option<String>,
    display_name: String,
    icon: Option<String>,
    issuer: String,
    client_id: String,
    team_id: Option<String>,
    key_id: Option<String>,
    scopes: Value,
    claim_map: Value,
    registration: bool,
    linking: String,
    email_domains: Value,
    tenants: Value,
    hosted_domain: Option<String>,
    roles: Value,
    roles_may_give_admin: bool,
    enabled: bool,
    position: i64,
    sync_profile: bool,
    sealed_secret: Option<Vec<u8>>,
    created_at: At,
    updated_at: At,
    version: i64,
}

impl ProviderRow {
    fn new(stored: &StoredProvider) -> Result<Self, StoreError> {
        let StoredProvider { provider, sealed, created_at, updated_at, version } = stored;
        let failed = |error: serde_json::Error| StoreError::Failed(error.into());
        Ok(Self {
            name: provider.name.to_string(),
            kind: provider.kind.as_str().to_owned(),
            preset: provider.preset.map(|preset| preset.name.to_owned()),
            display_name: provider.display_name.to_string(),
            icon: provider.icon.as_ref().map(ToString::to_string),
            issuer: provider.issuer.to_string(),
            client_id: provider.client_id.to_string(),
            team_id: provider.team_id.as_ref().map(ToString::to_string),
            key_id: provider.key_id.as_ref().map(ToString::to_string),
            scopes: serde_json::to_value(&provider.scopes).map_err(failed)?,
            claim_map: serde_json::to_value(&provider.claim_map).map_err(failed)?,
            registration: provider.registration,
            linking: provider.linking.as_str().to_owned(),
            email_domains: serde_json::to_value(&provider.email_domains).map_err(failed)?,
            tenants: serde_json::to_value(&provider.tenants).map_err(failed)?,
            hosted_domain: provider.hosted_domain.as_ref().map(ToString::to_string),
            roles: serde_json::to_value(&provider.roles).map_err(failed)?,
            roles_may_give_admin: provider.roles_may_give_admin,
            enabled: provider.enabled,
            position: provider.position.into(),
            sync_profile: provider.sync_profile,
            sealed_secret: sealed.clone(),
            created_at: At(*created_at),
            updated_at: At(*updated_at),
            version: *version,
        })
    }

    fn read(self) -> Result<StoredProvider, StoreError> {
        let row = TableRow { table: "providers", row: &self.name };
        let provider = Provider {
            name: row.read(&self.name)?,
            kind: ProviderKind::from_name(&self.kind).ok_or_else(|| row.corrupt("an unknown kind"))?,
            preset: match &self.preset {
                Some(name) => Some(Preset::named(name).ok_or_else(|| row.corrupt("an unknown preset"))?),
                None => None,
            },
            display_name: row.read(&self.display_name)?,
            icon: row.read_some(self.icon.as_deref())?,
            issuer: row.read(&self.issuer)?,
            client_id: row.read(&self.client_id)?,
            team_id: row.read_some(self.team_id.as_deref())?,
            key_id: row.read_some(self.key_id.as_deref())?,
            scopes: serde_json::from_value(self.scopes).map_err(|e| row.corrupt(e))?,
            claim_map: serde_json::from_value(self.claim_map).map_err(|e| row.corrupt(e))?,
            registration: self.registration,
            linking: LinkingPolicy::from_name(&self.linking).ok_or_else(|| row.corrupt("an unknown linking policy"))?,
            email_domains: serde_json::from_value(self.email_domains).map_err(|e| row.corrupt(e))?,
            tenants: serde_json::from_value(self.tenants).map_err(|e| row.corrupt(e))?,
            hosted_domain: row.read_some(self.hosted_domain.as_deref())?,
            roles: serde_json::from_value(self.roles).map_err(|e| row.corrupt(e))?,
            roles_may_give_admin: self.roles_may_give_admin,
            enabled: self.enabled,
            position: self.position.try_into().map_err(|e: std::num::TryFromIntError| row.corrupt(e))?,
            sync_profile: self.sync_profile,
        };
        Ok(StoredProvider {
            provider,
            sealed: self.sealed_secret,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        })
    }
}

#[async_trait]
impl ProvidersRead for SqlWork {
    async fn by_name(&mut self, name: &ProviderName) -> Result<Option<StoredProvider>, StoreError> {
        let row = providers::table.find(name.as_str()).select(ProviderRow::as_select());
        let row = row.get_result(self.conn()).await.optional();
        self.settle(row)?.map(ProviderRow::read).transpose()
    }

    async fn list(&mut self, after: Option<&str>, limit: usize) -> Result<Vec<StoredProvider>, StoreError> {
        let page = providers::table.filter(providers::name.gt(key(after))).order(providers::name);
        let rows = page.limit(count(limit)).select(ProviderRow::as_select()).load(self.conn()).await;
        self.settle(rows)?.into_iter().map(ProviderRow::read).collect()
    }
}

#[async_trait]
impl Providers for SqlWork {
    async fn insert(&mut self, provider: &StoredProvider) -> Result<(), StoreError> {
        let row = ProviderRow::new(provider)?;
        let inserted = diesel::insert_into(providers::table).values(row).execute(self.conn()).await;
        exactly_one(self.settle(inserted)?, "providers", &provider.provider.name)?;
        self.invalidate(Revocation::Providers).await
    }

    async fn lock(&mut self, name: &ProviderName) -> Result<Option<StoredProvider>, StoreError> {
        let row = diesel::update(providers::table.find(name.as_str()));
        let locked = row.set(providers::version.eq(providers::version)).returning(ProviderRow::as_returning());
        let locked = locked.get_result(self.conn()).await.optional();
        self.settle(locked)?.map(ProviderRow::read).transpose()
    }

    async fn update(&mut self, provider: &StoredProvider) -> Result<(), StoreError> {
        let name = &provider.provider.name;
        let changes = ProviderRow { version: provider.version + 1, ..ProviderRow::new(provider)? };
        let row = diesel::update(providers::table.find(name.as_str()));
        let updated = row.set(changes).execute(self.conn()).await;
        exactly_one(self.settle(updated)?, "providers", name)?;
        self.invalidate(Revocation::Providers).await
    }

    async fn delete(&mut self, name: &ProviderName) -> Result<bool, StoreError> {
        let deleted = diesel::delete(providers::table.find(name.as_str())).execute(self.conn()).await;
        let is_gone = self.settle(deleted)? == 1;
        if is_gone {
            self.invalidate(Revocation::Providers).await?;
        }
        Ok(is_gone)
    }
}

#[async_trait]
impl LookUp<AllProviders, Arc<Vec<StoredProvider>>> for SqlWork {
    const OPERATION: StoreOperation = StoreOperation::Providers;

    async fn one(&mut self, _: &AllProviders) -> Result<Option<Arc<Vec<StoredProvider>>>, StoreError> {
        let all = providers::table.order((providers::position, providers::name)).select(ProviderRow::as_select());
        let rows = all.load(self.conn()).await;
        let all: Result<Vec<_>, _> = self.settle(rows)?.into_iter().map(ProviderRow::read).collect();
        Ok(Some(Arc::new(all?)))
    }

    async fn several(
        &mut self,
        keys: &[AllProviders],
    ) -> Result<Vec<(AllProviders, Arc<Vec<StoredProvider>>)>, StoreError> {
        let all = self.one(&AllProviders).await?;
        Ok(keys.iter().copied().zip(all).collect())
    }
}
