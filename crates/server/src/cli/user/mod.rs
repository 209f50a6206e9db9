//! `doorward user …`: accounts, as an administrator at the machine works on them.

mod change;
mod create;
mod list;

use clap::{Args, Subcommand};

use super::desk::{Desk, with_desk};
use super::named::{Doomed, Who};
use super::print::Output;
use crate::failure::Failure;
use doorward_settings::Sources;

/// What can be said to `user`.
#[derive(Debug, Args)]
#[command(after_help = "\
WHO is an id, an e-mail address or a username. What is done is felt by a running server within a second.

Examples:
  doorward user create ann@example.com --role support      asks for the password
  printf '%s\\n' \"$PASSWORD\" | doorward user create bob@example.com --verified
  doorward user list --role admin
  doorward user disable ann@example.com
  doorward user list --all --output json | jq -r '.[].email'")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make an account; its password is asked for, or read from standard input
    Create(create::Arguments),
    /// List accounts, newest first
    List(list::Arguments),
    /// Show an account
    Show(Who),
    /// Let an account do nothing any more, and end its sessions; its data stays
    Disable(Who),
    /// Let a disabled account sign in again
    Enable(Who),
    /// Delete an account and all its data
    Delete(Doomed<Who>),
    /// Set a password and end all sessions; it is asked for, or read from standard input
    SetPassword(Who),
    /// Give an account a role
    Grant(Holding),
    /// Take a role from an account
    Revoke(Holding),
    /// Lift what wrong passwords have locked
    Unlock(Who),
    /// List where an account is signed in
    Sessions(Who),
    /// End all sessions of an account
    SignOut(Who),
}

#[derive(Debug, Args)]
struct Holding {
    #[command(flatten)]
    account: Who,
    /// The role
    role: String,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Delete(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_desk(sources, output, doomed, async |desk| act(desk, arguments.verb).await)
}

async fn act(desk: &Desk, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Create(account) => create::create(desk, account).await,
        Verb::List(asked) => list::accounts(desk, asked).await,
        Verb::Show(Who { named: who }) => list::account(desk, &who).await,
        Verb::Sessions(Who { named: who }) => list::sessions(desk, &who).await,
        Verb::Disable(Who { named: who }) => change::set_active(desk, &who, false).await,
        Verb::Enable(Who { named: who }) => change::set_active(desk, &who, true).await,
        Verb::Delete(Doomed { it: Who { named: who }, .. }) => change::delete(desk, &who).await,
        Verb::SetPassword(Who { named: who }) => change::set_password(desk, &who).await,
        Verb::Grant(Holding { account: Who { named: who }, role }) => change::grant(desk, &who, &role).await,
        Verb::Revoke(Holding { account: Who { named: who }, role }) => change::revoke(desk, &who, &role).await,
        Verb::Unlock(Who { named: who }) => change::unlock(desk, &who).await,
        Verb::SignOut(Who { named: who }) => change::sign_out(desk, &who).await,
    }
}
