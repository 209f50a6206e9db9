//! What one process remembers, so that a request need not ask the database, and how what was revoked is invalidated.
//!
//! * [`LocalBus`] tells every part of this process that remembers of a revocation, at once.
//! * [`CachedLookup`] remembers what a lookup has answered. Its rule: an answer from memory counts only if it was learned
//!   after the last revocation that concerns it, **and** the database's sequence of revocations was read less than a
//!   second ago. [`Invalidations`] knows the one, [`Freshness`] the other.
//! * [`RevocationWatch`] reads that sequence, several times a second.
//! * [`SightingMemory`] keeps in mind which sessions were used, until somebody records it.
//! * [`News`] wakes whoever keeps signing keys or checks providers, when the sequence tells of them.
//! * [`MemoryLimiter`] counts how often things are done.
//!
//! So a session that was ended anywhere (another node, the command line) is refused here within a second, whatever becomes
//! of any message in between; and when the database can't be read, memory counts for nothing.
//!
//! It refuses to be a place for rules, or for anything that must survive the process.
//!
//! **To cache another thing**: an alias of `Lookup` among the ports, its [`Cacheable`], which says what invalidates it, a
//! [`CachedLookup`] before it in the server's wiring, and a test that breaks when its rule is broken.
#![warn(missing_docs)]

mod bus;
mod cacheable;
mod cached_lookup;
mod interner;
mod invalidations;
mod limiter;
mod shared;
mod sightings;
mod watch;

pub use bus::{LocalBus, News};
pub use cacheable::Cacheable;
pub use cached_lookup::{CachedLookup, Caching};
pub use interner::Interner;
pub use invalidations::Invalidations;
pub use limiter::MemoryLimiter;
pub use shared::Shared;
pub use sightings::SightingMemory;
pub use watch::{Freshness, RevocationWatch};
