use crate::claims::{Accepted, Claims, ClientClaims, Envelope, TokenUse};
use crate::key::SigningKey;
use doorward_application::ports::outbound::{
    AccessClaims, AccessHolder, ClientSubject, PublicKeys, RefreshClaims, TokenNames, TokenRefused, TokenSigner,
    TokenSubject,
};
use doorward_domain::{Client, Timestamp, TokenId};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Serialize;
use std::str::FromStr;
use std::time::Duration;

/// A longer text is not looked at. An access token with all the permissions there may be is well below.
const LONGEST_TOKEN_BYTES: usize = 8 * 1024;

/// How far the clocks of our nodes may differ: a token may seem to come from so far in the future. It never helps a token
/// to live longer: `exp` is exact.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What tokens say of this service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// `iss` of both tokens: the address of the service.
    pub issuer: String,
    /// `aud` of access tokens: who is to accept them.
    pub audience: String,
}

impl JwtSettings {
    /// `aud` of refresh tokens: the endpoint that takes them, so that a careless verifier elsewhere refuses them.
    #[must_use]
    pub fn refresh_audience(&self) -> String {
        format!("{}/api/v1/auth/refresh", self.issuer.trim_end_matches('/'))
    }
}

/// Signs tokens as JWTs (RFC 7519), and accepts only those it might have signed: one key, one algorithm, one header.
#[derive(Debug)]
pub struct JwtSigner {
    key: SigningKey,
    access: Kind,
    refresh: Kind,
}

/// What every token of one use has in common.
#[derive(Debug)]
struct Kind {
    token_use: TokenUse,
    issuer: String,
    audience: String,
    header: Header,
    validation: Validation,
}

impl JwtSigner {
    /// Signs with this key, in the name of this issuer.
    #[must_use]
    pub fn new(key: SigningKey, settings: &JwtSettings) -> Self {
        let kind = |token_use, audience| Kind::new(token_use, &settings.issuer, audience, &key);
        let access = kind(TokenUse::Access, settings.audience.clone());
        let refresh = kind(TokenUse::Refresh, settings.refresh_audience());
        Self { key, access, refresh }
    }

    fn sign(&self, kind: &Kind, claims: &impl Serialize) -> Result<String, TokenRefused> {
        jsonwebtoken::encode(&kind.header, claims, self.key.encoding()).map_err(|error| refusal(&error))
    }

    fn accept(&self, kind: &Kind, token: &str, now: Timestamp) -> Result<Accepted, TokenRefused> {
        if token.len() > LONGEST_TOKEN_BYTES {
            return Err(refused("it is longer than any of ours"));
        }
        kind.check_header(&jsonwebtoken::decode_header(token).map_err(|error| refusal(&error))?)?;
        let decoded = jsonwebtoken::decode::<Accepted>(token, self.key.decoding(), &kind.validation);
        let claims = decoded.map_err(|error| refusal(&error))?.claims;
        kind.check_claims(&claims)?;
        check_times(&claims, now)?;
        Ok(claims)
    }
}

impl Kind {
    fn new(token_use: TokenUse, issuer: &str, audience: String, key: &SigningKey) -> Self {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(token_use.typ().to_owned());
        header.kid = Some(key.id().to_owned());

        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&audience]);
        // CVE-2026-25537: a claim of the wrong type counts as missing here, and so is refused.
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The time comes from the caller: `check_times`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self { token_use, issuer: issuer.to_owned(), audience, header, validation }
    }

    /// A header must be the one we write, member for member. So no key it names or brings along (`jwk`, `jku`, `x5u`,
    /// `x5c`) and no extension it declares (`crit`) can mean anything (RFC 8725 §3.1, §3.10, §3.11).
    fn check_header(&self, header: &Header) -> Result<(), TokenRefused> {
        if header.alg != self.header.alg {
            return Err(refused("its algorithm is not that of our key"));
        }
        if header.typ != self.header.typ {
            return Err(refused("it is of another type"));
        }
        if header.kid != self.header.kid {
            return Err(refused("it names a key that is not ours"));
        }
        if header != &self.header {
            return Err(refused("its header has members that we never write"));
        }
        Ok(())
    }

    fn check_claims(&self, claims: &Accepted) -> Result<(), TokenRefused> {
        if claims.token_use != self.token_use.as_str() {
            return Err(refused("it is for another use"));
        }
        // The library accepts one among several; ours have exactly one.
        if claims.iss != self.issuer {
            return Err(refused("it comes from another issuer"));
        }
        if claims.aud != self.audience {
            return Err(refused("it is for another audience"));
        }
        Ok(())
    }

    fn envelope(&self, token: TokenId, issued_at: Timestamp, expires_at: Timestamp) -> Envelope<'_> {
        Envelope { issuer: &self.issuer, audience: &self.audience, token, issued_at, expires_at }
    }
}

