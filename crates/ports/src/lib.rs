//! What the use cases of Doorward offer and what they need, without either: two groups of traits, and their shared
//! types.
//!
//! * [`inbound`]: what front ends (REST, the CLI, later GraphQL) can call. Each method takes the [`Caller`] first.
//! * [`outbound`]: what the use cases need from outside. The conformance suite of a port tests each adapter.
//! * [`access`]: the table of who may do what, how often, and with which error codes; [`limits`]: by what it is
//!   counted.
//! * [`usage`]: what one request uses of the adapters; where a port call begins and ends.
//! * [`trace`]: the spans of a request that is recorded.
//! * [`Error`]: the error type, with a stable code. Each front end converts it in one place.
//!
//! Adapters and front ends depend on this crate and never on the use cases, so an edit of a use case rebuilds no
//! adapter. It contains no rules except the tables, no caches, metrics, SQL or HTTP.
//!
//! **To add an operation**: add a method to an inbound port; a variant of [`access::Operation`] (the compiler then
//! requires its row in the table); a use case in `doorward-application`; then the front ends. **To add an external
//! system**: add a trait to `outbound` whose docs are its contract, a conformance suite in `doorward-testkit`, and an
//! adapter in a crate of its own.
#![warn(missing_docs)]

pub mod access;
mod caller;
mod caught;
mod causes;
mod error;
pub mod inbound;
pub mod limits;
#[cfg(test)]
mod masked;
pub mod outbound;
mod page;
mod personal;
mod secret;
mod secret_digest;
pub mod trace;
pub mod usage;
mod versions;

pub use caller::{Actor, Caller, Origin, Rights, ServiceAccount, SignedIn};
pub use caught::caught;
pub use causes::Causes;
pub use error::{Error, ErrorCode, ErrorKind, FieldError, Result};
pub use outbound::LONGEST_TOKEN_BYTES;
pub use page::{Cursor, Direction, Limit, Page};
pub use personal::Personal;
pub use secret::{NoSecret, Secret, SecretLines, ShownToken};
pub use secret_digest::SecretDigest;
pub use versions::Versions;
