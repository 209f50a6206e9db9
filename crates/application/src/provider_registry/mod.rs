//! The registry of providers: those of the settings, which are shown, and those in the database, which are also changed.
mod change;
mod create;
mod details;
mod query;

use crate::Services;
use crate::fields::Fields;
use crate::services::{Subject, Work};
use crate::subjects;
use async_trait::async_trait;
use doorward_domain::{LinkingPolicy, Provider, ProviderName, RoleName};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{NewProvider, ProviderChange, ProviderRegistry, ProviderSource, RegisteredProvider};
use doorward_ports::outbound::{CheckedStep, ConfiguredProvider, ProviderLinks, StoredProvider};
use doorward_ports::{Caller, Cursor, Error, ErrorCode, Limit, Page, Result, Versions};
use serde_json::Value;

#[async_trait]
impl ProviderRegistry for Services {
    async fn list(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<RegisteredProvider>> {
        query::list(self.authorize(caller, Operation::ListProviders)?, cursor.as_ref(), limit).await
    }

    async fn get(&self, caller: &Caller, name: &str) -> Result<RegisteredProvider> {
        query::get(self.authorize(caller, Operation::ReadProvider)?, name).await
    }

    async fn create(&self, caller: &Caller, provider: NewProvider) -> Result<RegisteredProvider> {
        let name = provider.name.clone();
        let created = create::create(self.authorize(caller, Operation::CreateProvider)?, provider).await;
        self.unless_provider_denied(caller, (Operation::CreateProvider, &name), created).await
    }

    async fn change(
        &self,
        caller: &Caller,
        name: &str,
        change: ProviderChange,
        versions: Option<Versions>,
    ) -> Result<RegisteredProvider> {
        let done = change::change(self.authorize(caller, Operation::ChangeProvider)?, name, change, versions).await;
        self.unless_provider_denied(caller, (Operation::ChangeProvider, name), done).await
    }

    async fn delete(&self, caller: &Caller, name: &str, force: bool) -> Result<()> {
        change::delete(self.authorize(caller, Operation::DeleteProvider)?, name, force).await
    }

    async fn test(&self, caller: &Caller, name: &str) -> Result<Vec<CheckedStep>> {
        query::test(self.authorize(caller, Operation::TestProvider)?, name).await
    }

    async fn check(&self, caller: &Caller) -> Result<()> {
        query::check(self.authorize(caller, Operation::CheckProviders)?).await
    }
}

impl Services {
    /// [`Self::unless_denied`] for a provider. A denied change of a provider had a possible name.
    async fn unless_provider_denied<T>(
        &self,
        caller: &Caller,
        (operation, name): (Operation, &str),
        done: Result<T>,
    ) -> Result<T> {
        let name = ProviderName::parse(name).ok();
        let subject = name.as_ref().map_or(Subject::Unknown, Subject::Provider);
        self.unless_denied(caller, (operation, subject), done).await
    }
}

/// What the audit log shows of a provider.
fn shown(provider: &Provider) -> Result<Value> {
    serde_json::to_value(provider).map_err(Error::internal)
}

fn of_settings(configured: &ConfiguredProvider, redirect_uri: String) -> RegisteredProvider {
    let (provider, has_secret) = (configured.provider.clone(), configured.client_secret.is_some());
    RegisteredProvider { provider, source: ProviderSource::Settings, has_secret, redirect_uri }
}

fn of_database(stored: StoredProvider, redirect_uri: String) -> RegisteredProvider {
    let StoredProvider { provider, sealed, created_at, updated_at, version } = stored;
    let source = ProviderSource::Database { created_at, updated_at, version };
    RegisteredProvider { provider, source, has_secret: sealed.is_some(), redirect_uri }
}

fn provider_not_found() -> Error {
    Error::new(ErrorCode::ProviderNotFound, "There is no provider with this name.")
}

/// The provider in the database with this name, locked until the work ends. A text that is not a possible name gives none.
async fn changeable(work: &mut Work<'_>, name: &str) -> Result<StoredProvider> {
    if work.sign_in_providers().of_settings(name).is_some() {
        return Err(Error::new(
            ErrorCode::ProviderInSettings,
            "This provider is configured in the settings. Change it there, and restart the service.",
        ));
    }
    let name = ProviderName::parse(name).map_err(|_| provider_not_found())?;
    work.providers().lock(&name).await?.ok_or_else(provider_not_found)
}

/// A provider that is trusted to link verified addresses can sign in to nearly every account. So only a caller who could
/// act as every account may configure one: otherwise everybody who may configure providers could take over an
/// administrator's account.
async fn trustable(work: &mut Work<'_>, provider: &Provider) -> Result<()> {
    if !provider.enabled || provider.linking != LinkingPolicy::VerifiedEmail {
        return Ok(());
    }
    let admin = work.roles().role(&RoleName::admin()).await?;
    admin.map_or(Ok(()), |admin| subjects::within_own(work.caller, &admin.permissions))
}

/// A provider with a map gives the roles of it to whom it pleases, and takes them away. So only a caller who could grant each
/// of them may set the map, or change anything of such a provider: another issuer or another claim would give them to others.
/// Everybody who may change providers can disable it.
async fn mappable(work: &mut Work<'_>, before: Option<&Provider>, after: &Provider) -> Result<()> {
    if before.is_some_and(|before| *after == Provider { enabled: false, ..before.clone() }) {
        return Ok(());
    }
    let roles_before = before.map(|before| before.roles.roles()).unwrap_or_default();
    let roles_after = after.roles.roles();
    let mut fields = Fields::default();
    for name in roles_before.union(&roles_after) {
        match work.roles().lock(name).await? {
            Some(role) => subjects::within_own(work.caller, &role.permissions)?,
            // It was deleted since. Whoever makes it anew must find that those get it whom the map was meant for.
            None if !roles_after.contains(name) || before.is_some_and(|before| gives_the_same(before, after)) => {}
            None => fields.refuse("/roles", "role_not_found", &format!("{name} is not a role. Create it first.")),
        }
    }
    fields.finish()
}

/// Whether the same people get the same roles.
fn gives_the_same(before: &Provider, after: &Provider) -> bool {
    let said = |it: &Provider| (it.issuer.clone(), it.tenants.clone(), it.client_id.clone(), it.claim_map.clone());
    said(before) == said(after) && before.roles == after.roles
}

/// Refuses what would take the way in from the people whose identities are linked with the provider.
fn unused(links: ProviderLinks, cure: &str) -> Result<()> {
    let ProviderLinks { identities, only_way } = links;
    if identities == 0 {
        return Ok(());
    }
    let detail = format!(
        "{identities} identities are linked with this provider, and {only_way} accounts have no other way to sign in. {cure}"
    );
    Err(Error::new(ErrorCode::ProviderInUse, detail))
}
