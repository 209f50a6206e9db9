use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_domain::{KeyAlgorithm, KeyId};
use doorward_ports::outbound::{KeyPair, PrivateKey, PublicJwk, UsableKey};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use std::fmt;
use zeroize::Zeroizing;

use crate::secret_file::FileError;

/// The form that all other tools write and read: the lines of RFC 7468.
const PEM_LINE: usize = 64;

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file can't be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text contains no such key.
    #[error(
        "{place} is not an unencrypted private key in PEM (PKCS#8) for EdDSA, Ed25519, ES256 or RS256: put it back from a backup, or \
         make a new one with `openssl genpkey -algorithm ed25519`; a new one ends every session"
    )]
    Malformed {
        /// The source of the text.
        place: String,
    },
    /// The public key does not match its row.
    #[error("the public key of {0} does not match its name and algorithm: restore the row from a backup")]
    Public(String),
    /// The cryptographic library refused to create or use a key.
    #[error("the cryptographic library refused to {0} a signing key: run `doorward doctor` on this machine")]
    Library(&'static str),
}

/// The name of the algorithm in the library; it has only the older name of Ed25519.
pub(crate) const fn jws(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::EdDsa | KeyAlgorithm::Ed25519 => Algorithm::EdDSA,
        KeyAlgorithm::Es256 => Algorithm::ES256,
        KeyAlgorithm::Rs256 => Algorithm::RS256,
    }
}

/// The public key, which verifies.
#[derive(Clone)]
pub(crate) struct VerifyingKey {
    pub(crate) id: KeyId,
    pub(crate) algorithm: KeyAlgorithm,
    pub(crate) decoding: DecodingKey,
    /// The form for others (RFC 7517 §4).
    pub(crate) jwk: Value,
}

impl VerifyingKey {
    /// Reads a stored key, if it matches its name: the thumbprint guarantees the public key, and the algorithm must be
    /// one of its type.
    pub(crate) fn of(key: &UsableKey) -> Result<Self, KeyError> {
        let refused = || KeyError::Public(key.id.to_string());
        let jwk: Jwk = serde_json::from_value(key.public.0.clone()).map_err(|_| refused())?;
        let read = Self::from_jwk(key.algorithm, &jwk).map_err(|_| refused())?;
        if read.id == key.id && read.jwk == key.public.0 { Ok(read) } else { Err(refused()) }
    }

    fn from_jwk(algorithm: KeyAlgorithm, jwk: &Jwk) -> Result<Self, KeyError> {
        let failed = |_| KeyError::Library("read");
        let decoding = DecodingKey::from_jwk(jwk).map_err(failed)?;
        if decoding.family() != jws(algorithm).family() {
            return Err(KeyError::Library("take another type of"));
        }
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(failed)?;
        let id = KeyId::parse(&thumbprint).map_err(|_| KeyError::Library("name"))?;
        let mut members = serde_json::to_value(&jwk.algorithm).map_err(|_| KeyError::Library("describe"))?;
        members["kid"] = json!(id);
        members["use"] = json!("sig");
        members["alg"] = json!(algorithm.as_str());
        Ok(Self { id, algorithm, decoding, jwk: members })
    }
}

