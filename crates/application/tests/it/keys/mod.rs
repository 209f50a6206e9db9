//! The keys that tokens are signed with: several nodes over one store, each with a ring of its own.
pub mod nodes;
mod operator;
mod rotation;
mod start;
