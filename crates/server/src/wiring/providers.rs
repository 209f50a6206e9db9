//! The providers that people can sign in with.
use super::operator::operator;
use super::provider_secrets::NewestSecrets;
use crate::failure::Failure;
use async_trait::async_trait;
use doorward_application::{Services, SignInProviders};
use doorward_crypto::OsRandom;
use doorward_domain::ProviderName;
use doorward_oidc::{ProviderTools, Providers};
use doorward_outgoing::{Client, Options, Reach};
use doorward_ports::Error;
use doorward_ports::inbound::{ProviderRegistry, Providers as _};
use doorward_ports::outbound::{IdentityProvider, ProviderObserver};
use doorward_settings::Settings;
use doorward_telemetry::metrics::Metrics;
use std::sync::Arc;

/// The providers of the settings, and what reads their secrets again, if there are files to read. Providers on this machine are
/// for development, where people reach Doorward on this machine too.
pub(super) fn sign_in_providers(
    settings: &Settings,
    observer: Arc<dyn ProviderObserver>,
) -> Result<(SignInProviders, Option<Arc<NewestSecrets>>), Failure> {
    let public_url = &settings.http.public_url;
    let reach = Reach { loopback: public_url.is_loopback(), private: false };
    let client = Client::new(&Options { reach, ..Options::default() })
        .map_err(|error| Failure::of(&error, "report this: the certificate authorities are compiled in"))?;
    let protocol = Arc::new(Providers::new(ProviderTools { client, random: Arc::new(OsRandom), observer }));
    let newest = NewestSecrets::of(settings, protocol.clone());
    let providers = SignInProviders {
        configured: settings.providers.clone(),
        protocol: newest.clone().map_or(protocol as Arc<dyn IdentityProvider>, |newest| newest),
        callback: format!("{}/api/v1/auth/callback/", public_url.as_str().trim_end_matches('/')),
        redirect_uris: settings.oauth.allowed_redirect_uris.iter().cloned().collect(),
        loopback: public_url.is_loopback(),
    };
    Ok((providers, newest))
}

/// Finds out whether providers can be used.
#[async_trait]
pub(super) trait ProviderCheck: Send + Sync {
    /// Reads again what they publish.
    async fn check(&self) -> Result<(), Error>;
}

/// Whatever is enabled now, in the settings and in the database.
pub(super) struct CheckEnabled {
    pub services: Arc<Services>,
    pub metrics: Arc<Metrics>,
}

#[async_trait]
impl ProviderCheck for CheckEnabled {
    async fn check(&self) -> Result<(), Error> {
        let caller = operator(&self.services);
        let offered = self.services.offered(&caller).await?;
        // Their sign-ins are counted at once, and not only when the slowest has answered.
        let names: Vec<_> = offered.iter().filter_map(|offered| ProviderName::parse(&offered.name).ok()).collect();
        self.metrics.watch_providers(&names);
        ProviderRegistry::check(&*self.services, &caller).await
    }
}
