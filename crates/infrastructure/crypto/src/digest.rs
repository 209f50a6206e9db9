use crate::stretching::{LONGEST_KEY, bcrypt_key};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bcrypt::{BASE_64, HashParts};
use doorward_ports::outbound::PasswordHash;
use std::ops::RangeInclusive;
use zeroize::Zeroizing;

pub type Salt = [u8; 16];
pub type Sum = [u8; 23];

/// The accepted costs. bcrypt defines 4 to 31; but 31 uses a core for a day, and a single imported hash could cause
/// this at every sign-in.
pub const COSTS: RangeInclusive<u32> = 4..=18;

/// The key of the HMAC for a password that bcrypt can't read completely. It never changes. It separates these hashes
/// from other uses of HMAC, and is not secret.
const PREHASH_LABEL: &[u8] = b"doorward password prehash v1";

/// How a password becomes the key of bcrypt. Its name is the prefix of each stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Doorward's scheme: the NFKC text, if bcrypt reads all of it.
    Whole,
    /// Doorward's scheme: an HMAC of the NFKC text, if bcrypt would cut it.
    ///
    /// It is a separate scheme, so that a leaked HMAC is not a password itself: as a password it would use the other
    /// scheme.
    Prehashed,
    /// The scheme of another system: its bytes, cut at 72 as in that system.
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

/// A password that is prepared for bcrypt.
pub struct Recipe {
    pub scheme: Scheme,
    pub key: Zeroizing<Vec<u8>>,
    /// Whether no hash of this scheme can belong to this password, whatever bcrypt returns.
    pub never_matches: bool,
}

impl Recipe {
    /// Prepares it for a new hash.
    pub fn of_new(password: &str) -> Self {
        if password.len() > LONGEST_KEY || holds_nul(password) {
            Self { scheme: Scheme::Prehashed, key: prehash(password), never_matches: false }
        } else {
            Self { scheme: Scheme::Whole, key: bcrypt_key(password.as_bytes()), never_matches: false }
        }
    }

    /// Prepares it for comparing with a hash of this scheme.
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

/// bcrypt repeats its key, NUL included, until 72 bytes are full: `a` and `a\0a` are one password to it.
fn holds_nul(password: &str) -> bool {
    password.contains('\0')
}

fn prehash(password: &str) -> Zeroizing<Vec<u8>> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, PREHASH_LABEL), password.as_bytes());
    // As base64, which contains no NUL; 48 bytes become 64, so that bcrypt reads all of them.
    bcrypt_key(Zeroizing::new(STANDARD.encode(tag)).as_bytes())
}

/// A stored hash in its parts: `SCHEME:$2b$COST$SALTSUM`. Only tests may print it.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Digest {
    pub scheme: Scheme,
    parts: HashParts,
}

/// Why a stored text is not a usable hash. It never contains a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    #[error("the stored hash has an unknown scheme; store an imported bcrypt hash as bcrypt:$2b$12$…")]
    Scheme,
    #[error("the stored hash is not $2a$, $2b$ or $2y$, two digits for the cost, and 53 characters")]
    Form,
    #[error("the stored hash has the cost {0}; only costs from 4 to 18 are accepted")]
    Cost(u32),
}

impl Digest {
    /// Of what bcrypt made of a key. The cost has two digits at most.
    pub fn new(scheme: Scheme, cost: u32, salt: Salt, sum: Sum) -> Self {
        // `HashParts` are made from a text alone.
        let text = format!("$2b${cost:02}${}{}", BASE_64.encode(salt), BASE_64.encode(sum));
        Self { scheme, parts: text.parse().expect("it is of the form") }
    }

    /// Reads a stored hash.
    pub fn parse(stored: &PasswordHash) -> Result<Self, DigestError> {
        let (name, modular) = stored.as_stored().split_once(':').ok_or(DigestError::Scheme)?;
        let scheme = Scheme::of_name(name).ok_or(DigestError::Scheme)?;
        let digest = Self { scheme, parts: parts_of(modular).ok_or(DigestError::Form)? };
        if COSTS.contains(&digest.cost()) { Ok(digest) } else { Err(DigestError::Cost(digest.cost())) }
    }

    pub fn cost(&self) -> u32 {
        self.parts.get_cost()
    }

    pub fn salt(&self) -> Salt {
        self.parts.get_salt_raw()
    }

    /// Whether it holds this sum. The time it takes tells nothing.
    pub fn holds(&self, sum: &Sum) -> bool {
        let modular = self.parts.to_string();
        verify_slices_are_equal(&modular.as_bytes()[SUM_AT..], BASE_64.encode(sum).as_bytes()).is_ok()
    }

    /// The text to store.
    pub fn to_stored(&self) -> PasswordHash {
        PasswordHash::from_stored(format!("{}:{}", self.scheme.name(), self.parts))
    }
}

/// Where in the modular text, which has 60 characters, the sum begins.
const SUM_AT: usize = 29;

/// The three versions differ only in faults of old programs that no sound digest shows. `$2x$`, which `HashParts` takes, is
/// left out: it marks the digests that were made by such a fault.
fn parts_of(modular: &str) -> Option<HashParts> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|version| modular.strip_prefix(version))?;
    // `HashParts` takes a sign for a digit.
    let two_digits = rest.bytes().take(2).all(|byte| byte.is_ascii_digit());
    two_digits.then(|| without_spare_bits(modular).parse().ok()).flatten()
}

/// The last character of a salt has four bits, and of a sum two, that mean nothing. Not every system we import from wrote
/// zeros there, which `HashParts` asks for.
fn without_spare_bits(modular: &str) -> String {
    let letters = base64::alphabet::BCRYPT.as_str();
    let cleared = |(at, letter)| {
        let spare = match at {
            28 => 4,
            59 => 2,
            _ => 0,
        };
        letters.find(letter).map_or(letter, |value| char::from(letters.as_bytes()[value >> spare << spare]))
    };
    modular.char_indices().map(cleared).collect()
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
        // `.` and `/` differ only in a bit that the salt does not use.
        let canonical = parse(&format!("bcrypt:$2a$06${SALT_AND_SUM}")).unwrap();
        let sloppy = parse(&format!("bcrypt:$2a$06${}/{}", &SALT_AND_SUM[..21], &SALT_AND_SUM[22..])).unwrap();
        assert_eq!(sloppy, canonical);
    }

    #[test]
    fn bits_without_meaning_in_an_imported_sum_are_passed_over() {
        let canonical = parse(&format!("bcrypt:$2a$06${SALT_AND_SUM}")).unwrap();
        let sloppy = parse(&format!("bcrypt:$2a$06${}/", &SALT_AND_SUM[..52])).unwrap();
        assert_eq!(sloppy, canonical);
    }

    #[test]
    fn a_digest_holds_its_sum_and_none_that_differs_in_one_bit() {
        let digest = Digest::new(Scheme::Whole, 6, [7; 16], [0x5a; 23]);
        assert!(digest.holds(&[0x5a; 23]));
        for bit in 0..23 * 8 {
            let mut sum = [0x5a; 23];
            sum[bit / 8] ^= 1 << (bit % 8);
            assert!(!digest.holds(&sum), "bit {bit}");
        }
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
                let digest = Digest::new(scheme, cost, salt, sum);
                prop_assert!(digest.holds(&sum) && digest.salt() == salt && digest.cost() == cost);
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
