//! The program `doorward`: settings, command line, and the wiring of all parts.
//!
//! It refuses to hold rules: what is allowed and what happens stands in `doorward-domain` and
//! `doorward-application`; here it is only chosen, connected and told to people at a terminal.
//!
//! To add a setting, write it in `crates/settings/src/keys.rs`. To add a command, write one file in `cli/` and
//! give [`cli::Command`] a variant for it.

pub mod cli;
pub mod failure;
mod jobs;
pub mod serve;
pub mod wiring;
