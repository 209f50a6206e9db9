//! GraphQL: the inbound ports of `doorward-ports` as one schema.
//!
//! A resolver asks admission for its operation, calls **one** use case and shows its answer with the views that REST shows
//! too. It contains no rules: the ports decide who may do what, what is valid and what is refused. This crate knows no HTTP:
//! a front end passes on the document and what it has read of the request ([`Visitor`]), and gets the answer and what
//! belongs around it ([`Answered`]).
//!
//! A document passes:
//! 1. `limits`: refused before anything runs if it is too long, too deep or too costly;
//! 2. the validation of juniper, by the schema;
//! 3. `schema`: each field with an operation is admitted by itself (`context`), so that three sign-ins in one document count
//!    as three;
//! 4. `refusal`: each refusal as an error of the answer, or as a user error of a payload.
//!
//! **To add a field**: a resolver in `schema/query.rs` or `schema/mutations`, its operation in `access.rs`, and an example in
//! `docs/features/graphql.md`; then `just generate`.
#![warn(missing_docs)]

mod access;
mod context;
mod fault;
mod front;
mod limits;
mod ports;
mod refusal;
mod request;
mod schema;
mod sdl;

pub use access::{Field, fields};
pub use context::{Shown, Visitor};
pub use fault::{Fault, FaultKind};
pub use front::{Answered, Graphql, Method, Options};
pub use ports::Ports;
pub use request::Request;
pub use sdl::sdl;
