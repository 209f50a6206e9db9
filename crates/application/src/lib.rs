//! The use cases of Doorward, behind the inbound ports of `doorward-ports` and above its outbound ports.
//!
//! The folders are named for what they do: `admission`, `sign_in`, `factors`, `providers`, `provider_registry`, `identities`,
//! `accounts`, `sessions`, `roles`, `client_apps`, `client_tokens`, `keys`, `sealing`, `mails`, `audit`, `audit_chain`, `system`. Only the
//! server and tests name this crate. It holds no cache, no trace, no metric, no SQL
//! and no HTTP:
//! those are adapters, or decorators on the ports.
//!
//! **To add a use case**: add its operation and its port in `doorward-ports`. Here, write a function in the folder of
//! its topic, with an `Act` as its first parameter: the only way to the store is `authorize` of [`Services`], which
//! returns one. All slow work comes first; an open unit of work borrows the act until it is committed.
#![warn(missing_docs)]

mod accounts;
mod admission;
mod audit;
mod audit_chain;
mod changes;
mod client_apps;
mod client_tokens;
mod factors;
mod fields;
mod hiding;
mod identities;
mod keys;
mod mails;
mod provider_registry;
mod providers;
mod roles;
mod sealing;
mod secrets;
mod services;
mod sessions;
mod sign_in;
mod subjects;
mod system;
mod tokens;

pub use admission::RateLimits;
pub use providers::SignInProviders;
pub use services::{KeyPolicy, MailPolicy, MfaPolicy, Policies, RegistrationPolicy, Services, Tools};
