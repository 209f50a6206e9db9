//! GraphQL over the real use cases, in one process and without HTTP.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod access;
mod limits;
mod mutations;
mod queries;
mod store_calls;
mod world;
