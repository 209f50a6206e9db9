//! Tells other nodes of revocations through Redis, so that they are felt there in milliseconds.
//!
//! * [`RedisBus`] publishes what this node revokes, and passes on to this process what the other nodes publish. It keeps
//!   one connection, on which it hears its own heartbeat come back: whatever breaks either way is noticed as silence, and
//!   the connection is made anew.
//!
//! It refuses to be relied upon. Nothing is stored in Redis and nothing is read from it but "forget this": whoever misses
//! a message reads it in the database's sequence of revocations, within a second. So nobody ever waits for Redis, no
//! commit fails with it, and whoever writes to it can make nodes ask the database more often and do nothing else.
//!
//! **To tell of another kind of revocation**: give it a letter in `message.rs`; nodes that don't know it yet skip the rest
//! of such a message. **To change the format**: a new version number, which older nodes skip.
#![warn(missing_docs)]

mod bus;
mod link;
mod message;
mod pace;

pub use bus::{Address, AddressRefused, RedisBus};
pub use pace::Pace;
