use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A SHA-256 in base64url, without padding.
const CHALLENGE_LENGTH: usize = 43;

/// Why a text is not a code challenge, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "The code challenge must be the SHA-256 of the code verifier in base64url: 43 letters, digits, - and _ (RFC 7636 §4.2)."
)]
pub struct CodeChallengeError;

/// Why a text is not a code verifier, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The code verifier must have 43 to 128 of the characters A-Z a-z 0-9 - . _ ~ (RFC 7636 §4.1).")]
pub struct CodeVerifierError;

/// What a client shows of its code verifier when it begins: the method is always S256 (RFC 7636 §4.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeChallenge(String);

value!(CodeChallenge, CodeChallengeError);

impl CodeChallenge {
    /// Checks the form.
    ///
    /// # Errors
    /// [`CodeChallengeError`] if it is not a SHA-256 in base64url.
    pub fn parse(text: &str) -> Result<Self, CodeChallengeError> {
        let formed = text.len() == CHALLENGE_LENGTH
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if formed { Ok(Self(text.to_owned())) } else { Err(CodeChallengeError) }
    }

    /// The challenge of a verifier (RFC 7636 §4.2).
    #[must_use]
    pub fn of(verifier: &CodeVerifier) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.0.as_bytes())))
    }
}

/// The secret of a client that began a sign-in: only who has it can redeem the code (RFC 7636).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct CodeVerifier(String);

impl CodeVerifier {
    /// Checks the form.
    ///
    /// # Errors
    /// [`CodeVerifierError`] if it is too short, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, CodeVerifierError> {
        let formed = (43..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        if formed { Ok(Self(text.to_owned())) } else { Err(CodeVerifierError) }
    }

    /// A new one, from fresh randomness.
    #[must_use]
    pub fn mint(randomness: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(randomness))
    }

    /// The text, for the request that redeems the code.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The nonce of the same attempt (OIDC Core §15.5.2: a hash of a value that only the client has).
    #[must_use]
    pub fn nonce(&self) -> String {
        let digest = Sha256::new().chain_update("nonce:").chain_update(self.0.as_bytes()).finalize();
        URL_SAFE_NO_PAD.encode(digest)
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc_7636_appendix_b_the_challenge_is_the_sha_256_of_the_verifier() {
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        assert_eq!(CodeChallenge::of(&verifier), CodeChallenge::parse(CHALLENGE).unwrap());
        assert_ne!(verifier.nonce(), CHALLENGE);
    }

    #[test]
    fn rfc_7636_4_1_a_verifier_has_43_to_128_unreserved_characters() {
        for (text, good) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("-._~".repeat(32), true),
            ("a".repeat(129), false),
            (format!("{} ", "a".repeat(43)), false),
            (format!("{}é", "a".repeat(43)), false),
        ] {
            assert_eq!(CodeVerifier::parse(&text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_verifier_is_not_shown() {
        assert_eq!(format!("{:?}", CodeVerifier::mint([7; 32])), "CodeVerifier(…)");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("[A-Za-z0-9_-]{40,46}")) {
            if let Some(challenge) = laws::parsing_settles::<CodeChallenge>(&text)? {
                prop_assert_eq!(challenge.as_str(), &text);
            }
        }

        #[test]
        fn each_verifier_has_its_own_challenge(one: [u8; 32], other: [u8; 32]) {
            let (a, b) = (CodeVerifier::mint(one), CodeVerifier::mint(other));
            prop_assert!(CodeVerifier::parse(a.expose()).is_ok());
            prop_assert_eq!(CodeChallenge::of(&a) == CodeChallenge::of(&b), one == other);
        }
    }
}
