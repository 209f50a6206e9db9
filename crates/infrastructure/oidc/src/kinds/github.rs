use super::Kind;
use crate::calls::CallsTo;
use crate::claims::Claims;
use crate::exchange::Granted;
use crate::identity::proven_email;
use crate::published::Published;
use doorward_domain::Issuer;
use doorward_outgoing::{StatusCode, header};
use doorward_ports::outbound::{Misconfiguration, ProvenEmail, ProvenIdentity, ProviderCall, ProviderFault, Untrusted};
use serde::Deserialize;

/// GitHub, in the cloud or on a server of one's own. It speaks OAuth 2 without ID tokens: who the person is, its API
/// tells to the bearer of the access token, which comes from its token endpoint and from nowhere else.
pub struct Github;

impl Kind for Github {}

/// The addresses of GitHub, which it does not publish.
pub fn published(issuer: &Issuer) -> Published {
    let base = issuer.as_str().trim_end_matches('/');
    let api = if base == "https://github.com" { "https://api.github.com".to_owned() } else { format!("{base}/api/v3") };
    let token = format!("{base}/login/oauth/access_token");
    Published::without_discovery(issuer, (format!("{base}/login/oauth/authorize"), token, api))
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

/// Asks the API who the person is.
pub async fn identity(
    calls: CallsTo<'_>,
    published: &Published,
    granted: Granted,
) -> Result<ProvenIdentity, ProviderFault> {
    let api = published.user_info.as_deref().unwrap_or_default();
    let user = ask(calls, &format!("{api}/user"), &granted).await?;
    let user = user.ok_or(ProviderFault::Untrusted(Untrusted::Subject))?;
    let user: Claims = serde_json::from_slice(&user).map(Claims).map_err(|_| malformed())?;
    Ok(ProvenIdentity {
        issuer: published.issuer.clone(),
        // The login can be given to another person; the id can't.
        subject: user.id("id").ok_or(ProviderFault::Untrusted(Untrusted::Subject))?,
        email: primary_address(calls, api, &granted).await?,
        full_name: user.text("name").map(str::to_owned),
        username: user.text("login").map(str::to_owned),
        locale: None,
        groups: Some(Vec::new()),
        session: None,
        authenticated_at: None,
        amr: Vec::new(),
        refresh_token: granted.refresh_token,
    })
}

/// The primary address. It is not the one of the profile, which is any that the person shows.
async fn primary_address(
    calls: CallsTo<'_>,
    api: &str,
    granted: &Granted,
) -> Result<Option<ProvenEmail>, ProviderFault> {
    // Without the scope `user:email` there is none to be seen.
    let Some(answer) = ask(calls, &format!("{api}/user/emails"), granted).await? else { return Ok(None) };
    let addresses: Vec<Address> = serde_json::from_slice(&answer).map_err(|_| malformed())?;
    let primary = addresses.into_iter().find(|address| address.primary);
    Ok(primary.and_then(|address| proven_email(&address.email, address.verified)))
}

/// The answer of the API; nothing if the token may not read this.
async fn ask(calls: CallsTo<'_>, url: &str, granted: &Granted) -> Result<Option<Vec<u8>>, ProviderFault> {
    let bearer = format!("Bearer {}", granted.access_token.expose());
    let version = header::HeaderName::from_static("x-github-api-version");
    let headers = [(header::AUTHORIZATION, &*bearer), (version, "2022-11-28")];
    let answer = calls.get(ProviderCall::UserInfo, url, &headers).await?;
    match answer.status() {
        StatusCode::OK => Ok(Some(answer.into_body())),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(None),
        _ => Err(malformed()),
    }
}

fn malformed() -> ProviderFault {
    ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer)
}
