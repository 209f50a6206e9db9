//! The adapter on real servers that tests start, freeze and kill: `tests/run redis`.
mod bus;
mod cache;
mod cluster;
mod limiter;
mod node;
mod sentinels;
mod server;
