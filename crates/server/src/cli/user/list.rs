use clap::Args;
use doorward_ports::Personal;
use doorward_ports::inbound::UserQuery;
use doorward_views::{Session, User};

use super::OperatorContext;
use crate::cli::operator_context::{Walked, walk};
use crate::cli::view::{Listed, Shown};
use crate::cli::{named, print, table};
use crate::failure::Failure;

const USUAL: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// List only the account with this e-mail address
    #[arg(long, value_name = "EMAIL")]
    email: Option<Personal>,
    /// List only the account with this username
    #[arg(long, value_name = "NAME")]
    username: Option<Personal>,
    /// List only accounts with a full name, username or e-mail address in which a word begins with this text
    #[arg(long, value_name = "TEXT", conflicts_with = "sort")]
    prefix: Option<Personal>,
    /// List only accounts with this role
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// List only accounts that are enabled
    #[arg(long, conflicts_with = "disabled")]
    active: bool,
    /// List only accounts that are disabled
    #[arg(long)]
    disabled: bool,
    /// The order of the list; `-` reverses it. The default is the newest first
    #[arg(long, value_name = "ORDER", allow_hyphen_values = true, value_parser = ["created_at", "-created_at", "email", "-email"])]
    sort: Option<String>,
    /// The largest number of accounts to list
    #[arg(long, value_name = "N", default_value_t = USUAL, conflicts_with = "all", value_parser = named::at_least_one)]
    limit: usize,
    /// List all accounts
    #[arg(long)]
    all: bool,
}

pub(super) async fn accounts(context: &OperatorContext, asked: Arguments) -> Result<(), Failure> {
    let wanted = (!asked.all).then_some(asked.limit);
    let query = query(asked);
    let Walked { rows, more } = walk(wanted, async |cursor, limit| {
        context.accounts().list(&context.caller, UserQuery { cursor, limit, ..query.clone() }).await
    })
    .await?;
    let rows: Vec<User> = rows.into_iter().map(User::from).collect();
    table::list(&rows, User::LISTED, context.output)?;
    if more {
        print::aside(&format!("these are the first {} accounts: --all lists all, --limit N lists more\n", rows.len()));
    }
    Ok(())
}

fn query(asked: Arguments) -> UserQuery {
    UserQuery {
        email: asked.email,
        username: asked.username,
        search: asked.prefix,
        is_active: (asked.active || asked.disabled).then_some(asked.active),
        role: asked.role,
        sort: asked.sort,
        ..UserQuery::default()
    }
}

pub(super) async fn account(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    table::record(&User::from(context.account(who).await?), User::SHOWN, context.output)
}

pub(super) async fn sessions(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    let Walked { rows, .. } =
        walk(None, async |cursor, limit| context.sessions().of_user(&context.caller, account.id, cursor, limit).await)
            .await?;
    let rows: Vec<Session> = rows.into_iter().map(Session::from).collect();
    table::list(&rows, Session::LISTED, context.output)
}
