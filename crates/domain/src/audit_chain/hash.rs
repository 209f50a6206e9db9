use crate::hex;
use sha2::{Digest, Sha256};
use std::fmt;

/// The text is not a hash: 64 digits in base 16, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A hash has 64 digits in base 16, in lower case.")]
pub struct AuditHashError;

/// A SHA-256 (FIPS 180-4): the link of a line, or the digest of its personal data.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHash([u8; 32]);

parsed!(AuditHash, AuditHashError);

impl AuditHash {
    /// The link before the first line; no line has it.
    pub const ORIGIN: Self = Self([0; 32]);

    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// A stored hash. Bytes of another length are no hash, and become [`Self::ORIGIN`], which is the hash of nothing.
    #[must_use]
    pub fn from_stored(bytes: &[u8]) -> Self {
        bytes.try_into().map_or(Self::ORIGIN, Self)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`AuditHashError`] if it has any other form.
    pub fn parse(text: &str) -> Result<Self, AuditHashError> {
        hex::decode(text).map(Self).ok_or(AuditHashError)
    }
}

impl fmt::Display for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws::{parsing_settles, texts};
    use proptest::prelude::*;

    /// FIPS 180-4, the example of NIST for one block.
    #[test]
    fn a_hash_is_sha_256_in_base_16() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(AuditHash::of(&[b"a", b"bc"]).to_string(), abc);
        assert_eq!(abc.parse(), Ok(AuditHash::of(&[b"abc"])));
        assert_eq!(abc.to_uppercase().parse::<AuditHash>(), Err(AuditHashError));
    }

    #[test]
    fn stored_bytes_of_another_length_are_the_hash_of_nothing() {
        let hash = AuditHash::of(&[b"abc"]);
        assert_eq!(AuditHash::from_stored(hash.as_bytes()), hash);
        assert_eq!(AuditHash::from_stored(&hash.as_bytes()[1..]), AuditHash::ORIGIN);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in texts("[0-9a-f]{64}")) {
            parsing_settles::<AuditHash>(&text)?;
        }
    }
}
