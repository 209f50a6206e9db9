use crate::calls::CallsTo;
use crate::keys::{Keys, is_asymmetric};
use crate::kinds::Kind;
use doorward_domain::{Issuer, Provider};
use doorward_outgoing::{Response, StatusCode, header};
use doorward_ports::outbound::{Misconfiguration, ProviderCall, ProviderFault};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, AuthType, ProviderMetadata};
use serde::{Deserialize, Serialize};

/// What a provider publishes, as far as it is used.
#[derive(Clone)]
pub struct Published {
    pub issuer: String,
    pub authorization: String,
    pub token: String,
    pub user_info: Option<String>,
    pub keys: Option<String>,
    pub end_session: Option<String>,
    /// The algorithms of its ID tokens that are accepted.
    pub algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// How the client authenticates.
    pub client_authentication: AuthType,
    /// Whether its answers contain `iss` (RFC 9207 §3).
    pub answers_with_issuer: bool,
    /// When its answer was sent, by its own clock.
    pub date: Option<i64>,
}

/// Metadata of further specifications.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
struct Further {
    /// RFC 8414 §2.
    code_challenge_methods_supported: Option<Vec<String>>,
    /// RFC 9207 §3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// OpenID Connect RP-Initiated Logout 1.0 §2.1.
    end_session_endpoint: Option<String>,
}

impl AdditionalProviderMetadata for Further {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

fn wrong(what: Misconfiguration) -> ProviderFault {
    ProviderFault::Misconfigured(what)
}

/// Reads the discovery document (OpenID Connect Discovery 1.0 §4), and checks that it is the one of the issuer.
pub async fn read(calls: CallsTo<'_>, kind: &dyn Kind, provider: &Provider) -> Result<Published, ProviderFault> {
    let url = format!("{}/.well-known/openid-configuration", provider.issuer.as_str().trim_end_matches('/'));
    let answer = calls.get(ProviderCall::Discovery, &url, &[]).await?;
    if answer.status() != StatusCode::OK {
        return Err(wrong(Misconfiguration::NoDiscovery));
    }
    let metadata: Metadata =
        serde_json::from_slice(answer.body()).map_err(|_| wrong(Misconfiguration::MalformedAnswer))?;
    if *metadata.issuer().as_str() != *kind.published_issuer(&provider.issuer) {
        return Err(wrong(Misconfiguration::DiscoveryIssuer));
    }
    let published = published(&metadata, provider.quirks().token_endpoint, date_of(&answer))?;
    let optional = [&published.user_info, &published.keys, &published.end_session].into_iter().flatten();
    for endpoint in [&published.authorization, &published.token].into_iter().chain(optional) {
        calls.url(endpoint)?;
    }
    Ok(published)
}

fn published(metadata: &Metadata, known_token: Option<&str>, date: Option<i64>) -> Result<Published, ProviderFault> {
    let further = metadata.additional_metadata();
    if further.code_challenge_methods_supported.as_ref().is_some_and(|known| !known.iter().any(|it| it == "S256")) {
        return Err(wrong(Misconfiguration::Unsupported));
    }
    let declared = metadata.id_token_signing_alg_values_supported();
    let algorithms: Vec<_> = declared.iter().filter(|it| is_asymmetric(it)).cloned().collect();
    if algorithms.is_empty() {
        return Err(wrong(Misconfiguration::Algorithms));
    }
    let declared = metadata.token_endpoint().map(|url| url.as_str());
    let token = declared.or(known_token).ok_or(wrong(Misconfiguration::MissingEndpoint))?;
    Ok(Published {
        issuer: metadata.issuer().as_str().to_owned(),
        authorization: metadata.authorization_endpoint().as_str().to_owned(),
        token: token.to_owned(),
        user_info: metadata.userinfo_endpoint().map(|url| url.as_str().to_owned()),
        keys: Some(metadata.jwks_uri().as_str().to_owned()),
        end_session: further.end_session_endpoint.clone(),
        algorithms,
        client_authentication: match declared {
            Some(_) => client_authentication(metadata.token_endpoint_auth_methods_supported()),
            // What no discovery document describes is older than the header of RFC 6749 §2.3.1.
            None => AuthType::RequestBody,
        },
        answers_with_issuer: further.authorization_response_iss_parameter_supported,
        date,
    })
}

impl Published {
    /// Of a provider that speaks OAuth 2 and publishes nothing: where people sign in, where codes are exchanged, and where its
    /// API is.
    pub fn without_discovery(issuer: &Issuer, (authorization, token, api): (String, String, String)) -> Self {
        Self {
            issuer: issuer.as_str().to_owned(),
            authorization,
            token,
            user_info: Some(api),
            keys: None,
            end_session: None,
            algorithms: Vec::new(),
            client_authentication: AuthType::RequestBody,
            answers_with_issuer: false,
            date: None,
        }
    }
}

/// OpenID Connect Discovery 1.0 §3: `client_secret_basic` unless something else is declared.
fn client_authentication(declared: Option<&Vec<CoreClientAuthMethod>>) -> AuthType {
    let has = |method: &CoreClientAuthMethod| declared.is_some_and(|declared| declared.contains(method));
    let post = has(&CoreClientAuthMethod::ClientSecretPost) && !has(&CoreClientAuthMethod::ClientSecretBasic);
    if post { AuthType::RequestBody } else { AuthType::BasicAuth }
}

/// Reads the keys.
pub async fn read_keys(calls: CallsTo<'_>, published: &Published) -> Result<Keys, ProviderFault> {
    let url = published.keys.as_deref().ok_or(wrong(Misconfiguration::MissingEndpoint))?;
    let answer = calls.get(ProviderCall::Keys, url, &[]).await?;
    if answer.status() != StatusCode::OK {
        return Err(wrong(Misconfiguration::NoKeys));
    }
    let keys = Keys::parse(answer.body())?;
    if keys.can_verify(&published.algorithms) { Ok(keys) } else { Err(wrong(Misconfiguration::NoKeys)) }
}

fn date_of(answer: &Response<Vec<u8>>) -> Option<i64> {
    let date = answer.headers().get(header::DATE)?.to_str().ok()?;
    chrono::DateTime::parse_from_rfc2822(date).ok().map(|date| date.timestamp())
}
