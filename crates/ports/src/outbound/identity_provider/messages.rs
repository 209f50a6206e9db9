use super::ProviderFault;
use crate::Secret;
use doorward_domain::{Email, Provider, Timestamp};
use std::fmt;

/// A provider with what is needed to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredProvider {
    /// Its configuration.
    pub provider: Provider,
    /// The client secret that it has issued for Doorward; a public client has none. If that is signed for each use,
    /// it is the private key that signs it (PKCS#8, PEM).
    pub client_secret: Option<Secret>,
}

/// What begins a sign-in with a provider. All values are new for each attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// `state` (RFC 6749 §4.1.1).
    pub state: String,
    /// `nonce` (OpenID Connect Core §3.1.2.1).
    pub nonce: String,
    /// `code_challenge`, of the method S256 (RFC 7636 §4.2).
    pub code_challenge: String,
    /// Doorward's own callback, as it is registered at the provider.
    pub redirect_uri: String,
    /// `login_hint`: whom the provider should ask to sign in.
    pub login_hint: Option<String>,
}

/// What a provider has answered, and what the attempt knows. Its `state` was already compared.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationAnswer {
    /// `code`.
    pub code: Secret,
    /// `iss` (RFC 9207 §2).
    pub issuer: Option<String>,
    /// The verifier of the challenge that was sent.
    pub code_verifier: Secret,
    /// The nonce that was sent.
    pub nonce: String,
    /// The redirect URI that was sent.
    pub redirect_uri: String,
    /// The current time.
    pub now: Timestamp,
}

impl fmt::Debug for AuthorizationAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationAnswer")
            .field("issuer", &self.issuer)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Whom a provider has authenticated. The key of an identity is (issuer, subject), and never the e-mail address.
///
/// Its `Debug` shows nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub struct ProvenIdentity {
    /// The issuer of the person's own tenant, as the token names it.
    pub issuer: String,
    /// The subject: unique within the issuer, and never assigned to another person.
    pub subject: String,
    /// The e-mail address, if the provider has stated a well-formed one.
    pub email: Option<ProvenEmail>,
    /// The full name, as the provider has stated it; it may be one that no account can have.
    pub full_name: Option<String>,
    /// The username, as the provider has stated it.
    pub username: Option<String>,
    /// The language tag, as the provider has stated it.
    pub locale: Option<String>,
    /// The groups at the provider; none if it has left them out because there are too many, so that nothing is known.
    pub groups: Option<Vec<String>>,
    /// The session at the provider, `sid` (OpenID Connect Back-Channel Logout 1.0 §2.1).
    pub session: Option<String>,
    /// When the provider has authenticated the person, if it states that.
    pub authenticated_at: Option<Timestamp>,
    /// How the provider has authenticated the person (RFC 8176).
    pub amr: Vec<String>,
    /// The refresh token of the provider.
    pub refresh_token: Option<Secret>,
}

/// An e-mail address that a provider has stated.
#[derive(Clone, PartialEq, Eq)]
pub struct ProvenEmail {
    /// The address.
    pub address: Email,
    /// Whether the provider states that it belongs to the person. Only then it proves anything.
    pub verified: bool,
}

impl fmt::Debug for ProvenIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvenIdentity")
            .field("issuer", &self.issuer)
            .field("email", &self.email)
            .field("groups", &self.groups.as_ref().map(Vec::len))
            .field("authenticated_at", &self.authenticated_at)
            .field("amr", &self.amr)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ProvenEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvenEmail").field("verified", &self.verified).finish_non_exhaustive()
    }
}

/// Whose sessions a provider has ended: those of the session, if it is named, or else all of the subject. At least one
/// of both is there.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderLogout {
    /// The issuer, as in [`ProvenIdentity::issuer`].
    pub issuer: String,
    /// The subject, as in [`ProvenIdentity::subject`].
    pub subject: Option<String>,
    /// The session, as in [`ProvenIdentity::session`].
    pub session: Option<String>,
    /// The id of the token, `jti`, which a provider uses once.
    pub token: String,
    /// Until when the token could be shown again.
    pub expires_at: Timestamp,
}

impl fmt::Debug for ProviderLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderLogout")
            .field("issuer", &self.issuer)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Whether a provider can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderStatus {
    /// Why it can't be used; nothing if it is available.
    pub fault: Option<ProviderFault>,
    /// Since when it is available, or not.
    pub since: Timestamp,
}

impl ProviderStatus {
    /// Whether it can be used.
    #[must_use]
    pub const fn is_available(&self) -> bool {
        self.fault.is_none()
    }
}

/// What is needed of a provider, in the order in which it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProviderStep {
    /// The name of its host has an address that may be called.
    Dns,
    /// A connection, with a certificate for this name.
    Tls,
    /// Its discovery document is there, and is the one of this issuer.
    Discovery,
    /// Its keys are there, and at least one can verify its tokens.
    Keys,
    /// It knows the client, and accepts its secret.
    ClientCredentials,
    /// It knows the redirect URI.
    RedirectUri,
    /// Its clock agrees with Doorward's.
    Clock,
}

impl ProviderStep {
    /// Every step, in its order.
    pub const ALL: [Self; 7] =
        [Self::Dns, Self::Tls, Self::Discovery, Self::Keys, Self::ClientCredentials, Self::RedirectUri, Self::Clock];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Discovery => "discovery",
            Self::Keys => "keys",
            Self::ClientCredentials => "client_credentials",
            Self::RedirectUri => "redirect_uri",
            Self::Clock => "clock",
        }
    }

    /// What is tried, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Dns => "The name of the provider's host has an address that may be called.",
            Self::Tls => "The provider accepts a connection, and shows a valid certificate for this name.",
            Self::Discovery => "The provider describes itself at the issuer, and has this very issuer.",
            Self::Keys => "The provider has published a key that verifies its tokens.",
            Self::ClientCredentials => "The provider knows the client id, and accepts the client secret.",
            Self::RedirectUri => "The redirect URI of Doorward is registered at the provider.",
            Self::Clock => "The clocks of the provider and of this machine agree, so that tokens are valid here.",
        }
    }
}

/// One step of [`check`](super::IdentityProvider::check).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedStep {
    /// The step.
    pub step: ProviderStep,
    /// Its result.
    pub result: StepResult,
}

/// The result of a step: a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepResult {
    /// It works; what was found.
    Ok(String),
    /// It does not; what is wrong and what to do.
    Failed(String),
    /// It was not tried, or can't be known; why.
    Skipped(String),
}
