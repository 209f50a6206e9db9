//! What the use cases of Doorward offer and what they need, without either: two rows of traits, and the words they share.
//!
//! * [`inbound`]: what a front end (REST, the CLI, later GraphQL) may ask for. Each method takes the [`Caller`] first.
//! * [`outbound`]: what the use cases need of the outside. Each adapter is proven by the conformance suite of its port.
//! * [`access`]: the table that says who may do what, how often, and why it may be refused; [`limits`]: by whom it is counted.
//! * [`Error`]: the one error, with a stable code. Each front end maps it in one place.
//!
//! Adapters and front ends depend on this crate and never on the use cases: an edit of a use case rebuilds no adapter.
//! There is no rule here but what the tables say, no cache, no trace, no metric, no SQL and no HTTP.
//!
//! **To add an operation**: a method on an inbound port; a variant of [`access::Operation`] (the compiler then asks for its
//! row in the table); a use case in `doorward-application`; then the front ends. **To add an outside thing**: a trait in
//! `outbound` whose docs are its contract, a conformance suite in `doorward-testkit`, an adapter in a crate of its own.
#![warn(missing_docs)]

pub mod access;
mod caller;
mod causes;
mod error;
pub mod inbound;
pub mod limits;
pub mod outbound;
mod page;
mod secret;
mod secret_digest;
mod versions;

pub use caller::{Actor, Caller, Origin, Rights, ServiceAccount, SignedIn};
pub use causes::Causes;
pub use error::{Error, ErrorCode, ErrorKind, FieldError, Result};
pub use outbound::LONGEST_TOKEN_BYTES;
pub use page::{Cursor, Direction, Limit, Page};
pub use secret::{NoSecret, Secret, SecretLines};
pub use secret_digest::SecretDigest;
pub use versions::Versions;
