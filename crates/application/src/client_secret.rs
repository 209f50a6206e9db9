use crate::{Secret, Services};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// What a client app's secret begins with, so that scanners of repositories and logs know one when they see it.
const PREFIX: &str = "dws_";
const SECRET_BYTES: usize = 32;
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The SHA-256 of a client app's secret. The secret has 256 bits of chance in it: nothing is gained by a slow hash.
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of a secret.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        Self(Sha256::digest(secret.expose().as_bytes()).into())
    }

    /// Reads the text that a store holds; none when it is not one of [`Self::to_text`].
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (byte, place) in digest.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
        }
        Some(Self(digest))
    }

    /// The digest of no secret that was ever given out.
    pub(crate) const fn of_nothing() -> Self {
        Self([0; 32])
    }

    /// The digest in hexadecimal, for a store.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether it is the digest of that secret. Takes as long for any other.
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

/// A new secret: the prefix and 258 bits in letters that need no escaping anywhere, 256 of them fresh chance.
pub(crate) fn make_up(services: &Services) -> Secret {
    let bytes = Zeroizing::new(services.draw::<SECRET_BYTES>());
    // Sized beforehand: a text that grows leaves copies of the secret behind.
    let mut text = String::with_capacity(PREFIX.len() + (SECRET_BYTES * 8).div_ceil(6));
    text.push_str(PREFIX);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        let letters = chunk.len() + 1;
        text.extend((0..letters).map(|n| char::from(URL_SAFE[(group >> (18 - 6 * n) & 63) as usize])));
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    /// The one of "abc", FIPS 180-2 §B.1.
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
