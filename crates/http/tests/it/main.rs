//! REST in process, under named actors. What concerns HTTP alone is tried against a [`fake::Fake`] of the inbound ports,
//! everything else in [`service`], over the real use cases.
#![expect(clippy::unwrap_used, reason = "tests say what they expect by failing")]

mod actors;
mod fake;
mod service;
mod world;

mod addresses;
mod bodies;
mod callers;
mod chain;
mod cookies;
mod correlation;
mod cors;
mod docs_page;
mod documented;
mod documents;
mod exports;
mod faults;
mod guards;
mod headers;
mod health;
mod limits;
mod lists;
mod logs;
mod metrics;
mod paths;
mod preconditions;
mod problem_pages;
mod served;
mod tokens;
mod wire;
