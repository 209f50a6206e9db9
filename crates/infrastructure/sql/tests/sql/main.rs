//! The store on real databases: SQLite in a temporary folder, PostgreSQL on the server that tests/run starts.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]
mod append_only;
mod audit_columns;
mod catalogue;
mod conformance;
mod exchanges;
mod faults;
mod migration_files;
mod migrations;
mod observed;
mod opening;
mod pools;
mod raw;
mod runtimes;
mod tampering;
mod tls;
mod writing;
