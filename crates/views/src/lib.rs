//! What front ends show of what the ports answer with: one definition for all of them, so that a program reads the same JSON
//! from REST and from the command line.
//!
//! A view is a struct of domain values, made from what a port answers by `From`, and written by `serde`. It leaves out what
//! is of no use outside (versions, digests) and never holds a secret, but for the one that was just made. There is no
//! rule here, no request and no page of a list. With the feature `openapi` each view is a schema as well.
//!
//! **To show one more property**: a field here, with its documentation; then the columns of the command line
//! (`server/src/cli/view.rs`), and `just generate`.
#![warn(missing_docs)]

mod access;
mod client_app;
mod health;
mod session;
mod signing_key;
mod user;

pub use access::{Permission, Role};
pub use client_app::{ClientApp, ClientAppWithSecret};
pub use health::{Component, Health};
pub use session::Session;
pub use signing_key::SigningKey;
pub use user::User;
