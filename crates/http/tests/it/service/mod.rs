//! REST over the real use cases, a store of the test's own, real passwords and real tokens; only the time and chance are
//! the test's. The files mirror the paths; `matrix` asks every route as everybody.
mod auth;
mod graphql;
mod health;
mod mail_pages;
mod matrix;
mod metrics;
mod mfa;
mod oauth;
mod permissions;
mod providers;
mod refusals;
mod roles;
mod subjects;
mod users;
mod well_known;
mod world;
