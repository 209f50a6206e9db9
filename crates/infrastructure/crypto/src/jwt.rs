use crate::claims::{Accepted, Claims, ClientClaims, Envelope, Shortened, TokenUse};
use crate::compact::{self, Header, Shown, refused};
use crate::key::{KeyError, SigningKey, VerifyingKey};
use crate::ring::{Held, Ring};
use crate::verified::Verified;
use doorward_domain::{AssuranceLevel, Client, KeyId, Timestamp, TokenId};
use doorward_ports::outbound::{
    AccessClaims, AccessHolder, ClientSubject, KeysAtHand, KeysInUse, LONGEST_TOKEN_BYTES, Observer, PublicKeys,
    RefreshClaims, TokenNames, TokenRefused, TokenSigner, TokenSubject,
};
use doorward_ports::usage::Usage;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// The largest length of the names of the issuer and the audience: with both, a token has room for its required claims.
pub const LONGEST_NAME_BYTES: usize = 512;

/// How far the clocks of nodes may differ: a token may seem to come from this far in the future. This never extends the
/// life of a token: `exp` is exact.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What tokens state about this service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// `iss` of both tokens: the URL of the service.
    pub issuer: String,
    /// `aud` of access tokens: the applications that accept them.
    pub audience: String,
}

impl JwtSettings {
    /// `aud` of refresh tokens: the endpoint that takes them, so that a careless verifier elsewhere refuses them.
    #[must_use]
    pub fn refresh_audience(&self) -> String {
        format!("{}/api/v1/auth/refresh", self.issuer.trim_end_matches('/'))
    }
}

/// Signs tokens as JWTs (RFC 7519), and accepts only tokens that one of its keys can have signed: with the algorithm of
/// this key, and exactly the header that it writes.
pub struct JwtSigner {
    kinds: Kinds,
    given: Option<Arc<Held>>,
    ring: RwLock<Arc<Ring>>,
    /// Keys that could not be used, so that each is logged once.
    left_out: Mutex<BTreeSet<KeyId>>,
    verified: Option<Verified>,
}

/// The two types of tokens.
pub(crate) struct Kinds {
    pub(crate) access: Kind,
    pub(crate) refresh: Kind,
}

/// The common part of all tokens of one type.
pub(crate) struct Kind {
    token_use: TokenUse,
    issuer: String,
    audience: String,
}

/// The common part of all tokens of one type and one key.
pub(crate) struct Form {
    header: Header,
    /// The same in its encoded form.
    encoded: String,
}

impl JwtSigner {
    /// Signs with this key and this issuer. Keys that it gets later only verify.
    #[must_use]
    pub fn new(key: SigningKey, settings: &JwtSettings) -> Self {
        let keyless = Self::keyless(settings);
        let given = Arc::new(Held::of_signing(key, &keyless.kinds));
        let ring = Ring::of_one(given.clone());
        Self { given: Some(given), ring: RwLock::new(Arc::new(ring)), ..keyless }
    }

    /// Signs and accepts nothing until it gets keys.
    #[must_use]
    pub fn keyless(settings: &JwtSettings) -> Self {
        let kind = |token_use, audience| Kind { token_use, issuer: settings.issuer.clone(), audience };
        let access = kind(TokenUse::Access, settings.audience.clone());
        let refresh = kind(TokenUse::Refresh, settings.refresh_audience());
        let kinds = Kinds { access, refresh };
        Self { kinds, given: None, ring: RwLock::default(), left_out: Mutex::default(), verified: None }
    }

    /// Caches this many verified access tokens, each until it expires or its key is no longer valid.
    #[must_use]
    pub fn remembering(self, capacity: usize, observer: Arc<dyn Observer>) -> Self {
        Self { verified: Some(Verified::of_at_most(capacity, observer)), ..self }
    }

    fn ring(&self) -> Arc<Ring> {
        // No code that can panic runs while this is locked for writing.
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn sign(&self, kind: &Kind, mut claims: impl Shortened) -> Result<String, TokenRefused> {
        let _span = Usage::span("sign token");
        let ring = self.ring();
        let key = ring.signing().ok_or_else(|| refused("there is no key to sign with"))?;
        let encoding = key.encoding().ok_or_else(|| refused("our own key failed"))?;
        let header = &key.form(kind.token_use).encoded;
        loop {
            let token = compact::signed(header, &claims, encoding, key.verifying().algorithm)?;
            if token.len() <= LONGEST_TOKEN_BYTES {
                return Ok(token);
            }
            if !claims.leave_out() {
                return Err(refused("it would be longer than an accepted token"));
            }
        }
    }

    fn accept(&self, kind: &Kind, token: &str, now: Timestamp) -> Result<(Accepted, KeyId), TokenRefused> {
        let _span = Usage::span("verify token");
        if token.len() > LONGEST_TOKEN_BYTES {
            return Err(refused("it is longer than any token of this service"));
        }
        let shown = Shown::read(token)?;
        let ring = self.ring();
        let named = shown.header.kid.as_deref().and_then(|kid| ring.get(kid));
        let key = named.ok_or_else(|| refused("it names an unknown key"))?;
        key.form(kind.token_use).check_header(&shown.header)?;
        let claims: Accepted = shown.verified(&key.verifying().decoding, key.verifying().algorithm)?;
        kind.check_claims(&claims)?;
        check_times(&claims, now)?;
        Ok((claims, key.verifying().id.clone()))
    }

    fn accept_access(&self, token: &str, now: Timestamp) -> Result<(AccessClaims, KeyId), TokenRefused> {
        let (claims, kid) = self.accept(&self.kinds.access, token, now)?;
        let claims = AccessClaims {
            token: id(&claims.jti)?,
            holder: holder(&claims)?,
            client: Client::from_id(claims.client_id),
            issued_at: Timestamp::from_seconds(claims.iat),
            expires_at: Timestamp::from_seconds(claims.exp),
        };
        Ok((claims, kid))
    }

    fn leave_out(&self, id: &KeyId, error: &KeyError) {
        let mut told = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(id.clone()) {
            tracing::error!(kid = id.as_str(), %error, "a signing key can't be used: its tokens are refused");
        }
    }
}

impl fmt::Debug for JwtSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtSigner").field("issuer", &self.kinds.access.issuer).finish_non_exhaustive()
    }
}

