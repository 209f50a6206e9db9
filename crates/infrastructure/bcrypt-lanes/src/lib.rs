//! Several bcrypt hashes on one core at once, in little more time than one.
//!
//! bcrypt is slow because each of its look-ups waits for the previous one, and meanwhile the processor core has nothing
//! to do. This crate advances up to four independent hashes in lock-step: while one waits, the others continue. On the
//! machine on which it was written, a hash with cost 12 takes 227 ms alone, two together 238 ms, three 266 and four
//! 301, which is 75 ms for each hash; the `bcrypt` crate takes 241. `cargo run --release -p doorward-bench --bin
//! hashes` in the workspace prints these figures for your machine.
//!
//! It is plain safe Rust, and only the raw function: from key, salt and cost to 24 bytes. The text form (`$2b$12$…`),
//! its base64, the choice of a salt and the constant-time comparison are in other crates, such as the `bcrypt` crate,
//! which is also the reference of the tests.
//!
//! # All at once, or as they come
//!
//! Use [`hash_together`] for hashes that are available together:
//!
//! ```
//! use bcrypt_lanes::{Job, hash_together};
//!
//! let salt = [7; 16];
//! let jobs = [Job { key: b"copper\0", salt: &salt }, Job { key: b"violin\0", salt: &salt }];
//! let outputs = hash_together(5, &jobs);
//! assert_eq!(outputs[1], bcrypt_lanes::hash(5, b"violin\0", &salt));
//! ```
//!
//! A service gets its hashes one by one. It uses [`Lanes`]: a hash can join while others are in progress, with any
//! cost, and leaves when it is done:
//!
//! ```
//! use bcrypt_lanes::Lanes;
//!
//! let mut lanes = Lanes::new();
//! let first = lanes.begin(b"copper\0", &[7; 16]).expect("all lanes are free");
//! lanes.advance(12);
//! lanes.begin(b"violin\0", &[8; 16]).expect("three lanes are free");
//! lanes.advance(4);
//! assert_eq!(lanes.output(first), bcrypt_lanes::hash(4, b"copper\0", &[7; 16]), "after 2^4 rounds");
//! lanes.end(first);
//! ```
//!
//! # Keys
//!
//! A key is the input of bcrypt, and not yet a password. The versions `$2a$`, `$2b$` and `$2y$` of correct programs do
//! not differ: the key is the password, cut at [`LONGEST_KEY`] bytes, and a NUL if it fits. The caller appends the NUL,
//! and decides about a password that contains a NUL: because bcrypt repeats its key, `a` and `a\0a` are the same to it.
//!
//! # What it does not do
//!
//! * It does not protect against programs on the same core that watch the caches: bcrypt looks up tables with secrets,
//!   in every implementation. Hashes in neighbouring lanes see nothing of each other.
//! * It wipes a lane when its hash ends, with `zeroize`, its only dependency: code without `unsafe` can't guarantee
//!   this itself. The caller must wipe the 24 bytes of the result; words in registers and on the stack are not wiped.
//! * It uses no vector instructions: gathering from tables is slower than four look-ups. In a build for a processor
//!   with AVX-512 (`target-cpu=native`), compilers use them for four lanes, and lose the gain of the lanes;
//!   [`quickest`] detects this.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod blowfish;
mod lanes;
mod pi;
mod quickest;

pub use lanes::{Lanes, MOST};
pub use quickest::quickest;

/// bcrypt reads at most this many bytes of a key.
pub const LONGEST_KEY: usize = 72;

/// The salt of a hash.
pub type Salt = [u8; 16];

/// The result of bcrypt. The usual text form omits the last byte.
pub type Output = [u8; 24];

/// One of several hashes.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The key to be hashed: see [Keys](crate#keys).
    pub key: &'a [u8],
    /// Its salt.
    pub salt: &'a Salt,
}

/// Computes a single hash.
///
/// # Panics
/// If the cost is above 31, which bcrypt does not define.
#[must_use]
pub fn hash(cost: u32, key: &[u8], salt: &Salt) -> Output {
    let mut lanes = Lanes::new();
    lanes.begin(key, salt);
    lanes.advance(rounds(cost));
    lanes.output(0)
}

/// Computes any number of hashes with one cost, [`MOST`] at a time. The outputs have the order of the jobs.
///
/// # Panics
/// If the cost is above 31, which bcrypt does not define.
#[must_use]
pub fn hash_together(cost: u32, jobs: &[Job<'_>]) -> Vec<Output> {
    let mut lanes = Lanes::new();
    let mut outputs = Vec::with_capacity(jobs.len());
    for jobs in jobs.chunks(MOST) {
        for job in jobs {
            lanes.begin(job.key, job.salt);
        }
        lanes.advance(rounds(cost));
        outputs.extend((0..jobs.len()).map(|place| lanes.output(place)));
        lanes.clear();
    }
    outputs
}

/// The number of rounds of a cost.
///
/// # Panics
/// If the cost is above 31, which bcrypt does not define.
#[must_use]
pub const fn rounds(cost: u32) -> u32 {
    assert!(cost < 32, "bcrypt knows no cost above 31");
    1 << cost
}
