//! Passwords, tokens and chance: everything of Doorward that a cryptographer would want to read, in one place.
//!
//! * [`HashingPool`] hashes passwords with bcrypt, on threads of its own.
//! * [`JwtSigner`] makes tokens with a ring of keys, of which one signs, and accepts what one of them might have signed.
//! * [`SigningKey`] is such a key, by EdDSA, Ed25519, ES256 or RS256; [`LocalKeyPairs`] makes new ones.
//! * [`Sealer`] keeps secrets unreadable at rest; [`SealingKey`] is the one key that is kept in a file.
//! * [`OsRandom`] and [`SystemClock`] are the only places that ask the machine for randomness and for the time.
//!
//! It invents no cryptography: primitives come from aws-lc and bcrypt. It knows no account, no session and no store, and
//! it decides nothing: whether a digest is renewed or a session still holds is for the use cases to say.
//!
//! **To move to another password scheme**: a variant of `Scheme` in `digest.rs` with its name and its `Recipe`, and make
//! `Recipe::of_new` choose it. Digests of the old schemes go on working and are reported as outdated, so that each is
//! renewed at its owner's next sign-in.
//!
//! **To sign by another algorithm**: a variant of `KeyAlgorithm` in the domain, then what the compiler asks for in `key.rs`,
//! and a line in the tests of confused algorithms.
//!
//! **To add a claim**: a field of `Claims` in `claims.rs`, and a line in the documentation of tokens. A claim that is read
//! back goes into `Accepted` too.
#![warn(missing_docs)]

mod ambient;
mod bulkhead;
mod claims;
mod compact;
mod digest;
mod hashing;
mod jwt;
mod key;
mod key_pairs;
mod ring;
mod sealing;
mod secret_file;
mod self_test;
mod stretching;
mod verified;

pub use ambient::{OsRandom, SystemClock};
pub use hashing::{HashingPool, HashingSettings, HashingSettingsError};
pub use jwt::{JwtSettings, JwtSigner, LONGEST_NAME_BYTES};
pub use key::{KeyError, SigningKey};
pub use key_pairs::LocalKeyPairs;
pub use sealing::{Sealer, SealingKey, SealingKeyError};
pub use secret_file::FileError;