impl KeysAtHand for JwtSigner {
    fn given(&self) -> Option<KeyId> {
        self.given.as_ref().map(|held| held.verifying().id.clone())
    }

    fn can_sign(&self, id: &KeyId) -> bool {
        self.ring().get(id.as_str()).is_some_and(|held| held.encoding().is_some())
    }

    fn replace(&self, keys: KeysInUse) {
        let next = self.ring().next(&keys, self.given.as_ref(), &self.kinds, |id, error| self.leave_out(id, error));
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}

impl Form {
    /// A header must be exactly the one that is written here. So no key that it names or contains (`jwk`, `jku`, `x5u`,
    /// `x5c`) and no extension (`crit`) can have an effect (RFC 8725 §3.1, §3.10, §3.11).
    fn check_header(&self, header: &Header) -> Result<(), TokenRefused> {
        if header.alg != self.header.alg {
            return Err(refused("its algorithm is not that of the key"));
        }
        if header.typ != self.header.typ {
            return Err(refused("it is of another type"));
        }
        if header != &self.header {
            return Err(refused("its header has unexpected members"));
        }
        Ok(())
    }
}

impl Kind {
    pub(crate) fn form(&self, key: &VerifyingKey) -> Form {
        let header = Header::new(self.token_use.typ(), key.algorithm, &key.id);
        Form { encoded: header.encoded(), header }
    }

    fn check_claims(&self, claims: &Accepted) -> Result<(), TokenRefused> {
        if claims.token_use != self.token_use.as_str() {
            return Err(refused("it is for another use"));
        }
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
    // RFC 7519 §4.1.4: refused in this second, not after it.
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
        let envelope = self.kinds.access.envelope(token, issued_at, expires_at);
        self.sign(&self.kinds.access, Claims::new(TokenUse::Access, subject, envelope))
    }

    fn refresh(
        &self,
        subject: &TokenSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused> {
        let envelope = self.kinds.refresh.envelope(token, issued_at, expires_at);
        self.sign(&self.kinds.refresh, Claims::new(TokenUse::Refresh, subject, envelope))
    }

    fn client_access(
        &self,
        subject: &ClientSubject,
        token: TokenId,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<String, TokenRefused> {
        let envelope = self.kinds.access.envelope(token, issued_at, expires_at);
        self.sign(&self.kinds.access, ClientClaims::new(subject, envelope))
    }

    fn verify_access(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenRefused> {
        let Some(verified) = &self.verified else { return self.accept_access(token, now).map(|(claims, _)| claims) };
        let digest = Verified::digest(token);
        if let Some(claims) = verified.recall(&digest, now, |kid| self.ring().get(kid.as_str()).is_some()) {
            return Ok(claims);
        }
        let (claims, kid) = self.accept_access(token, now)?;
        verified.remember(digest, kid, &claims);
        Ok(claims)
    }

    fn verify_refresh(&self, token: &str, now: Timestamp) -> Result<RefreshClaims, TokenRefused> {
        let (claims, _) = self.accept(&self.kinds.refresh, token, now)?;
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
            issuer: self.kinds.access.issuer.clone(),
            access_audience: self.kinds.access.audience.clone(),
            refresh_audience: self.kinds.refresh.audience.clone(),
        }
    }

    fn public_keys(&self) -> PublicKeys {
        self.ring().public_keys()
    }
}

/// The holder: a session or a client app, and never parts of both.
fn holder(claims: &Accepted) -> Result<AccessHolder, TokenRefused> {
    match (&claims.sid, claims.auth_time.zip(claims.acr.as_deref()), &claims.grant_id) {
        (Some(session), Some((auth_time, acr)), None) => Ok(AccessHolder::User {
            user: id(&claims.sub)?,
            session: id(session)?,
            authenticated_at: Timestamp::from_seconds(auth_time),
            level: AssuranceLevel::from_acr(acr).ok_or_else(|| refused("its assurance level is unknown"))?,
        }),
        (None, None, Some(grant)) if claims.sub == claims.client_id => Ok(AccessHolder::Client { grant: id(grant)? }),
        _ => Err(refused("it has neither a session nor a grant of a client app")),
    }
}

fn id<T: FromStr>(text: &str) -> Result<T, TokenRefused> {
    text.parse().map_err(|_| refused("one of its ids is not an id"))
}
