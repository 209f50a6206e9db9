//! Sign-in with providers, as the use cases need it.
mod fault;
mod messages;
mod observer;

pub use fault::{Misconfiguration, Outage, ProviderFault, Untrusted};
pub use messages::{
    AuthorizationAnswer, AuthorizationRequest, CheckedStep, ConfiguredProvider, ProvenEmail, ProvenIdentity,
    ProviderLogout, ProviderStatus, ProviderStep, StepResult,
};
pub use observer::{ProviderCall, ProviderObserver};

use async_trait::async_trait;
use doorward_domain::{ProviderName, Timestamp};

/// Speaks with identity providers: OpenID Connect, and what some providers have in its place. One object serves all
/// providers.
///
/// What a provider publishes (its discovery document and its keys) is kept for a while, by the name and the
/// configuration of the provider, so that a change of the configuration takes effect at the next call.
///
/// No call except [`check`](IdentityProvider::check) takes longer than ten seconds. A provider that has failed several
/// times is not called for a while: calls end at once with [`Outage::CircuitOpen`]. Only requests without an effect are
/// repeated after a failure.
///
/// Only addresses of the public internet are called, over `https`, and no redirect is followed; a provider that
/// requires anything else is [`ProviderFault::Misconfigured`]. Nothing that a provider has sent is in the text of a
/// fault, except the `error` of its answers in the form that RFC 6749 §5.2 allows.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Where the browser goes to sign in: the authorization endpoint of the provider, with a request for a code (OpenID
    /// Connect Core §3.1.2.1) and its PKCE challenge (RFC 7636 §4.3).
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] and [`ProviderFault::Misconfigured`].
    async fn authorization_url(
        &self,
        provider: &ConfiguredProvider,
        request: &AuthorizationRequest,
    ) -> Result<String, ProviderFault>;

    /// Exchanges the code of an answer, and returns whom the provider has authenticated. The code is spent, whatever
    /// the result.
    ///
    /// The identity is the one of a valid ID token: signature, issuer, audience, authorized party, times and nonce are
    /// checked as OpenID Connect Core §3.1.3.7 requires, with a leeway of 60 seconds. Before the code is sent anywhere,
    /// the `iss` of the answer is compared with the issuer (RFC 9207 §2.4).
    ///
    /// # Errors
    /// Each [`ProviderFault`].
    async fn identify(
        &self,
        provider: &ConfiguredProvider,
        answer: &AuthorizationAnswer,
    ) -> Result<ProvenIdentity, ProviderFault>;

    /// Accepts a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). Whether the same token was accepted before
    /// is not checked: the caller knows by [`ProviderLogout::token`].
    ///
    /// # Errors
    /// [`ProviderFault::Untrusted`] if the token is not valid, and the faults of reading the keys.
    async fn logout(
        &self,
        provider: &ConfiguredProvider,
        logout_token: &str,
        now: Timestamp,
    ) -> Result<ProviderLogout, ProviderFault>;

    /// Where the browser goes to sign out at the provider too (OpenID Connect RP-Initiated Logout 1.0 §2), if the
    /// provider supports it. Afterwards it returns to `return_to`, which must be registered there.
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] and [`ProviderFault::Misconfigured`].
    async fn sign_out_url(
        &self,
        provider: &ConfiguredProvider,
        return_to: Option<&str>,
    ) -> Result<Option<String>, ProviderFault>;

    /// Tries what a sign-in needs, step by step, with nothing from memory. Every [`ProviderStep`] is in the result, in
    /// its order; steps after a failed one that they need are skipped.
    async fn check(&self, provider: &ConfiguredProvider, redirect_uri: &str, now: Timestamp) -> Vec<CheckedStep>;

    /// Reads again what these providers publish, and records whether each is available. All other providers are
    /// forgotten.
    async fn refresh(&self, providers: &[ConfiguredProvider], now: Timestamp);

    /// What the last [`refresh`](Self::refresh) has found; nothing for a provider that it did not read.
    fn status(&self, name: &ProviderName) -> Option<ProviderStatus>;
}