fn check_times(claims: &Accepted, now: Timestamp) -> Result<(), TokenRefused> {
    // RFC 7519 §4.1.4: refused on that second, not after it.
    if now >= Timestamp::from_seconds(claims.exp) {
        return Err(refused("it has expired"));
    }
    let latest = now.plus(CLOCK_SKEW);
    if Timestamp::from_seconds(claims.nbf) > latest {
        return Err(refused("it is not valid yet"));
    }
    if Timestamp::from_seconds(claims.iat) > latest {
        return Err(refused("it was issued in the future"));
    }
    Ok(())
}

impl TokenSigner for JwtSigner {
    fn access(
        &self,
        subject: &TokenSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused> {
        let envelope = self.access.envelope(token, issued_at, expires_at);
        self.sign(&self.access, &Claims::new(TokenUse::Access, subject, envelope))
    }

    fn refresh(
        &self,
        subject: &TokenSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused> {
        let envelope = self.refresh.envelope(token, issued_at, expires_at);
        self.sign(&self.refresh, &Claims::new(TokenUse::Refresh, subject, envelope))
    }

    fn client_access(
        &self,
        subject: &ClientSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused> {
        let envelope = self.access.envelope(token, issued_at, expires_at);
        self.sign(&self.access, &ClientClaims::new(subject, envelope))
    }

    fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenRefused> {
        let claims = self.accept(&self.access, token, now)?;
        Ok(AccessClaims {
            token: id(&claims.jti)?,
            holder: holder(&claims)?,
            client: Client::from_id(claims.client_id),
            issued_at: Timestamp::from_seconds(claims.iat),
            expires_at: Timestamp::from_seconds(claims.exp),
        })
    }

    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenRefused> {
        let claims = self.accept(&self.refresh, token, now)?;
        let AccessHolder::User { user, session, .. } = holder(&claims)? else {
            return Err(refused("a client app has nothing to refresh"));
        };
        Ok(RefreshClaims {
            token: id(&claims.jti)?,
            user,
            session,
            client: Client::from_id(claims.client_id),
            issued_at: Timestamp::from_seconds(claims.iat),
            expires_at: Timestamp::from_seconds(claims.exp),
        })
    }

    fn names(&self) -> TokenNames {
        TokenNames {
            issuer: self.access.issuer.clone(),
            access_audience: self.access.audience.clone(),
            refresh_audience: self.refresh.audience.clone(),
        }
    }

    fn public_keys(&self) -> PublicKeys {
        PublicKeys(serde_json::json!({ "keys": [self.key.public_jwk()] }))
    }
}

/// Whose it is: one or the other, and never a bit of both.
fn holder(claims: &Accepted) -> Result<AccessHolder, TokenRefused> {
    match (&claims.sid, claims.auth_time, &claims.grant_id) {
        (Some(session), Some(auth_time), None) => Ok(AccessHolder::User {
            user: id(&claims.sub)?,
            session: id(session)?,
            authenticated_at: Timestamp::from_seconds(auth_time),
        }),
        (None, None, Some(grant)) if claims.sub == claims.client_id => Ok(AccessHolder::Client { grant: id(grant)? }),
        _ => Err(refused("it says neither whose session it belongs to nor which client app's own it is")),
    }
}

fn id<T: FromStr>(text: &str) -> Result<T, TokenRefused> {
    text.parse().map_err(|_| refused("one of its ids is not an id"))
}

fn refused(why: &str) -> TokenRefused {
    TokenRefused(why.to_owned())
}

/// In words of our own: the library's may quote the token.
fn refusal(error: &jsonwebtoken::errors::Error) -> TokenRefused {
    refused(match error.kind() {
        ErrorKind::InvalidSignature => "its signature is not ours",
        ErrorKind::InvalidAlgorithm => "its algorithm is not that of our key",
        ErrorKind::InvalidIssuer => "it comes from another issuer",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing or of the wrong type",
        ErrorKind::Base64(_) | ErrorKind::InvalidToken => "it does not have the form of a token",
        ErrorKind::Json(_) | ErrorKind::Utf8(_) => "its header or its claims are not as we write them",
        ErrorKind::Signing(_) | ErrorKind::InvalidEddsaKey | ErrorKind::InvalidKeyFormat => "our own key failed",
        _ => "the library for tokens refused it",
    })
}
