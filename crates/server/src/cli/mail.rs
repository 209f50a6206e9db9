//! `doorward mail …`: the mails to owners of accounts.

use clap::{Args, Subcommand};
use doorward_ports::Personal;
use doorward_views::OutboxEntry;
use serde_json::json;

use super::named;
use super::operator_context::{OperatorContext, with_context};
use super::print::{self, Output};
use super::table;
use super::view::{Listed, moment};
use crate::failure::Failure;
use doorward_settings::Sources;

const USUAL: usize = 20;

/// Arguments of `mail`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward mail test ann@example.com       send a mail at once, to check the mail server
  doorward mail outbox                     list the mails that wait
  doorward mail outbox --output json       the same for programs")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Send a mail at once to this address; the exit code is 1 if it can't be sent
    Test(Recipient),
    /// List the mails that are not sent yet, without their content
    Outbox(Shown),
}

#[derive(Debug, Args)]
struct Recipient {
    /// The e-mail address
    #[arg(value_name = "EMAIL")]
    to: Personal,
}

#[derive(Debug, Args)]
struct Shown {
    /// The largest number of mails to list
    #[arg(long, value_name = "N", default_value_t = USUAL, value_parser = named::at_least_one)]
    limit: usize,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    with_context(sources, output, None, async |context| match arguments.verb {
        Verb::Test(Recipient { to }) => test(context, &to).await,
        Verb::Outbox(Shown { limit }) => outbox(context, limit).await,
    })
}

async fn test(context: &OperatorContext, to: &Personal) -> Result<(), Failure> {
    context.mails().send_test(&context.caller, to).await?;
    context.answer(&json!({ "sent_to": to.as_str() }), &format!("sent a mail to {}", to.as_str()))
}

async fn outbox(context: &OperatorContext, limit: usize) -> Result<(), Failure> {
    let entries = context.mails().outbox(&context.caller, limit).await?;
    let waiting = context.mails().waiting(&context.caller).await?;
    let rows: Vec<OutboxEntry> = entries.into_iter().map(OutboxEntry::from).collect();
    table::list(&rows, OutboxEntry::LISTED, context.output)?;
    if waiting > rows.len() as u64 {
        print::aside(&format!("these are {} of {waiting} mails: --limit N lists more\n", rows.len()));
    }
    Ok(())
}

impl Listed for OutboxEntry {
    const LISTED: &'static [table::Column<Self>] = &[
        ("kind", |mail| mail.kind.to_owned()),
        ("to", |mail| mail.to.clone().unwrap_or_else(|| "(sealed with another key)".to_owned())),
        ("attempts", |mail| mail.attempts.to_string()),
        ("due", |mail| moment(mail.due_at)),
        ("created", |mail| moment(mail.created_at)),
        ("id", |mail| mail.id.clone()),
    ];
}
