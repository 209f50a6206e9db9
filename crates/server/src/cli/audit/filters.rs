use clap::Args;
use doorward_ports::inbound::AuditQuery;

/// The filters of the audit log. A line is listed if it matches all of them.
#[derive(Debug, Args)]
pub(super) struct Filters {
    /// Only lines of this actor: anonymous, operator, user:ID or client:ID
    #[arg(long, value_name = "ACTOR")]
    actor: Option<String>,
    /// Only lines with this target, such as user:ID or role:NAME
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Only lines of this action, such as role.created
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only lines with this outcome: success or failure
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    /// Only lines that concern the account with this id
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Only lines of this time or later
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only lines before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl From<Filters> for AuditQuery {
    fn from(filters: Filters) -> Self {
        let Filters { actor, subject, action, outcome, account, from, to } = filters;
        Self { actor, subject, action, outcome, account, from, to }
    }
}
