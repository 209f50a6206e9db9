use clap::Args;
use doorward_views::ExportFormat;

use super::filters::Filters;
use crate::cli::operator_context::OperatorContext;
use crate::cli::print;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    filters: Filters,
    /// One JSON object a line (ndjson), or comma-separated values (csv)
    #[arg(long, value_name = "FORMAT", default_value = "ndjson", value_parser = str::parse::<ExportFormat>)]
    format: ExportFormat,
}

/// Reads the next part only when the last one is written, so that a slow reader of standard output needs no memory here.
pub(super) async fn export(context: &OperatorContext, asked: Arguments) -> Result<(), Failure> {
    let mut export = context.audit_trail().export(&context.caller, asked.filters.into()).await?;
    print::text(&asked.format.head())?;
    loop {
        let lines = export.next().await?;
        if lines.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for line in lines {
            asked.format.write(line, &mut text);
        }
        print::text(&text)?;
    }
}
