use super::Kind;
use crate::claims::Claims;
use doorward_domain::{EmailDomain, Provider};
use doorward_ports::outbound::Untrusted;

/// Google. Its documentation of OpenID Connect allows two forms of the issuer, and names Workspace domains in `hd`.
pub struct Google;

impl Kind for Google {
    fn parameters(&self, provider: &Provider) -> Vec<(&'static str, String)> {
        provider.hosted_domain.iter().map(|domain| ("hd", domain.as_str().to_owned())).collect()
    }

    fn is_issuer(&self, published: &str, shown: &str) -> bool {
        published == shown || published.strip_prefix("https://") == Some(shown)
    }

    /// The parameter `hd` only selects what Google offers: everybody can remove it from the URL.
    fn admit(&self, provider: &Provider, claims: &Claims) -> Result<(), Untrusted> {
        let Some(required) = &provider.hosted_domain else { return Ok(()) };
        let shown = claims.text("hd").and_then(|domain| EmailDomain::parse(domain).ok());
        if shown.as_ref() == Some(required) { Ok(()) } else { Err(Untrusted::HostedDomain) }
    }
}
