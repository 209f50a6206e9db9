//! `doorward user …`: accounts, for the operator at the machine.

mod change;
mod create;
mod list;
mod mfa;

use clap::{Args, Subcommand};

use super::named::{Doomed, Who};
use super::operator_context::{OperatorContext, with_context};
use super::print::Output;
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `user`.
#[derive(Debug, Args)]
#[command(after_help = "\
WHO is the id, the e-mail address or the username of an account. Changes take effect on a running server within one second.

Examples:
  doorward user create ann@example.com --role support      ask for the password
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
    /// Create an account; ask for its password, or read it from standard input
    Create(create::Arguments),
    /// List accounts, newest first
    List(list::Arguments),
    /// Show an account
    Show(Who),
    /// Disable an account and end its sessions; its data is kept
    Disable(Who),
    /// Enable a disabled account, so that its owner can sign in again
    Enable(Who),
    /// Delete an account and all its data
    Delete(Doomed<Who>),
    /// Set the password of an account and end its sessions; ask for the password, or read it from standard input
    SetPassword(change::SetPassword),
    /// Grant a role to an account
    Grant(Holding),
    /// Revoke a role from an account
    Revoke(Holding),
    /// Unlock an account that too many wrong passwords have locked
    Unlock(Who),
    /// Invite the owner of an account without a password: send a link to set one
    Invite(Who),
    /// List the live sessions of an account
    Sessions(Who),
    /// End all sessions of an account
    SignOut(Who),
    /// List or delete the second factors of an account
    Mfa(mfa::Arguments),
}

#[derive(Debug, Args)]
struct Holding {
    #[command(flatten)]
    account: Who,
    /// The name of the role
    role: String,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = match &arguments.verb {
        Verb::Delete(doomed) => Some(doomed.yes),
        Verb::Mfa(asked) => asked.doomed(),
        _ => None,
    };
    with_context(sources, output, doomed, async |context| act(context, arguments.verb).await)
}

async fn act(context: &OperatorContext, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Create(account) => create::create(context, account).await,
        Verb::List(asked) => list::accounts(context, asked).await,
        Verb::Show(Who { named: who }) => list::account(context, &who).await,
        Verb::Sessions(Who { named: who }) => list::sessions(context, &who).await,
        Verb::Disable(Who { named: who }) => change::set_active(context, &who, false).await,
        Verb::Enable(Who { named: who }) => change::set_active(context, &who, true).await,
        Verb::Delete(Doomed { it: Who { named: who }, .. }) => change::delete(context, &who).await,
        Verb::SetPassword(asked) => change::set_password(context, &asked).await,
        Verb::Grant(Holding { account: Who { named: who }, role }) => change::grant(context, &who, &role).await,
        Verb::Revoke(Holding { account: Who { named: who }, role }) => change::revoke(context, &who, &role).await,
        Verb::Unlock(Who { named: who }) => change::unlock(context, &who).await,
        Verb::Invite(Who { named: who }) => change::invite(context, &who).await,
        Verb::SignOut(Who { named: who }) => change::sign_out(context, &who).await,
        Verb::Mfa(asked) => mfa::run(context, asked).await,
    }
}
