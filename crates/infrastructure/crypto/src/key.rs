use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use std::fmt;
use std::path::PathBuf;

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is there and can't be read.
    #[error("the signing key {} can't be read: give the user that Doorward runs as the right to read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No file can be made.
    #[error(
        "a signing key can't be kept at {}: give the user that Doorward runs as the right to write there, on a file \
         system with hard links, or give the key by a setting",
        path.display()
    )]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A text that holds no such key.
    #[error(
        "{place} is not an unencrypted Ed25519 private key in PEM (PKCS#8): put it back from a backup, or make a new one \
         with `openssl genpkey -algorithm ed25519`; a new one ends every session"
    )]
    Malformed {
        /// Where the text comes from.
        place: String,
    },
    /// The cryptographic library would not make or use a key.
    #[error("the cryptographic library refused to {0} a signing key: run `doorward doctor` on this machine")]
    Library(&'static str),
}

/// The key that tokens are signed with: Ed25519 (RFC 8032), in a JWT `EdDSA` (RFC 8037).
///
/// The private half can't be printed, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct SigningKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    x: String,
    id: String,
}

impl SigningKey {
    /// Takes the key from a PEM text (PKCS#8, RFC 8410 §7), such as a setting holds.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when there is no Ed25519 private key in it.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::from_pem_at(pem, || "the signing key given by the settings".to_owned())
    }

    pub(crate) fn from_pem_at(pem: &str, place: impl Fn() -> String) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed { place: place() };
        let encoding = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| malformed())?;
        let pair = Ed25519KeyPair::from_pkcs8(encoding.as_bytes()).map_err(|_| malformed())?;
        let public = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public);
        let key = Self { encoding, decoding: DecodingKey::from_ed_der(public), id: thumbprint(&x), x };
        key.prove()?;
        Ok(key)
    }

    /// A key that would only fail at the first sign-in is found out here.
    fn prove(&self) -> Result<(), KeyError> {
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &serde_json::Map::new(), &self.encoding)
            .map_err(|_| KeyError::Library("sign with"))?;
        let mut signature_only = Validation::new(Algorithm::EdDSA);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        jsonwebtoken::decode::<serde_json::Map<_, _>>(&token, &self.decoding, &signature_only)
            .map_err(|_| KeyError::Library("verify with"))?;
        Ok(())
    }

    /// Its name in tokens and key sets (`kid`): the thumbprint of the public half (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    /// The public half, as a JWK (RFC 8037 §2).
    pub(crate) fn public_jwk(&self) -> serde_json::Value {
        serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "x": self.x, "kid": self.id, "use": "sig", "alg": "EdDSA",
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// RFC 7638 §3, with the members that RFC 8037 §2 requires: sorted by name, and no white space.
fn thumbprint(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8037_a_3_the_thumbprint_is_the_published_one() {
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
