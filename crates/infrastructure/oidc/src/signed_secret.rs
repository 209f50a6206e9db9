//! The client secret of a provider that expects a JWT in its place, which the client signs with its own key. Sign in with Apple
//! documents it.
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_domain::Timestamp;
use doorward_ports::Secret;
use doorward_ports::outbound::{ConfiguredProvider, Misconfiguration, ProviderFault};
use serde_json::{Value, json};

/// How long one is valid. It is made anew for each use; Apple allows six months.
const VALID_SECONDS: i64 = 300;

/// What the token endpoint gets as the client secret.
pub fn secret_of(
    configured: &ConfiguredProvider,
    audience: &str,
    now: Timestamp,
) -> Result<Option<Secret>, ProviderFault> {
    let provider = &configured.provider;
    if !provider.has_signed_secret() {
        return Ok(configured.client_secret.clone());
    }
    let wrong = ProviderFault::Misconfigured(Misconfiguration::ClientKey);
    let pem = configured.client_secret.as_ref().ok_or_else(|| wrong.clone())?;
    let key = key_of(pem).ok_or_else(|| wrong.clone())?;
    let (Some(team), Some(key_id)) = (&provider.team_id, &provider.key_id) else { return Err(wrong) };
    let header = json!({ "alg": "ES256", "kid": key_id.as_str() });
    let claims = claims(team.as_str(), provider.client_id.as_str(), audience, now);
    let text = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).map_err(|_| wrong)?;
    Ok(Some(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))))
}

fn claims(team: &str, client: &str, audience: &str, now: Timestamp) -> Value {
    let now = now.as_seconds();
    json!({ "iss": team, "sub": client, "aud": audience, "iat": now, "exp": now + VALID_SECONDS })
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The key of a PEM document of PKCS#8 (RFC 7468 §10).
fn key_of(pem: &Secret) -> Option<EcdsaKeyPair> {
    let (_, rest) = pem.expose().split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let base64: String = body.split_ascii_whitespace().collect();
    let der = STANDARD.decode(base64).ok()?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()
}
