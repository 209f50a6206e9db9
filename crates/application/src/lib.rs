//! The use cases of Doorward, behind the inbound ports of `doorward-ports` and over its outbound ones.
//!
//! The folders are named for what they do: `admission`, `sign_in`, `accounts`, `sessions`, `roles`, `client_apps`, `client_tokens`,
//! `keys`, `system`. Only the server and tests name this crate. It holds no cache, no trace, no metric, no SQL and no HTTP:
//! those are adapters, or decorators on the ports.
//!
//! **To add a use case**: its operation and its port stand in `doorward-ports`. Here it is a function in the folder it reads
//! with, whose first parameter is an `Act`: there is no other way to the store than [`Services`]' `authorize`, which makes
//! one. Everything slow comes first; a unit of work, once open, borrows the act until it is committed.
#![warn(missing_docs)]

mod accounts;
mod admission;
mod client_apps;
mod client_secret;
mod client_tokens;
mod fields;
mod keys;
mod roles;
mod services;
mod sessions;
mod sign_in;
mod subjects;
mod system;
mod tokens;

pub use admission::RateLimits;
pub use services::{KeyPolicy, Policies, RegistrationPolicy, Services, Tools};
