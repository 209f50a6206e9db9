//! Passwords, tokens and chance: everything of Doorward that a cryptographer would want to read, in one place.
//!
//! * [`HashingPool`] hashes passwords with bcrypt, on threads of its own.
//! * [`SigningKey`] is the Ed25519 key that signs tokens, and the file it lives in.
//! * [`JwtSigner`] makes tokens with it and accepts nothing else.
//! * [`OsRandom`] and [`SystemClock`] are the only places that ask the machine for randomness and for the time.
//!
//! It invents no cryptography: primitives come from aws-lc and bcrypt. It knows no account, no session and no store, and
//! it decides nothing: whether a digest is renewed or a session still holds is for the use cases to say.
//!
//! **To move to another password scheme**: a variant of `Scheme` in `digest.rs` with its name and its `Recipe`, and make
//! `Recipe::of_new` choose it. Digests of the old schemes go on working and are reported as outdated, so that each is
//! renewed at its owner's next sign-in.
//!
//! **To add a claim**: a field of `Claims` in `claims.rs`, and a line in the documentation of tokens. A claim that is read
//! back goes into `Accepted` too.
#![warn(missing_docs)]

mod ambient;
mod bulkhead;
mod claims;
mod digest;
mod hashing;
mod jwt;
mod key;
mod key_file;
mod stretching;

pub use ambient::{OsRandom, SystemClock};
pub use hashing::{HashingPool, HashingSettings, HashingSettingsError};
pub use jwt::{JwtSettings, JwtSigner};
pub use key::{KeyError, SigningKey};
