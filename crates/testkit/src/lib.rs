//! What the tests of Doorward share: a clock that moves when told, randomness that repeats itself, accounts and sessions
//! to begin with, and for each outbound port with more than one adapter a suite that proves its contract.
//!
//! It refuses to know any adapter, and no program is built with it: it is a dependency of tests alone.
//!
//! An adapter is proven by one line beside its own tests. For a store, a function that makes one on an empty database,
//! and then:
//!
//! ```text
//! async fn on_sqlite() -> StoreUnderTest { … }
//! doorward_testkit::store_conformance!(on_sqlite);
//! ```
//!
//! * **To add a claim**: a function in the file of what it is about (`store/users.rs`, …) that takes the store under test
//!   and panics where it does not hold, then its name in [`store_conformance!`]. Each sentence of a port's docs has one.
//! * **To add a builder**: a function named `a_…` in `builders.rs` that makes the plainest one there is; what a test is
//!   about it writes itself, as in `User { is_active: false, ..a_user("ann") }`.
#![warn(missing_docs)]
#![expect(clippy::unwrap_used, reason = "a claim that does not hold fails by panicking")]

pub mod authenticator;
mod builders;
#[cfg(test)]
mod claims;
mod clock;
pub mod collector;
pub mod exposition;
mod log;
pub mod mailbox;
mod marks;
mod random;
pub mod rate_limiter;
pub mod scripted_provider;
pub mod shared_cache;
pub mod store;
pub mod syslog;
pub mod vault;

pub use builders::{
    START, a_client_app, a_factor, a_grant, a_key, a_mail_token, a_password_hash, a_pending_sign_in, a_permission,
    a_provider, a_role, a_seal, a_session, a_token, a_user, an_anchor, an_attempt, an_audit_key, an_event, an_exchange,
    an_identity, an_outbox_mail,
};
pub use clock::VirtualClock;
pub use log::Log;
pub use marks::Marks;
pub use random::SeededRandom;