/// A key that signs tokens: Ed25519 (`EdDSA`, RFC 8037, or `Ed25519`, RFC 9864), P-256 (`ES256`) or RSA (`RS256`, RFC
/// 7518 §3).
///
/// The private key can't be printed, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct SigningKey {
    encoding: EncodingKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// Reads the key from a PEM text (PKCS#8), such as a setting. Its type determines the algorithm; see
    /// [`SigningKey::by`].
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if it contains no such private key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::from_pem_at(pem, || "the signing key from the settings".to_owned())
    }

    pub(crate) fn from_pem_at(pem: &str, place: impl Fn() -> String) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed { place: place() };
        // Other programs use this format for their own keys, too: PKCS#1 would begin differently.
        if !pem.trim_start().starts_with("-----BEGIN PRIVATE KEY-----") {
            return Err(malformed());
        }
        let (algorithm, encoding) = read_pem(pem.as_bytes()).ok_or_else(malformed)?;
        let jwk = public_half(algorithm, &encoding).ok_or_else(malformed)?;
        let key = Self { encoding, public: VerifyingKey::from_jwk(algorithm, &jwk).map_err(|_| malformed())? };
        key.prove()?;
        Ok(key)
    }

    /// The same key with this algorithm; none if the key has another type.
    #[must_use]
    pub fn by(mut self, algorithm: KeyAlgorithm) -> Option<Self> {
        if jws(algorithm) != jws(self.algorithm()) {
            return None;
        }
        self.public.algorithm = algorithm;
        self.public.jwk["alg"] = json!(algorithm.as_str());
        Some(self)
    }

    /// A key that would fail at the first sign-in is detected here.
    fn prove(&self) -> Result<(), KeyError> {
        let algorithm = jws(self.algorithm());
        let token = jsonwebtoken::encode(&Header::new(algorithm), &serde_json::Map::new(), &self.encoding)
            .map_err(|_| KeyError::Library("sign with"))?;
        let mut signature_only = Validation::new(algorithm);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        jsonwebtoken::decode::<serde_json::Map<_, _>>(&token, &self.public.decoding, &signature_only)
            .map_err(|_| KeyError::Library("verify with"))?;
        Ok(())
    }

    /// Its name in tokens and key sets (`kid`): the thumbprint of the public key (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.public.id
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.public.algorithm
    }

    /// Both keys.
    pub(crate) fn into_parts(self) -> (VerifyingKey, EncodingKey) {
        (self.public, self.encoding)
    }

    pub(crate) fn pair(&self, pem: &str) -> KeyPair {
        KeyPair {
            id: self.id().clone(),
            algorithm: self.algorithm(),
            public: PublicJwk(self.public.jwk.clone()),
            private: PrivateKey(Zeroizing::new(pem.as_bytes().to_vec())),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id().as_str()).finish_non_exhaustive()
    }
}

fn read_pem(pem: &[u8]) -> Option<(KeyAlgorithm, EncodingKey)> {
    let ed = || EncodingKey::from_ed_pem(pem).map(|key| (KeyAlgorithm::EdDsa, key));
    let ec = || EncodingKey::from_ec_pem(pem).map(|key| (KeyAlgorithm::Es256, key));
    let rsa = || EncodingKey::from_rsa_pem(pem).map(|key| (KeyAlgorithm::Rs256, key));
    ed().or_else(|_| ec()).or_else(|_| rsa()).ok()
}

fn public_half(algorithm: KeyAlgorithm, encoding: &EncodingKey) -> Option<Jwk> {
    match algorithm {
        // The library accepts only PKCS#8 version 1; some tools write version 2, which also contains the public key.
        KeyAlgorithm::EdDsa | KeyAlgorithm::Ed25519 => {
            let pair = Ed25519KeyPair::from_pkcs8(encoding.as_bytes()).ok()?;
            let x = URL_SAFE_NO_PAD.encode(pair.public_key());
            serde_json::from_value(json!({ "kty": "OKP", "crv": "Ed25519", "x": x })).ok()
        }
        KeyAlgorithm::Es256 | KeyAlgorithm::Rs256 => Jwk::from_encoding_key(encoding, jws(algorithm)).ok(),
    }
}

/// Creates a key in PEM (PKCS#8 version 1, which all other tools read).
pub(crate) fn generate(algorithm: KeyAlgorithm) -> Result<Zeroizing<String>, KeyError> {
    let unmade = |_| KeyError::Library("make");
    match algorithm {
        KeyAlgorithm::EdDsa | KeyAlgorithm::Ed25519 => {
            Ok(pem(Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(unmade)?.as_ref()))
        }
        KeyAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(unmade)?;
            Ok(pem(pair.to_pkcs8v1().map_err(unmade)?.as_ref()))
        }
        // NIST SP 800-57 part 1 §5.6.1: 3072 bits are as strong as the other two.
        KeyAlgorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa3072).map_err(unmade)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(unmade)?;
            Ok(pem(der.as_ref()))
        }
    }
}

fn pem(der: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(der));
    let mut text = Zeroizing::new(String::with_capacity(base64.len() + base64.len() / PEM_LINE + PEM_LINE * 2));
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    text
}
