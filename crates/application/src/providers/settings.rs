use doorward_domain::{ProviderName, RedirectUri};
use doorward_ports::outbound::{ConfiguredProvider, IdentityProvider};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The providers that people can sign in with, and how they are reached.
pub struct SignInProviders {
    /// Those that are enabled, in the order in which they are offered.
    pub enabled: Vec<ConfiguredProvider>,
    /// What speaks with them.
    pub protocol: Arc<dyn IdentityProvider>,
    /// Where they send their answers, without the name of the provider: it ends in a slash.
    pub callback: String,
    /// The redirect URIs of Doorward's own client.
    pub redirect_uris: BTreeSet<RedirectUri>,
}

impl SignInProviders {
    /// The enabled provider with this name.
    pub(crate) fn named(&self, name: &str) -> Option<&ConfiguredProvider> {
        self.enabled.iter().find(|configured| configured.provider.name.as_str() == name)
    }

    /// Where this provider sends its answers.
    pub(crate) fn callback_of(&self, name: &ProviderName) -> String {
        format!("{}{name}", self.callback)
    }
}
