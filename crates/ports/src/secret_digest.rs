use crate::Secret;
use doorward_domain::hex;
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// The SHA-256 of the secret of a client app. The secret has 256 random bits, so a slow hash has no benefit.
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of a secret.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        Self(Sha256::digest(secret.expose().as_bytes()).into())
    }

    /// Reads the text from a store; none if it is not from [`Self::to_text`].
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        hex::decode(text).map(Self)
    }

    /// A digest of no secret that was ever issued.
    #[must_use]
    pub const fn of_nothing() -> Self {
        Self([0; 32])
    }

    /// The digest in hexadecimal, for a store.
    #[must_use]
    pub fn to_text(&self) -> String {
        hex::encode(&self.0)
    }

    /// Whether it is the digest of this secret. Takes the same time for any other.
    #[must_use]
    pub fn is_of(&self, secret: &Secret) -> bool {
        self.0.ct_eq(&Self::of(secret).0).into()
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    /// The digest of "abc", FIPS 180-2 §B.1.
    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_digest_is_sha_256_and_knows_its_secret_and_no_other() {
        let digest = SecretDigest::from_text(OF_ABC).unwrap();
        assert!(digest.is_of(&secret("abc")));
        assert_eq!(digest.to_text(), OF_ABC);
        for other in ["", "ab", "abx", "Abc", "abcd", "abc\0"] {
            assert!(!digest.is_of(&secret(other)), "{other:?}");
        }
    }

    #[test]
    fn what_is_no_digest_is_not_read_as_one() {
        for text in ["", &OF_ABC[1..], &OF_ABC.replace('b', "g"), &"é".repeat(32)] {
            assert!(SecretDigest::from_text(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_digest_is_not_shown() {
        assert_eq!(format!("{:?}", SecretDigest::of(&secret("abc"))), "SecretDigest(…)");
    }
}
