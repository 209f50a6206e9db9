//! The command line: what people and scripts type. Each command is one file here.
//!
//! Answers go to standard output, as text or, by `--output json`, for programs; everything else goes to
//! standard error. The exit code is 0 when it was done, 1 when it failed, 2 when it was typed wrongly.

mod access;
mod client_app;
mod completions;
mod config;
mod consent;
mod desk;
mod doctor;
mod keys;
mod migrate;
mod named;
mod openapi;
pub mod password;
mod permission;
pub mod print;
mod role;
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

/// The account, sign-in and authorization service in front of your applications.
#[derive(Debug, Parser)]
#[command(
    name = "doorward",
    version,
    after_help = "Start with `doorward config show`, which prints every setting and where it comes from.",
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

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server; what happens without a command too
    Serve,
    /// Bring the database's schema up to date
    Migrate(migrate::Arguments),
    /// Look at what the service stands on, and say what to mend
    Doctor,
    /// Make, show and change accounts
    User(user::Arguments),
    /// Make, show and change roles
    Role(role::Arguments),
    /// Make, list and delete permissions: what roles can allow
    Permission(permission::Arguments),
    /// Make, show and change client apps: programs that ask for tokens
    ClientApp(client_app::Arguments),
    /// Show, rotate, retire and revoke the keys that tokens are signed with
    Keys(keys::Arguments),
    /// Check, show or describe the settings
    Config(config::Arguments),
    /// Print the OpenAPI 3.1 description of the REST API
    Openapi,
    /// Describe who may do what
    Access(access::Arguments),
    /// Print a script that completes commands in your shell
    Completions(completions::Arguments),
}

/// Does what was typed, and says by the exit code whether it worked.
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
        Some(Command::Doctor) => doctor::run(&sources, cli.output),
        Some(Command::User(arguments)) => user::run(arguments, &sources, cli.output),
        Some(Command::Role(arguments)) => role::run(arguments, &sources, cli.output),
        Some(Command::Permission(arguments)) => permission::run(arguments, &sources, cli.output),
        Some(Command::ClientApp(arguments)) => client_app::run(arguments, &sources, cli.output),
        Some(Command::Keys(arguments)) => keys::run(arguments, &sources, cli.output),
        Some(Command::Config(arguments)) => config::run(&arguments, &sources, cli.output),
        Some(Command::Completions(arguments)) => completions::run(&arguments),
        Some(Command::Openapi) => openapi::run(),
        Some(Command::Access(arguments)) => access::run(&arguments),
        Some(Command::Serve) | None => serve::run(&sources),
    }
}

/// Tells it on standard error, and gives the exit code of its kind.
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
