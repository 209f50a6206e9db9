use crate::stretching::{LONGEST_KEY, bcrypt_key};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use doorward_ports::outbound::PasswordHash;
use std::ops::RangeInclusive;
use zeroize::Zeroizing;

pub type Salt = [u8; 16];
pub type Sum = [u8; 23];

/// The costs we work at. bcrypt itself knows 4 to 31; but 31 keeps a core busy for a day, and a single imported digest
/// could do that to us at every sign-in.
pub const COSTS: RangeInclusive<u32> = 4..=18;

/// Keys the digest of a password that bcrypt can't take as it is. Fixed for ever: it keeps our digests apart from other
/// uses of HMAC, it is not a secret.
const PREHASH_LABEL: &[u8] = b"doorward password prehash v1";

/// bcrypt's own base64. The last character of a salt has four bits, and of a sum two, that mean nothing; not every system
/// we import from wrote zeros there.
const BCRYPT_BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::BCRYPT, NO_PADDING.with_decode_allow_trailing_bits(true));
const NO_PADDING: GeneralPurposeConfig = base64::engine::general_purpose::NO_PAD;

/// How the text of a password becomes the key of bcrypt. It stands in front of each stored digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Ours: the NFKC text, where bcrypt takes all of it.
    Whole,
    /// Ours: an HMAC of the NFKC text, where bcrypt would cut it.
    ///
    /// A scheme apart, so that the HMAC, should it ever leak, is not itself a password: as one it goes the other way.
    Prehashed,
    /// Another system's: its bytes cut at 72, as that system did.
    Imported,
}

impl Scheme {
    const ALL: [Self; 3] = [Self::Whole, Self::Prehashed, Self::Imported];

    const fn name(self) -> &'static str {
        match self {
            Self::Whole => "nfkc-bcrypt",
            Self::Prehashed => "nfkc-hmac-bcrypt",
            Self::Imported => "bcrypt",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }
}

/// A password made ready for bcrypt.
pub struct Recipe {
    pub scheme: Scheme,
    pub key: Zeroizing<Vec<u8>>,
    /// Whether no digest of this scheme can be of this password, whatever bcrypt says.
    pub never_matches: bool,
}

impl Recipe {
    /// As new digests are made.
    pub fn of_new(password: &str) -> Self {
        if password.len() > LONGEST_KEY || holds_nul(password) {
            Self { scheme: Scheme::Prehashed, key: prehash(password), never_matches: false }
        } else {
            Self { scheme: Scheme::Whole, key: bcrypt_key(password.as_bytes()), never_matches: false }
        }
    }

    /// For comparing with a digest of that scheme.
    pub fn for_comparing(password: &str, scheme: Scheme) -> Self {
        match scheme {
            Scheme::Imported => {
                Self { scheme, key: bcrypt_key(password.as_bytes()), never_matches: holds_nul(password) }
            }
            Scheme::Whole | Scheme::Prehashed => {
                let recipe = Self::of_new(password);
                Self { never_matches: recipe.scheme != scheme, ..recipe }
            }
        }
    }
}

/// bcrypt repeats its key, NUL included, until 72 bytes are full: to it, `a` and `a\0a` are one password.
fn holds_nul(password: &str) -> bool {
    password.contains('\0')
}

fn prehash(password: &str) -> Zeroizing<Vec<u8>> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, PREHASH_LABEL), password.as_bytes());
    // As base64, which has no NUL; 48 bytes become 64, so that bcrypt takes them all.
    bcrypt_key(Zeroizing::new(STANDARD.encode(tag)).as_bytes())
}

/// A stored digest, taken apart: `SCHEME:$2b$COST$SALTSUM`. Only tests may print it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Digest {
    pub scheme: Scheme,
    pub cost: u32,
    pub salt: Salt,
    pub sum: Sum,
}

/// Why a stored text is not a digest that we can compare with. It never holds a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    #[error(
        "the stored digest names no scheme that is known here; imported bcrypt digests are stored as bcrypt:$2b$12$…"
    )]
    Scheme,
    #[error("the stored digest is not of the form $2a$, $2b$ or $2y$, two digits of cost, and 53 characters")]
    Form,
    #[error("the stored digest has the cost {0}; costs from 4 to 18 are accepted")]
    Cost(u32),
}

impl Digest {
    /// Reads a stored digest.
    pub fn parse(stored: &PasswordHash) -> Result<Self, DigestError> {
        let (name, modular) = stored.as_stored().split_once(':').ok_or(DigestError::Scheme)?;
        let scheme = Scheme::of_name(name).ok_or(DigestError::Scheme)?;
        Self::parse_modular(scheme, modular).ok_or(DigestError::Form)?.within_costs()
    }

