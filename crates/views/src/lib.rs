//! The views: what front ends show of the answers of ports. There is one definition for all of them, so that a program
//! gets the same JSON from REST and from the command line.
//!
//! A view is a struct of domain values, created with `From` from the answer of a port, and written by `serde`. It omits
//! what is useless outside (versions, digests), and contains no secret except a newly created one. This crate contains
//! no rules, no requests and no pages of lists. With the feature `openapi`, each view is also a schema.
//!
//! **To show another property**: add a field here, with its documentation; then the columns of the command line
//! (`server/src/cli/view.rs`), and run `just generate`.
#![warn(missing_docs)]

mod access;
mod audit;
mod audit_chain;
mod client_app;
mod factor;
mod health;
mod outbox;
mod own_data;
mod provider;
mod sealing;
mod session;
mod signing_key;
mod user;

pub use access::{Permission, Role};
pub use audit::{Activity, AuditEvent, ExportFormat, ExportFormatError};
pub use audit_chain::{AuditHead, AuditVerdict, BadLine};
pub use client_app::{ClientApp, ClientAppWithSecret};
pub use factor::{Factor, OfferedFactor};
pub use health::{Component, Health};
pub use outbox::OutboxEntry;
pub use own_data::{KnownNetwork, OwnData};
pub use provider::{ClaimMap, Identity, Provider, ProviderTest, ProviderTestStep, SignInProvider};
pub use sealing::{FinishedRotation, SealedValues, SealingKey, SealingNodeView, SealingReport};
pub use session::Session;
pub use signing_key::SigningKey;
pub use user::User;
