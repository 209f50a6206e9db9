use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// How many recovery codes an account gets at once.
pub const RECOVERY_CODES: usize = 10;

/// Random bits are 5 a character: 24 characters have 120. With 112 or more, a plain digest may be kept (OWASP ASVS 6.5.2).
const CHARACTERS: usize = 24;
const RANDOM_BYTES: usize = 15;
/// The digits and letters that are not mistaken for each other when written by hand.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// The characters between two hyphens.
const GROUP: usize = 4;
/// The longest text as typed that is read at all.
const LONGEST_RAW_BYTES: usize = 200;

/// Why a text is not a recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a recovery code has 24 letters and digits")]
pub struct RecoveryCodeError;

/// A code that signs in once in place of an authenticator that was lost.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode(String);

hidden!(RecoveryCode);

impl RecoveryCode {
    /// A code of fresh randomness.
    #[must_use]
    pub fn mint(randomness: [u8; RANDOM_BYTES]) -> Self {
        let mut code = String::with_capacity(CHARACTERS);
        for five in randomness.chunks_exact(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for place in (0..8).rev() {
                let index = usize::from((bits >> (5 * place)) as u8 & 31);
                code.push(char::from(ALPHABET[index]));
            }
        }
        Self(code)
    }

    /// Reads a code as typed: in any case, with or without hyphens and blanks, and with the letters that look like a
    /// digit.
    ///
    /// # Errors
    /// [`RecoveryCodeError`] if it could not have been issued.
    pub fn parse(text: &str) -> Result<Self, RecoveryCodeError> {
        if text.len() > LONGEST_RAW_BYTES {
            return Err(RecoveryCodeError);
        }
        let written = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
        let mut code = String::with_capacity(LONGEST_RAW_BYTES);
        code.extend(written.map(meant).map(char::from));
        let known = |byte: u8| ALPHABET.contains(&byte);
        let code = Self(code);
        if code.0.len() == CHARACTERS && code.0.bytes().all(known) { Ok(code) } else { Err(RecoveryCodeError) }
    }

    /// The code without hyphens, to make its digest.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The code for its owner, in groups of four.
    #[must_use]
    pub fn in_groups(&self) -> Zeroizing<String> {
        let mut shown = Zeroizing::new(String::with_capacity(CHARACTERS + CHARACTERS / GROUP));
        for (n, character) in self.0.chars().enumerate() {
            if n > 0 && n % GROUP == 0 {
                shown.push('-');
            }
            shown.push(character);
        }
        shown
    }
}

const fn meant(byte: u8) -> u8 {
    match byte.to_ascii_lowercase() {
        b'o' => b'0',
        b'i' | b'l' => b'1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = RecoveryCode::mint([0, 68, 50, 20, 199, 66, 84, 182, 53, 207, 132, 101, 58, 86, 215]);
        assert_eq!(code.in_groups().as_str(), "0123-4567-89ab-cdef-ghjk-mnpq");
        for written in ["0123456789abcdefghjkmnpq", "O I23 4567-89AB-CDEF-GHJK-MNPQ", " ol23-4567-89ab-cdefghjkmnpq\n"]
        {
            assert_eq!(RecoveryCode::parse(written).as_ref(), Ok(&code), "{written:?}");
        }
    }

    #[test]
    fn what_was_never_issued_is_no_code() {
        for text in [
            "",
            "0123",
            "0123-4567-89ab-cdef-ghjk-mnpu",
            "0123-4567-89ab-cdef-ghjk-mnpqq",
            "０123-4567-89ab-cdef-ghjk-mnp",
        ] {
            assert_eq!(RecoveryCode::parse(text), Err(RecoveryCodeError), "{text:?}");
        }
        assert_eq!(RecoveryCode::parse(&"-".repeat(10_000)), Err(RecoveryCodeError));
    }

    #[test]
    fn a_code_is_hidden() {
        assert_eq!(format!("{:?}", RecoveryCode::mint([7; 15])), "RecoveryCode(…)");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text: String) {
            if let Ok(code) = RecoveryCode::parse(&text) {
                prop_assert_eq!(code.expose().len(), CHARACTERS);
            }
        }

        /// Two codes are the same only if all their 120 random bits are.
        #[test]
        fn a_minted_code_is_read_back_and_keeps_every_bit(one: [u8; 15], other: [u8; 15]) {
            let code = RecoveryCode::mint(one);
            let read = RecoveryCode::parse(&code.in_groups());
            prop_assert_eq!(read.as_ref(), Ok(&code));
            prop_assert_eq!(code == RecoveryCode::mint(other), one == other);
        }
    }
}
