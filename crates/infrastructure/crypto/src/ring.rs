use crate::claims::TokenUse;
use crate::jwt::{Form, Kinds};
use crate::key::{KeyError, SigningKey, VerifyingKey};
use doorward_domain::KeyId;
use doorward_ports::outbound::{KeysInUse, PrivateKey, PublicKeys, UsableKey};
use jsonwebtoken::EncodingKey;
use std::sync::Arc;

/// The keys that are valid at one moment. A ring never changes: another one replaces it.
#[derive(Default)]
pub(crate) struct Ring {
    held: Vec<Arc<Held>>,
    signing: Option<Arc<Held>>,
}

/// A key, and the form of the tokens that it signs: the algorithm is that of the key, whatever a token says (RFC 8725
/// §3.1).
pub(crate) struct Held {
    public: VerifyingKey,
    encoding: Option<EncodingKey>,
    access: Form,
    refresh: Form,
}

impl Held {
    fn new(public: VerifyingKey, encoding: Option<EncodingKey>, kinds: &Kinds) -> Self {
        let (access, refresh) = (kinds.access.form(&public), kinds.refresh.form(&public));
        Self { public, encoding, access, refresh }
    }

    pub(crate) fn of_signing(key: SigningKey, kinds: &Kinds) -> Self {
        let (public, encoding) = key.into_parts();
        Self::new(public, Some(encoding), kinds)
    }

    fn of_usable(key: &UsableKey, kinds: &Kinds) -> Result<Self, KeyError> {
        match &key.private {
            Some(private) => Ok(Self::of_signing(signing_key(key, private)?, kinds)),
            None => Ok(Self::new(VerifyingKey::of(key)?, None, kinds)),
        }
    }

    pub(crate) const fn form(&self, token_use: TokenUse) -> &Form {
        match token_use {
            TokenUse::Access => &self.access,
            TokenUse::Refresh => &self.refresh,
        }
    }

    pub(crate) const fn verifying(&self) -> &VerifyingKey {
        &self.public
    }

    pub(crate) const fn encoding(&self) -> Option<&EncodingKey> {
        self.encoding.as_ref()
    }
}

fn signing_key(key: &UsableKey, private: &PrivateKey) -> Result<SigningKey, KeyError> {
    let place = || format!("the stored signing key {}", key.id);
    let text = std::str::from_utf8(&private.0).map_err(|_| KeyError::Malformed { place: place() })?;
    let read = SigningKey::from_pem_at(text, place)?.by(key.algorithm).filter(|read| *read.id() == key.id);
    read.ok_or_else(|| KeyError::Public(key.id.to_string()))
}

impl Ring {
    /// One key, which signs.
    pub(crate) fn of_one(held: Arc<Held>) -> Self {
        Self { held: vec![held.clone()], signing: Some(held) }
    }

    /// The next ring. Known keys are not read again; keys that can't be read are passed to `left_out`.
    pub(crate) fn next(
        &self,
        keys: &KeysInUse,
        given: Option<&Arc<Held>>,
        kinds: &Kinds,
        mut left_out: impl FnMut(&KeyId, &KeyError),
    ) -> Self {
        let given = given.filter(|held| !keys.revoked.contains(&held.public.id));
        let mut held: Vec<_> = given.into_iter().cloned().collect();
        for key in keys.accepted.iter().filter(|key| given.is_none_or(|given| given.public.id != key.id)) {
            match self.kept(key).map_or_else(|| Held::of_usable(key, kinds).map(Arc::new), Ok) {
                Ok(known) => held.push(known),
                Err(error) => left_out(&key.id, &error),
            }
        }
        let able = |id: &KeyId| held.iter().find(|held| held.public.id == *id && held.encoding.is_some()).cloned();
        let chosen = given.cloned().or_else(|| keys.signing.as_ref().and_then(able));
        let signing = chosen.or_else(|| self.signing.as_ref().and_then(|before| able(&before.public.id)));
        Self { held, signing }
    }

    /// The known key, unless it has changed.
    fn kept(&self, key: &UsableKey) -> Option<Arc<Held>> {
        self.get(key.id.as_str()).filter(|held| key.private.is_none() || held.encoding.is_some()).cloned()
    }

    pub(crate) fn get(&self, kid: &str) -> Option<&Arc<Held>> {
        self.held.iter().find(|held| held.public.id.as_str() == kid)
    }

    pub(crate) const fn signing(&self) -> Option<&Arc<Held>> {
        self.signing.as_ref()
    }

    /// The public keys, as a JWK set (RFC 7517 §5).
    pub(crate) fn public_keys(&self) -> PublicKeys {
        let keys: Vec<_> = self.held.iter().map(|held| &held.public.jwk).collect();
        PublicKeys(serde_json::json!({ "keys": keys }))
    }
}
