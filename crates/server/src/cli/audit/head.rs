use doorward_views::AuditHead;

use crate::cli::operator_context::OperatorContext;
use crate::cli::print;
use crate::failure::Failure;

/// As JSON in every format, because `audit verify --head` reads it.
pub(super) async fn head(context: &OperatorContext) -> Result<(), Failure> {
    match context.audit_log().head(&context.caller).await? {
        Some(head) => print::json(&AuditHead::from(head)),
        None => {
            Err(Failure::failed("no audit line is sealed yet", "start the server, which seals lines within a second"))
        }
    }
}
