//! `doorward user mfa …`: the second factors of an account.
use clap::{Args, Subcommand};
use doorward_views::{Factor, User};

use super::OperatorContext;
use crate::cli::named::{Doomed, Who};
use crate::cli::table;
use crate::cli::view::Listed;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the second factors of an account
    List(Who),
    /// Delete all second factors and recovery codes of an account, whose owner has lost them
    Reset(Doomed<Who>),
}

impl Arguments {
    /// Whether `--yes` was given, for what can't be undone.
    pub(super) const fn doomed(&self) -> Option<bool> {
        match &self.verb {
            Verb::List(_) => None,
            Verb::Reset(doomed) => Some(doomed.yes),
        }
    }
}

pub(super) async fn run(context: &OperatorContext, arguments: Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::List(Who { named: who }) => list(context, &who).await,
        Verb::Reset(Doomed { it: Who { named: who }, .. }) => reset(context, &who).await,
    }
}

async fn list(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    let list = context.second_factors().of_user(&context.caller, account.id).await?;
    let rows: Vec<Factor> = list.factors.into_iter().map(Factor::from).collect();
    table::list(&rows, Factor::LISTED, context.output)
}

async fn reset(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    let question = format!("Delete all second factors of {}? From then on, the password is enough.", account.email);
    context.ask(&question)?;
    context.second_factors().reset(&context.caller, account.id).await?;
    let sentence = format!("deleted all second factors of {}", account.email);
    context.answer(&User::from(account), &sentence)
}
