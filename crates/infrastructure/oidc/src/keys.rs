use crate::token::SignedToken;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_ports::outbound::{Misconfiguration, ProviderFault, Untrusted};
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeyType, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyUse};
use serde::Deserialize;
use serde_json::Value;

/// RFC 7518 §3.3: a shorter modulus is not accepted.
const SHORTEST_MODULUS_BYTES: usize = 256;
/// The largest number of keys that are read.
const MOST: usize = 100;

/// The public keys of a provider that can verify signatures.
pub struct Keys(Vec<CoreJsonWebKey>);

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads a JWK set (RFC 7517 §5). Keys that are not understood are ignored, and so are symmetric ones.
    pub fn parse(json: &[u8]) -> Result<Self, ProviderFault> {
        let malformed = |_| ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer);
        let set: KeySet = serde_json::from_slice(json).map_err(malformed)?;
        let usable = set.keys.into_iter().take(MOST).filter(is_long_enough).filter_map(|key| {
            let key: CoreJsonWebKey = serde_json::from_value(key).ok()?;
            let signs = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
            (signs && *key.key_type() != CoreJsonWebKeyType::Symmetric).then_some(key)
        });
        Ok(Self(usable.collect()))
    }

    /// Whether one of the keys is for one of the algorithms.
    pub fn can_verify(&self, algorithms: &[CoreJwsSigningAlgorithm]) -> bool {
        self.0.iter().any(|key| algorithms.iter().any(|algorithm| fits(key, algorithm)))
    }

    /// Verifies a signature with the key that the token names, or else with each that fits.
    pub fn verify(&self, token: &SignedToken<'_>, algorithms: &[CoreJwsSigningAlgorithm]) -> Result<(), Untrusted> {
        // RFC 8725 §3.1: what the token names is compared with what is expected, and never the other way round.
        if !algorithms.contains(&token.algorithm) {
            return Err(Untrusted::Algorithm);
        }
        let named = |key: &&CoreJsonWebKey| {
            token.key.as_ref().is_none_or(|id| key.key_id().is_some_and(|known| known.as_str() == id))
        };
        let mut candidates = self.0.iter().filter(named).filter(|key| fits(key, &token.algorithm)).peekable();
        if candidates.peek().is_none() {
            return Err(Untrusted::UnknownKey);
        }
        let verifies =
            |key: &CoreJsonWebKey| key.verify_signature(&token.algorithm, token.message, &token.signature).is_ok();
        if candidates.any(verifies) { Ok(()) } else { Err(Untrusted::Signature) }
    }

    /// `at_hash` of this access token (OpenID Connect Core §3.1.3.6), by the key that the ID token names.
    pub fn access_token_hash(&self, token: &SignedToken<'_>, access_token: &str) -> Option<String> {
        let key = self.0.iter().find(|key| fits(key, &token.algorithm))?;
        let hash = key.hash_bytes(access_token.as_bytes(), &token.algorithm).ok()?;
        Some(URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]))
    }
}

fn fits(key: &CoreJsonWebKey, algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use openidconnect::{JsonWebKeyAlgorithm, JwsSigningAlgorithm};
    let of_type = algorithm.key_type().as_ref() == Some(key.key_type());
    of_type
        && match key.signing_alg() {
            JsonWebKeyAlgorithm::Algorithm(own) => own == algorithm,
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Unsupported => false,
        }
}

fn is_long_enough(key: &Value) -> bool {
    let modulus = || URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap_or_default()).unwrap_or_default();
    key["kty"] != "RSA" || modulus().iter().skip_while(|byte| **byte == 0).count() >= SHORTEST_MODULUS_BYTES
}

/// The algorithms that are accepted, if the provider declares them: none without a key, and none with a shared secret.
pub fn is_asymmetric(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as Algorithm;
    matches!(
        algorithm,
        Algorithm::RsaSsaPkcs1V15Sha256
            | Algorithm::RsaSsaPkcs1V15Sha384
            | Algorithm::RsaSsaPkcs1V15Sha512
            | Algorithm::RsaSsaPssSha256
            | Algorithm::RsaSsaPssSha384
            | Algorithm::RsaSsaPssSha512
            | Algorithm::EcdsaP256Sha256
            | Algorithm::EcdsaP384Sha384
            | Algorithm::EdDsa
    )
}
