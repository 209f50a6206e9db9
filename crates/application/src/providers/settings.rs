use doorward_domain::{ProviderName, RedirectUri};
use doorward_ports::outbound::{ConfiguredProvider, IdentityProvider};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How people sign in with providers, as far as the settings say it; other providers are in the database.
pub struct SignInProviders {
    /// The providers of the settings, enabled or not.
    pub configured: Vec<ConfiguredProvider>,
    /// What speaks with providers.
    pub protocol: Arc<dyn IdentityProvider>,
    /// Where they send their answers, without the name of the provider: it ends in a slash.
    pub callback: String,
    /// The redirect URIs of Doorward's own client.
    pub redirect_uris: BTreeSet<RedirectUri>,
    /// Whether providers on this machine may be used, and plain HTTP with it: while Doorward itself is for this machine
    /// only.
    pub loopback: bool,
}

impl SignInProviders {
    /// The provider of the settings with this name.
    pub(crate) fn of_settings(&self, name: &str) -> Option<&ConfiguredProvider> {
        self.configured.iter().find(|configured| configured.provider.name.as_str() == name)
    }

    /// Where this provider sends its answers.
    pub(crate) fn callback_of(&self, name: &ProviderName) -> String {
        format!("{}{name}", self.callback)
    }
}
