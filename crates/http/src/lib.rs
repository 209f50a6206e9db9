//! REST over actix-web: the inbound ports of `doorward-ports` over HTTP.
//!
//! A handler parses the request, calls **one** use case and renders its answer. It contains no rules: the ports decide
//! who may do what, what is valid and what is refused. This crate knows no database, no token format and no settings;
//! it opens no socket (the server does).
//!
//! A request passes, from the outside in:
//! 1. `middleware`: correlation id, IP address of the caller, headers, log line, and each refusal as a problem
//!    document;
//! 2. `routes`, whose files mirror the paths: `/api/v1/users/me/sessions` is `routes/users/me/sessions.rs`;
//! 3. `input`: who calls, and bodies, queries and paths, with the position of each fault;
//! 4. `wire`: what REST alone reads and answers; what other front ends show as well is in `doorward-views`.
//!
//! **To add a route**: a function in the file of its path, named as its `access::Operation` (that name is its
//! `operationId`, and tells `openapi` what it needs and which refusals it may answer), that takes
//! `Require<policy::TheOperation, …>` around whatever else it takes: without such a guard the service does not start;
//! `service(…)` in the `configure` of that file; then `cargo run -p doorward-http --example openapi > docs/openapi.json`.
//!
//! **To add a refusal of this layer**: add a row in `problem/fault.rs`, and its page in `docs/problems/`.

mod address;
mod app;
mod context;
mod cookies;
mod document;
mod input;
mod middleware;
mod mounted;
mod observer;
mod openapi;
mod problem;
mod rest;
mod route_table;
mod routes;
mod shared;
mod traced;
mod wire;

pub use app::{App, ClientAddressHeader, HttpOptions, Readiness};
pub use doorward_graphql::{Options as GraphqlOptions, sdl as graphql_schema};
pub use input::Checked;
pub use observer::{Answered, RequestObserver};
pub use openapi::{known_routes, openapi, openapi_json};
pub use problem::{PROBLEM_BASE, problem_codes, problem_index};
pub use rest::Rest;
pub use route_table::KnownRoute;
