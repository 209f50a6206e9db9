//! Providers of presets that speak OAuth 2 without ID tokens: who the person is, their API tells to the bearer of the access
//! token, which comes from their token endpoint and from nowhere else.
use crate::exchange::Granted;
use crate::identity::Known;
use crate::openid::Source;
use crate::published::Published;
use doorward_domain::{Issuer, OauthEndpoints};
use doorward_ports::outbound::{ProvenIdentity, ProviderFault, Untrusted};

/// The endpoints, which the provider does not publish.
pub fn published(issuer: &Issuer, endpoints: &OauthEndpoints) -> Published {
    let below = |path: &str| format!("{}{path}", issuer.as_str().trim_end_matches('/'));
    let OauthEndpoints { authorization, token, user_info, .. } = endpoints;
    Published::without_discovery(issuer, (below(authorization), below(token), below(user_info)))
}

/// Asks the API who the person is.
pub async fn identity(
    source: Source<'_>,
    endpoints: &OauthEndpoints,
    granted: Granted,
) -> Result<ProvenIdentity, ProviderFault> {
    let claims = source.asked_user_info(&granted).await?;
    let subject = claims.id(endpoints.subject).ok_or(ProviderFault::Untrusted(Untrusted::Subject))?;
    let known = Known { token: claims, user_info: None };
    let identity = known.of_subject(source.kind, source.provider, (source.published.issuer.clone(), subject));
    Ok(ProvenIdentity { refresh_token: granted.refresh_token, ..identity })
}
