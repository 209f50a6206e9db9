//! What each kind of provider does differently from OpenID Connect.
mod entra;
pub mod github;
mod google;
pub mod oauth;
mod oidc;
mod okta;

use crate::claims::Claims;
use crate::rules;
use doorward_domain::{Issuer, Provider, ProviderKind};
use doorward_ports::outbound::{Misconfiguration, ProviderFault, Untrusted};
use std::borrow::Cow;

/// One kind. The defaults are OpenID Connect.
pub trait Kind: Send + Sync {
    /// The issuer in the discovery document of this issuer.
    fn published_issuer<'a>(&self, configured: &'a Issuer) -> Cow<'a, str> {
        Cow::Borrowed(configured.as_str())
    }

    /// Further parameters of an authorization request.
    fn parameters(&self, _: &Provider) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Whether an answer or a token with this `iss` is from the issuer.
    fn is_issuer(&self, published: &str, shown: &str) -> bool {
        published == shown
    }

    /// The issuer of the person, which is the first half of the key of the identity.
    fn issuer(&self, published: &str, _: &Claims) -> Result<String, Untrusted> {
        Ok(published.to_owned())
    }

    /// Whether a person with these claims may come from this provider.
    fn admit(&self, _: &Provider, _: &Claims) -> Result<(), Untrusted> {
        Ok(())
    }

    /// The subject, which is the second half of the key.
    fn subject(&self, claims: &Claims) -> Result<String, Untrusted> {
        rules::subject(claims).map(str::to_owned)
    }

    /// The subject that a logout token names, if it is the same as that of an identity.
    fn logout_subject(&self, claims: &Claims) -> Option<String> {
        rules::subject(claims).ok().map(str::to_owned)
    }

    /// Whether it has left out the groups because there are too many, and says so in its own way.
    fn withholds_groups(&self, _claim: &str, _: &Claims) -> bool {
        false
    }

    /// Whether the e-mail address is proven to belong to the person.
    fn is_email_verified(&self, provider: &Provider, claims: &Claims) -> bool {
        claims.is_true(provider.claim_map.email_verified.as_str())
    }
}

/// The kind of a provider.
pub fn of(kind: ProviderKind) -> &'static dyn Kind {
    match kind {
        ProviderKind::Oidc => &oidc::Oidc,
        ProviderKind::Entra => &entra::Entra,
        ProviderKind::Okta => &okta::Okta,
        ProviderKind::Google => &google::Google,
        ProviderKind::Github => &github::Github,
    }
}

/// Whether the kind of the provider knows each restriction of its configuration. One that is ignored would let everybody
/// in.
pub fn check_restrictions(provider: &Provider) -> Result<(), ProviderFault> {
    let tenants = provider.tenants.is_empty() || provider.kind == ProviderKind::Entra;
    let domain = provider.hosted_domain.is_none() || provider.kind == ProviderKind::Google;
    if tenants && domain { Ok(()) } else { Err(ProviderFault::Misconfigured(Misconfiguration::Settings)) }
}
