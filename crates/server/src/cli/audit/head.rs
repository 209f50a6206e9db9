use doorward_views::AuditHead;

use crate::cli::operator_context::OperatorContext;
use crate::cli::print;
use crate::failure::Failure;

/// As JSON in every format, because `audit verify --head` reads it.
pub(super) async fn head(context: &OperatorContext) -> Result<(), Failure> {
    print::json(&AuditHead::from(context.audit_log().head(&context.caller).await?))
}
