//! What the nodes of one service have in common beside the database: word of revocations within milliseconds, and what
//! they keep for each other for a while.
//!
//! * [`Redis`] is all that a node has at one Redis: a server, a cluster, or the master that sentinels name.
//! * [`RedisBus`] publishes what this node revokes, and passes on to this process what the other nodes publish. It keeps
//!   one connection of its own, on which it hears its own heartbeat come back: whatever breaks either way is noticed as
//!   silence, and the connection is made anew.
//! * [`RedisCache`] keeps bytes. Everything stored goes through one connection, borrowed from a pool, with a circuit
//!   breaker: a Redis that does not answer costs the requests that were under way one short wait, and those that come after
//!   nothing, until a task in the background has borrowed another.
//! * [`RedisLimiter`] counts how often things are done, over the same connection.
//!
//! It refuses to be relied upon. Whoever misses a message reads it in the database's sequence of revocations, within a
//! second, and what is kept may be gone at any time. So nothing fails with Redis.
//!
//! **To tell of another kind of revocation**: give it a letter in `message.rs`; nodes that don't know it yet skip the rest
//! of such a message. **To change the format**: a new version number, which older nodes skip. **To store another thing**:
//! a port, an adapter like `cache.rs` over the same connection, names from `key.rs`, and always a lifetime.
#![warn(missing_docs)]

mod breaker;
mod bus;
mod cache;
mod channel;
mod connection;
mod connection_error;
mod key;
mod limiter;
mod message;
mod multiplexed;
mod node;
mod pool;
mod timing;
mod topology;

pub use bus::RedisBus;
pub use cache::RedisCache;
pub use limiter::RedisLimiter;
pub use node::Redis;
pub use timing::Timing;
pub use topology::{Address, AddressRefused, Sentinels};
