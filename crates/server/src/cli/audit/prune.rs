use clap::Args;
use doorward_ports::inbound::Pruned;
use serde::Serialize;

use crate::cli::operator_context::OperatorContext;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Delete the lines that were sealed before this time
    #[arg(long, value_name = "TIME")]
    before: String,
}

/// The result, for programs.
#[derive(Serialize)]
struct Pruning {
    /// The number of the last deleted line, also of earlier prunings.
    pruned_to: i64,
    /// How many lines were deleted now.
    lines: i64,
}

pub(super) async fn prune(context: &OperatorContext, asked: &Arguments) -> Result<(), Failure> {
    let before = &asked.before;
    context.ask(&format!(
        "Delete all audit lines that were sealed before {before}? `doorward audit export --to {before}` shows their contents."
    ))?;
    let Pruned { to, lines } = context.audit_log().prune(&context.caller, before).await?;
    let sentence = match lines {
        0 => format!("no line was sealed before {before}: nothing was deleted"),
        _ => format!("deleted lines {} to {to}", to - lines + 1),
    };
    context.answer(&Pruning { pruned_to: to, lines }, &sentence)
}
