use clap::Args;
use doorward_ports::inbound::AuditQuery;
use doorward_views::AuditEvent;

use super::filters::Filters;
use crate::cli::operator_context::{OperatorContext, Walked, walk};
use crate::cli::view::Listed;
use crate::cli::{named, print, table};
use crate::failure::Failure;

const USUAL: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    filters: Filters,
    /// The largest number of lines to list
    #[arg(long, value_name = "N", default_value_t = USUAL, conflicts_with = "all", value_parser = named::at_least_one)]
    limit: usize,
    /// List all lines; `audit export` needs less memory for many
    #[arg(long)]
    all: bool,
}

pub(super) async fn list(context: &OperatorContext, asked: Arguments) -> Result<(), Failure> {
    let wanted = (!asked.all).then_some(asked.limit);
    let query = AuditQuery::from(asked.filters);
    let Walked { rows, more } = walk(wanted, async |cursor, limit| {
        context.audit_trail().list(&context.caller, query.clone(), cursor, limit).await
    })
    .await?;
    let rows: Vec<AuditEvent> = rows.into_iter().map(AuditEvent::from).collect();
    table::list(&rows, AuditEvent::LISTED, context.output)?;
    if more {
        print::aside(&format!("these are the newest {} lines: --all lists all, --limit N lists more\n", rows.len()));
    }
    Ok(())
}
