//! What the nodes of one service share besides the database: revocation messages within milliseconds, and entries with
//! a lifetime.
//!
//! * [`Redis`] is everything that a node has at one Redis: a server, a cluster, or the master that sentinels name.
//! * [`RedisBus`] publishes the revocations of this node, and passes those of other nodes on to this process. It has
//!   its own connection, on which it receives its own heartbeat: every failure in either direction is noticed as
//!   silence, and the connection is replaced.
//! * [`RedisCache`] stores bytes. Everything stored uses one connection, lent by a pool, with a circuit breaker: if
//!   Redis does not answer, the running requests wait once for a short time, and later ones not at all, until a
//!   background task has another connection.
//! * [`RedisLimiter`] counts for rate limits, over the same connection.
//!
//! Nothing depends on it. A node that misses a message reads it in the sequence of revocations in the database, within
//! one second, and entries may disappear at any time. So no request fails with Redis.
//!
//! **To publish another kind of revocation**: give it a letter in `message.rs`; nodes that don't know it skip the rest
//! of such a message. **To change the format**: use a new version number, which older nodes skip. **To store other
//! data**: add a port, an adapter like `cache.rs` over the same connection, names from `key.rs`, and always a lifetime.
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
