//! The program `doorward`: the server, the command line, and the wiring of all crates.
//!
//! It contains no rules: these are in `doorward-domain` and `doorward-application`. This crate only selects and connects
//! adapters, and prints answers at a terminal.
//!
//! To add a setting, write it in `crates/settings/src/keys.rs`. To add a command, write one file in `cli/` and
//! give [`cli::Command`] a variant for it.

pub mod cli;
pub mod failure;
mod jobs;
pub mod serve;
pub mod wiring;
