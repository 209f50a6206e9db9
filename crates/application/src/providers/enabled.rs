//! The providers that can be used now: those of the settings, and those in the database. A provider of the settings hides
//! one of the same name in the database.
use crate::Tools;
use crate::services::Work;
use doorward_domain::{Provider, ProviderName};
use doorward_ports::outbound::{
    AllProviders, ConfiguredProvider, SealedPlace, SealingError, SecretSealer, StoredProvider,
};
use doorward_ports::{Error, Result, Secret};

impl Tools {
    /// All enabled providers, in the order in which they are offered.
    pub(crate) async fn enabled_providers(&self) -> Result<Vec<Provider>> {
        let stored = self.stored_providers.find(&AllProviders).await?.unwrap_or_default();
        let stored = stored.iter().map(|stored| &stored.provider);
        let stored = stored.filter(|provider| self.providers.of_settings(provider.name.as_str()).is_none());
        let settings = self.providers.configured.iter().map(|configured| &configured.provider);
        let mut enabled: Vec<_> = settings.chain(stored).filter(|provider| provider.enabled).cloned().collect();
        enabled.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
        Ok(enabled)
    }

    /// The enabled provider with this name, with its client secret.
    pub(crate) async fn enabled_provider(&self, name: &str) -> Result<Option<ConfiguredProvider>> {
        if let Some(configured) = self.providers.of_settings(name) {
            return Ok(Some(configured).filter(|configured| configured.provider.enabled).cloned());
        }
        let stored = self.stored_providers.find(&AllProviders).await?.unwrap_or_default();
        let named = stored.iter().find(|stored| stored.provider.name.as_str() == name);
        let enabled = named.filter(|stored| stored.provider.enabled);
        enabled.map(|stored| with_secret(&*self.sealer, stored)).transpose().map_err(Error::internal)
    }
}

/// The enabled provider with this name, as this unit of work sees it.
pub(crate) async fn enabled_in(work: &mut Work<'_>, name: &ProviderName) -> Result<Option<Provider>> {
    let provider = match work.sign_in_providers().of_settings(name.as_str()) {
        Some(configured) => Some(configured.provider.clone()),
        None => work.providers().by_name(name).await?.map(|stored| stored.provider),
    };
    Ok(provider.filter(|provider| provider.enabled))
}

fn place(name: &ProviderName) -> SealedPlace<'_> {
    SealedPlace { table: "providers", row: name.as_str(), column: "sealed_secret" }
}

/// Seals the client secret of a provider for its row.
pub(crate) fn seal_secret(sealer: &dyn SecretSealer, name: &ProviderName, secret: &Secret) -> Vec<u8> {
    sealer.seal(&place(name), secret.expose().as_bytes())
}

/// A provider with its client secret, opened.
pub(crate) fn with_secret(
    sealer: &dyn SecretSealer,
    stored: &StoredProvider,
) -> std::result::Result<ConfiguredProvider, SealingError> {
    let open = |sealed: &Vec<u8>| {
        let secret = sealer.open(&place(&stored.provider.name), sealed)?;
        let text = std::str::from_utf8(&secret).map_err(|_| SealingError::Broken)?;
        Ok(Secret::new(text.to_owned()))
    };
    let client_secret = stored.sealed.as_ref().map(open).transpose()?;
    Ok(ConfiguredProvider { provider: stored.provider.clone(), client_secret })
}
