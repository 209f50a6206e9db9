//! Passwords, tokens and randomness: all cryptography of Doorward, in one place.
//!
//! * [`HashingPool`] hashes passwords with bcrypt, on its own threads.
//! * [`JwtSigner`] signs tokens with a ring of keys, of which one signs, and accepts tokens that one of them can have
//!   signed.
//! * [`SigningKey`] is such a key, for EdDSA, Ed25519, ES256 or RS256; [`LocalKeyPairs`] creates new ones.
//! * [`Sealer`] encrypts secrets at rest with a ring of [`SealingKey`]s, which are kept in files.
//! * [`Ed25519Statements`] signs the statements of the audit chain.
//! * [`OsRandom`] and [`SystemClock`] are the only places that use the randomness and the clock of the machine.
//!
//! It contains no own cryptography: primitives come from aws-lc and bcrypt. It knows no accounts, sessions or stores,
//! and makes no decisions: the use cases decide whether a hash is renewed or a session is live.
//!
//! **To use another password scheme**: add a variant of `Scheme` in `digest.rs` with its name and its `Recipe`, and let
//! `Recipe::of_new` choose it. Hashes of the old schemes still work and are reported as outdated, so that each is
//! renewed at the next sign-in of its owner.
//!
//! **To sign with another algorithm**: add a variant of `KeyAlgorithm` in the domain, then what the compiler requires
//! in `key.rs`, and a line in the tests of confused algorithms.
//!
//! **To add a claim**: add a field of `Claims` in `claims.rs`, and a line in the documentation of tokens. A claim that
//! is read back needs a field in `Accepted` too.
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
mod sealing_key;
mod sealing_ring;
mod sealing_source;
mod secret_file;
mod self_test;
mod statements;
mod stretching;
mod verified;

pub use ambient::{OsRandom, SystemClock};
pub use hashing::{HashingPool, HashingSettings, HashingSettingsError};
pub use jwt::{JwtSettings, JwtSigner, LONGEST_NAME_BYTES};
pub use key::{KeyError, SigningKey};
pub use key_pairs::LocalKeyPairs;
pub use sealing::Sealer;
pub use sealing_key::{SealingKey, SealingKeyError};
pub use sealing_source::SealingSources;
pub use secret_file::FileError;
pub use statements::Ed25519Statements;
