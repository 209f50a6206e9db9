//! The use cases of Doorward, between two rows of ports.
//!
//! * `ports/inbound`: what a front end (REST, the CLI, later GraphQL) may ask for. Each method takes the [`Caller`] first.
//! * `ports/outbound`: what the use cases need of the outside. Each adapter is proven by the conformance suite of its port.
//! * [`access`]: the one table that says who may do what.
//! * [`Error`]: the one error, with a stable code. Each front end maps it in one place.
//! * the folders named for what they do (`sign_in`, `accounts`, `sessions`, `roles`, `keys`, `system`): the use cases.
//!
//! This crate holds no cache, no trace, no metric, no SQL and no HTTP: those are adapters, or decorators on the ports.
//!
//! **To add an operation**: a method on an inbound port; a variant of [`access::Operation`] (the compiler then asks for its
//! row in the table); a use case in the folder it reads with, which begins with `access::authorize` and opens its unit of
//! work only after everything slow is done; then the front ends.
#![warn(missing_docs)]

pub mod access;
mod accounts;
mod audit;
mod caller;
mod client_apps;
mod client_secret;
mod client_tokens;
mod error;
mod fields;
mod keys;
pub mod limits;
mod page;
pub mod ports;
mod roles;
mod secret;
mod services;
mod sessions;
mod sign_in;
mod subjects;
mod system;
mod tokens;

pub use caller::{Actor, Caller, Origin, Rights, ServiceAccount, SignedIn};
pub use client_secret::SecretDigest;
pub use error::{Error, ErrorCode, ErrorKind, FieldError, Result};
pub use page::{Cursor, Direction, Limit, Page};
pub use secret::Secret;
pub use services::{KeyPolicy, Policies, RegistrationPolicy, Services, Tools};