    /// The three versions differ only in faults of old programs that no sound digest shows. `$2x$` is left out: it marks
    /// the digests that were made by such a fault.
    fn parse_modular(scheme: Scheme, text: &str) -> Option<Self> {
        let versions = ["$2a$", "$2b$", "$2y$"];
        let rest = versions.iter().find_map(|version| text.strip_prefix(version))?;
        let (cost, encoded) = rest.split_once('$')?;
        let two_digits = cost.len() == 2 && cost.bytes().all(|b| b.is_ascii_digit());
        if !two_digits || encoded.len() != 53 || !encoded.is_ascii() {
            return None;
        }
        let (salt, sum) = encoded.split_at(22);
        Some(Self { scheme, cost: cost.parse().ok()?, salt: decode(salt)?, sum: decode(sum)? })
    }

    fn within_costs(self) -> Result<Self, DigestError> {
        if COSTS.contains(&self.cost) { Ok(self) } else { Err(DigestError::Cost(self.cost)) }
    }

    /// The text to store.
    pub fn to_stored(&self) -> PasswordHash {
        let (salt, sum) = (BCRYPT_BASE64.encode(self.salt), BCRYPT_BASE64.encode(self.sum));
        PasswordHash::from_stored(format!("{}:$2b${:02}${salt}{sum}", self.scheme.name(), self.cost))
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    BCRYPT_BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Digest, DigestError> {
        Digest::parse(&PasswordHash::from_stored(text.to_owned()))
    }

    const SALT_AND_SUM: &str = "DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.";

    #[test]
    fn a_digest_without_a_known_scheme_is_refused() {
        assert_eq!(parse(&format!("$2b$06${SALT_AND_SUM}")), Err(DigestError::Scheme));
        assert_eq!(parse(&format!("scrypt:$2b$06${SALT_AND_SUM}")), Err(DigestError::Scheme));
        assert_eq!(parse(""), Err(DigestError::Scheme));
    }

    #[test]
    fn the_version_that_marks_faulty_digests_is_refused() {
        assert_eq!(parse(&format!("bcrypt:$2x$06${SALT_AND_SUM}")), Err(DigestError::Form));
    }

    #[test]
    fn a_digest_of_another_form_is_refused() {
        for modular in ["", "$2b$", "$2b$6$", "$2b$+6$", "$2b$006$", "$2b$06"] {
            assert_eq!(parse(&format!("bcrypt:{modular}{SALT_AND_SUM}")), Err(DigestError::Form), "{modular}");
        }
        assert_eq!(parse(&format!("bcrypt:$2b$06${SALT_AND_SUM}.")), Err(DigestError::Form));
        assert_eq!(parse(&format!("bcrypt:$2b$06${}é", &SALT_AND_SUM[2..])), Err(DigestError::Form));
    }

    #[test]
    fn a_digest_that_would_keep_a_core_busy_for_a_day_is_refused() {
        assert_eq!(parse(&format!("bcrypt:$2b$31${SALT_AND_SUM}")), Err(DigestError::Cost(31)));
        assert_eq!(parse(&format!("bcrypt:$2b$00${SALT_AND_SUM}")), Err(DigestError::Cost(0)));
    }

    #[test]
    fn bits_without_meaning_in_an_imported_salt_are_passed_over() {
        // `.` and `/` differ only in a bit that the salt does not reach.
        let canonical = parse(&format!("bcrypt:$2a$06${SALT_AND_SUM}")).unwrap();
        let sloppy = parse(&format!("bcrypt:$2a$06${}/{}", &SALT_AND_SUM[..21], &SALT_AND_SUM[22..])).unwrap();
        assert_eq!(sloppy, canonical);
    }

    #[test]
    fn the_72nd_byte_is_the_last_that_goes_in_as_it_is() {
        for (length, scheme) in [(71, Scheme::Whole), (72, Scheme::Whole), (73, Scheme::Prehashed)] {
            assert_eq!(Recipe::of_new(&"a".repeat(length)).scheme, scheme, "{length}");
        }
        assert_eq!(Recipe::of_new("a\0a").scheme, Scheme::Prehashed);
    }

    #[test]
    fn a_prehash_is_64_characters_and_a_nul() {
        let key = prehash(&"a".repeat(1024));
        assert_eq!(key.len(), 65);
        assert!(key[..64].iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)));
    }

    proptest! {
        #[test]
        fn reading_a_digest_never_panics(text in "(nfkc-)?(hmac-)?bcrypt:\\$2[abxy]\\$[0-9]{2}\\$[./A-Za-z0-9]{52,54}|.*") {
            if let Ok(digest) = parse(&text) {
                prop_assert_eq!(Digest::parse(&digest.to_stored()), Ok(digest));
            }
        }

        #[test]
        fn what_is_stored_is_read_back(cost in COSTS, salt: Salt, sum in any::<[u8; 23]>()) {
            for scheme in Scheme::ALL {
                let digest = Digest { scheme, cost, salt, sum };
                prop_assert_eq!(Digest::parse(&digest.to_stored()), Ok(digest));
            }
        }

        #[test]
        fn different_passwords_have_different_keys(one in ".{0,90}", other in ".{0,90}") {
            let (a, b) = (Recipe::of_new(&one), Recipe::of_new(&other));
            prop_assert_eq!(one == other, (a.scheme, &a.key) == (b.scheme, &b.key));
        }
    }
}
