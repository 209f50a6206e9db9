//! The keys that tokens are signed with: several nodes over one store, each with a ring of its own.
mod nodes;
mod operator;
mod rotation;
mod start;
