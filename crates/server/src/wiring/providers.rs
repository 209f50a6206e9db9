//! The providers that people can sign in with.
use crate::failure::Failure;
use async_trait::async_trait;
use doorward_application::SignInProviders;
use doorward_crypto::OsRandom;
use doorward_oidc::{ProviderTools, Providers};
use doorward_outgoing::{Client, Options, Reach};
use doorward_ports::outbound::{Clock, ProviderObserver};
use doorward_settings::Settings;
use std::sync::Arc;

/// Providers on this machine are for development, where people reach Doorward on this machine too.
pub(super) fn sign_in_providers(
    settings: &Settings,
    observer: Arc<dyn ProviderObserver>,
) -> Result<SignInProviders, Failure> {
    let public_url = &settings.http.public_url;
    let reach = Reach { loopback: public_url.is_loopback(), private: false };
    let client = Client::new(&Options { reach, ..Options::default() })
        .map_err(|error| Failure::of(&error, "report this: the certificate authorities are compiled in"))?;
    let protocol = Providers::new(ProviderTools { client, random: Arc::new(OsRandom), observer });
    let enabled = settings.providers.iter().filter(|configured| configured.provider.enabled);
    Ok(SignInProviders {
        enabled: enabled.cloned().collect(),
        protocol: Arc::new(protocol),
        callback: format!("{}/api/v1/auth/callback/", public_url.as_str().trim_end_matches('/')),
        redirect_uris: settings.oauth.allowed_redirect_uris.iter().cloned().collect(),
    })
}

/// Finds out whether providers can be used.
#[async_trait]
pub(super) trait ProviderCheck: Send + Sync {
    /// Reads again what they publish.
    async fn check(&self);
}

struct Check {
    providers: Arc<SignInProviders>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl ProviderCheck for Check {
    async fn check(&self) {
        self.providers.protocol.refresh(&self.providers.enabled, self.clock.now()).await;
    }
}

/// None if there is no provider.
pub(super) fn check_of(providers: &Arc<SignInProviders>, clock: Arc<dyn Clock>) -> Option<Arc<dyn ProviderCheck>> {
    (!providers.enabled.is_empty())
        .then(|| Arc::new(Check { providers: providers.clone(), clock }) as Arc<dyn ProviderCheck>)
}
