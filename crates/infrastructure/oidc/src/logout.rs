use crate::claims::Claims;
use crate::known::Asker;
use crate::openid::Source;
use crate::token::{Purpose, SignedToken};
use doorward_domain::Timestamp;
use doorward_ports::outbound::{ProviderFault, ProviderLogout, Untrusted};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Accepts a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6).
pub async fn accepted(source: Source<'_>, token: &str, now: Timestamp) -> Result<ProviderLogout, ProviderFault> {
    let token = SignedToken::parse(token, Purpose::Logout).map_err(ProviderFault::Untrusted)?;
    let (claims, _) = source.verified(&token, Asker::Logout, now).await?;
    read(source, &claims).map_err(ProviderFault::Untrusted)
}

fn read(source: Source<'_>, claims: &Claims) -> Result<ProviderLogout, Untrusted> {
    let is_event =
        claims.0.get("events").and_then(|events| events.get(EVENT)).is_some_and(serde_json::Value::is_object);
    // A nonce would let an ID token pass for a logout token.
    if !is_event || claims.has("nonce") {
        return Err(Untrusted::LogoutToken);
    }
    let logout = ProviderLogout {
        issuer: issuer(source, claims)?,
        subject: source.kind.logout_subject(claims),
        session: claims.text("sid").map(str::to_owned),
        token: claims.text("jti").ok_or(Untrusted::LogoutToken)?.to_owned(),
        expires_at: Timestamp::from_seconds(claims.seconds("exp").ok_or(Untrusted::Malformed)?),
    };
    if logout.subject.is_none() && logout.session.is_none() {
        return Err(Untrusted::LogoutToken);
    }
    Ok(logout)
}

/// A logout token need not contain what the kind reads from ID tokens: then its `iss` is the issuer.
fn issuer(source: Source<'_>, claims: &Claims) -> Result<String, Untrusted> {
    match source.kind.issuer(&source.published.issuer, claims) {
        Err(Untrusted::Tenant) => claims.text("iss").map(str::to_owned).ok_or(Untrusted::Issuer),
        issuer => issuer,
    }
}
