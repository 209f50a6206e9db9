//! The command line. Each command is one file here.
//!
//! Answers go to standard output, as text or, with `--output json`, for programs; everything else goes to
//! standard error. The exit code is 0 after success, 1 after a failure, and 2 if the command was typed wrongly.

mod access;
mod audit;
mod client_app;
mod completions;
mod config;
mod consent;
mod doctor;
mod graphql_schema;
mod keys;
mod mail;
mod migrate;
mod named;
mod openapi;
mod operator_context;
pub mod password;
mod permission;
pub mod print;
mod provider;
mod role;
mod secrets;
mod serve;
pub mod table;
mod user;
mod view;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::print::Output;
use crate::failure::Failure;
use doorward_settings::Sources;

/// An account, sign-in and authorization service for your applications.
#[derive(Debug, Parser)]
#[command(
    name = "doorward",
    version,
    after_help = "`doorward config show` prints every setting and its source.",
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Read settings from this TOML file instead of ./doorward.toml
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Print answers as text for people, or as JSON for programs
    #[arg(long, value_name = "FORMAT", global = true, default_value = "text")]
    output: Output,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server; this is the default command
    Serve,
    /// Update the schema of the database
    Migrate(migrate::Arguments),
    /// Check the environment of the service, and print what to fix
    Doctor(doctor::Arguments),
    /// Create, show and change accounts
    User(user::Arguments),
    /// Create, show and change roles
    Role(role::Arguments),
    /// Create, list and delete permissions, which roles grant
    Permission(permission::Arguments),
    /// Create, show and change client apps: programs that get tokens
    ClientApp(client_app::Arguments),
    /// Add, show, change and test identity providers, with which people sign in
    Provider(provider::Arguments),
    /// List, rotate, retire and revoke signing keys
    Keys(keys::Arguments),
    /// Show, rotate and retire the keys that seal secrets in the database
    Secrets(secrets::Arguments),
    /// Send a mail to try it out, and list the mails that wait
    Mail(mail::Arguments),
    /// List, export and verify the audit log, and print its signed head
    Audit(audit::Arguments),
    /// Check, show or describe the settings
    Config(config::Arguments),
    /// Print the OpenAPI 3.1 description of the REST API
    Openapi,
    /// Print the schema of the GraphQL API, with who may use each field
    GraphqlSchema,
    /// Print reference pages of operations, rate limits and error codes
    Access(access::Arguments),
    /// Print a completion script for your shell
    Completions(completions::Arguments),
}

/// Runs the command, and returns the exit code.
pub fn run(cli: Cli) -> ExitCode {
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let sources = Sources::of_process(cli.config);
    match cli.command {
        Some(Command::Migrate(arguments)) => migrate::run(&arguments, &sources, cli.output),
        Some(Command::Doctor(arguments)) => doctor::run(&arguments, &sources, cli.output),
        Some(Command::User(arguments)) => user::run(arguments, &sources, cli.output),
        Some(Command::Role(arguments)) => role::run(arguments, &sources, cli.output),
        Some(Command::Permission(arguments)) => permission::run(arguments, &sources, cli.output),
        Some(Command::ClientApp(arguments)) => client_app::run(arguments, &sources, cli.output),
        Some(Command::Provider(arguments)) => provider::run(arguments, &sources, cli.output),
        Some(Command::Keys(arguments)) => keys::run(arguments, &sources, cli.output),
        Some(Command::Secrets(arguments)) => secrets::run(arguments, &sources, cli.output),
        Some(Command::Mail(arguments)) => mail::run(arguments, &sources, cli.output),
        Some(Command::Audit(arguments)) => audit::run(arguments, &sources, cli.output),
        Some(Command::Config(arguments)) => config::run(&arguments, &sources, cli.output),
        Some(Command::Completions(arguments)) => completions::run(&arguments),
        Some(Command::Openapi) => openapi::run(),
        Some(Command::GraphqlSchema) => graphql_schema::run(),
        Some(Command::Access(arguments)) => access::run(&arguments),
        Some(Command::Serve) | None => serve::run(&sources),
    }
}

/// Prints the failure on standard error, and returns its exit code.
fn report(failure: &Failure) -> ExitCode {
    match failure {
        Failure::ReaderGone => return ExitCode::SUCCESS,
        Failure::Told => return ExitCode::from(1),
        Failure::Usage(help) => print::aside(help),
        Failure::Failed { .. } | Failure::Settings(_) => print::aside(&format!("error: {failure}\n")),
    }
    ExitCode::from(if matches!(failure, Failure::Usage(_)) { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_file_and_output_are_understood_before_and_after_the_command() {
        for line in
            ["doorward --config a.toml --output json config show", "doorward config show --config a.toml --output json"]
        {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!((cli.config, cli.output), (Some("a.toml".into()), Output::Json), "{line}");
        }
    }

    #[test]
    fn every_command_and_option_has_a_help_text() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
