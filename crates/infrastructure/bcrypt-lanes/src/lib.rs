//! Several bcrypt hashes on one core at once, in little more time than one.
//!
//! bcrypt is slow because each of its look-ups waits for the one before; meanwhile a processor core has nothing to do. So
//! this crate advances up to four independent hashes in lock-step: while one waits, the others go on. On the machine it
//! was written on a hash of cost 12 takes 227 ms alone, two together 238 ms, three 266 and four 301, which is 75 ms a
//! hash, where the `bcrypt` crate takes 241. `cargo run --release -p doorward-bench --bin hashes` in the workspace prints
//! these figures for yours.
//!
//! It is plain safe Rust, and only the raw function: from key, salt and cost to 24 bytes. The text form (`$2b$12$…`),
//! its base64, the choice of a salt and the comparison in constant time are somebody else's, the `bcrypt` crate's for
//! one, which is also the oracle of the tests here.
//!
//! # All at once, or as they come
//!
//! Hashes that are at hand together go to [`hash_together`]:
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
//! A service does not have them together: it has [`Lanes`], which a hash may join while others are half-way, whatever
//! their costs, and leave when it is done:
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
//! A key is what bcrypt is given, not yet a password. The versions `$2a$`, `$2b$` and `$2y$`, as sound programs make them,
//! differ in nothing: the password's bytes, cut at [`LONGEST_KEY`], and a NUL where one fits. The caller appends it, and
//! says what becomes of a password with a NUL in it: since bcrypt repeats its key, `a` and `a\0a` are one to it.
//!
//! # What it does not do
//!
//! * It has no protection against others on the same core who watch the caches: bcrypt looks tables up by secrets, in
//!   every implementation. Hashes in neighbouring lanes see nothing of each other.
//! * It wipes a lane when its hash ends, by `zeroize`, its one dependency: code without `unsafe` can't make sure of that
//!   by itself. The 24 bytes it answers are the caller's to wipe, and words under way in registers and on the stack stay.
//! * It uses no vector instructions: gathering from tables is slower than four look-ups. Built for a processor with
//!   AVX-512 (`target-cpu=native`), compilers do use them for four lanes, and lose what lanes win; [`quickest`] sees that.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod blowfish;
mod lanes;
mod pi;
mod quickest;

pub use lanes::{Lanes, MOST};
pub use quickest::quickest;

/// bcrypt reads no more bytes of a key than this.
pub const LONGEST_KEY: usize = 72;

/// The salt of a hash.
pub type Salt = [u8; 16];

/// What bcrypt answers. The usual text form leaves out the last byte.
pub type Output = [u8; 24];

/// One of several hashes.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// What is to be hashed: see [Keys](crate#keys).
    pub key: &'a [u8],
    /// Its salt.
    pub salt: &'a Salt,
}

/// One hash by itself.
///
/// # Panics
/// On a cost above 31, which bcrypt does not know.
#[must_use]
pub fn hash(cost: u32, key: &[u8], salt: &Salt) -> Output {
    let mut lanes = Lanes::new();
    lanes.begin(key, salt);
    lanes.advance(rounds(cost));
    lanes.output(0)
}

/// Any number of hashes of one cost, [`MOST`] of them at a time. The outputs stand in the order of the jobs.
///
/// # Panics
/// On a cost above 31, which bcrypt does not know.
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

/// How many rounds a cost stands for.
///
/// # Panics
/// On a cost above 31, which bcrypt does not know.
#[must_use]
pub const fn rounds(cost: u32) -> u32 {
    assert!(cost < 32, "bcrypt knows no cost above 31");
    1 << cost
}
