use doorward_domain::{AuditEventId, Timestamp, UserId};
use doorward_ports::inbound::{self, ListedEvent};
use serde::Serialize;
use serde_json::Value;
use std::net::IpAddr;
use std::str::FromStr;

/// A line of the audit log.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// The id of the line.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: AuditEventId,
    /// The number of the line in the order of the log. It is `null` until the line has one.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub seq: Option<i64>,
    /// When it happened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub occurred_at: Timestamp,
    /// Who acted: `anonymous`, `operator`, `user:ID` or `client:ID`.
    #[cfg_attr(feature = "openapi", schema(examples("user:0190a5c4-7e1b-7c3d-8f00-1234567890ab")))]
    pub actor: String,
    /// The action.
    #[cfg_attr(feature = "openapi", schema(examples("session.sign_in")))]
    pub action: &'static str,
    /// The target of the action, such as `user:ID`, `session:ID` or `role:NAME`. It is `null` for a name without an account.
    #[cfg_attr(feature = "openapi", schema(required = true, examples("role:support")))]
    pub subject: Option<String>,
    /// The id of the account that the line concerns, if it concerns one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Uuid, required = true))]
    pub account_id: Option<UserId>,
    /// Whether the action was done, or tried and refused.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(success|failure)$"))]
    pub outcome: &'static str,
    /// The correlation id of the request.
    pub correlation_id: String,
    /// The IP address of the caller, until the account that it belongs to is deleted.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, examples("203.0.113.9")))]
    pub address: Option<IpAddr>,
    /// The `User-Agent` of the caller, likewise.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub user_agent: Option<String>,
    /// Further data, depending on the action.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, examples(json!({"role": "support"}))))]
    pub details: Value,
}

impl From<ListedEvent> for AuditEvent {
    fn from(ListedEvent { seq, event }: ListedEvent) -> Self {
        Self {
            id: event.id,
            seq,
            occurred_at: event.occurred_at,
            actor: event.actor.to_string(),
            action: event.action.as_str(),
            subject: event.subject.map(|subject| subject.to_string()),
            account_id: event.account,
            outcome: event.outcome.as_str(),
            correlation_id: event.correlation_id,
            address: event.personal.address,
            user_agent: event.personal.user_agent,
            details: json(event.details.as_str()),
        }
    }
}

/// What one did, or what concerns one's account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// The id of the line in the audit log.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: AuditEventId,
    /// When it happened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub occurred_at: Timestamp,
    /// Who acted.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(owner|administrator|client_app|operator|anonymous)$"))]
    pub by: &'static str,
    /// The action.
    #[cfg_attr(feature = "openapi", schema(examples("session.sign_in")))]
    pub action: &'static str,
    /// The target of the action, such as `user:ID`, `session:ID` or `role:NAME`.
    #[cfg_attr(feature = "openapi", schema(required = true, examples("session:0190a5c4-7e1b-7c3d-8f00-1234567890ab")))]
    pub subject: Option<String>,
    /// Whether the action was done, or tried and refused.
    #[cfg_attr(feature = "openapi", schema(pattern = "^(success|failure)$"))]
    pub outcome: &'static str,
    /// The correlation id of the request.
    pub correlation_id: String,
    /// The IP address of the request, if `by` is `owner` or `anonymous`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, examples("203.0.113.9")))]
    pub address: Option<IpAddr>,
    /// The `User-Agent` of the request, likewise.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub user_agent: Option<String>,
    /// Further data, depending on the action.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, examples(json!({"reason": "ended_by_admin"}))))]
    pub details: Value,
}

impl From<inbound::Activity> for Activity {
    fn from(activity: inbound::Activity) -> Self {
        Self {
            id: activity.id,
            occurred_at: activity.occurred_at,
            by: activity.by.as_str(),
            action: activity.action.as_str(),
            subject: activity.subject.map(|subject| subject.to_string()),
            outcome: activity.outcome.as_str(),
            correlation_id: activity.correlation_id,
            address: activity.address,
            user_agent: activity.user_agent,
            details: json(activity.details.as_str()),
        }
    }
}

/// What somebody else has written there is shown as text: a log that was changed must still be readable.
fn json(details: &str) -> Value {
    serde_json::from_str(details).unwrap_or_else(|_| details.into())
}

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object for each line.
    Ndjson,
    /// RFC 4180.
    Csv,
}

/// The text names no format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be ndjson or csv")]
pub struct ExportFormatError;

impl FromStr for ExportFormat {
    type Err = ExportFormatError;

    fn from_str(text: &str) -> Result<Self, ExportFormatError> {
        match text {
            "ndjson" => Ok(Self::Ndjson),
            "csv" => Ok(Self::Csv),
            _ => Err(ExportFormatError),
        }
    }
}

/// The columns of CSV.
const COLUMNS: [&str; 12] = [
    "id",
    "seq",
    "occurred_at",
    "actor",
    "action",
    "subject",
    "account_id",
    "outcome",
    "correlation_id",
    "address",
    "user_agent",
    "details",
];

impl ExportFormat {
    /// What the export begins with.
    #[must_use]
    pub fn head(self) -> String {
        let mut head = String::new();
        if self == Self::Csv {
            row(&mut head, &COLUMNS.map(str::to_owned));
        }
        head
    }

    /// Adds a line to the export.
    pub fn write(self, line: ListedEvent, to: &mut String) {
        match self {
            Self::Ndjson => {
                let json = serde_json::to_string(&AuditEvent::from(line));
                to.push_str(&json.expect("a view has only keys that are text"));
                to.push('\n');
            }
            Self::Csv => row(to, &cells(line)),
        }
    }
}

fn cells(ListedEvent { seq, event }: ListedEvent) -> [String; COLUMNS.len()] {
    [
        event.id.to_string(),
        text(seq),
        event.occurred_at.to_string(),
        event.actor.to_string(),
        event.action.to_string(),
        text(event.subject),
        text(event.account),
        event.outcome.as_str().to_owned(),
        event.correlation_id,
        text(event.personal.address),
        event.personal.user_agent.unwrap_or_default(),
        event.details.as_str().to_owned(),
    ]
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A record of RFC 4180, every field in quotes.
fn row(to: &mut String, cells: &[String; COLUMNS.len()]) {
    for (index, cell) in cells.iter().enumerate() {
        to.push_str(if index == 0 { "\"" } else { ",\"" });
        if cell.starts_with(FORMULA) {
            to.push('\'');
        }
        to.push_str(&cell.replace('"', "\"\""));
        to.push('"');
    }
    to.push_str("\r\n");
}

/// A spreadsheet would run a cell that begins so as a formula, and callers choose their user agent. An apostrophe before it
/// makes it text (OWASP, CSV Injection).
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::{AuditAction, AuditActor, AuditOutcome};
    use doorward_ports::outbound::{AuditDetails, PersonalDetails};

    fn line(user_agent: &str, details: &str) -> ListedEvent {
        let occurred_at = Timestamp::from_micros(1_700_000_000_000_001);
        let personal = PersonalDetails {
            of: None,
            address: Some([203, 0, 113, 9].into()),
            user_agent: Some(user_agent.to_owned()),
        };
        let event = inbound::AuditEvent {
            id: AuditEventId::mint(occurred_at, [0; 10]),
            occurred_at,
            actor: AuditActor::Anonymous,
            action: AuditAction::SignIn,
            subject: None,
            account: None,
            outcome: AuditOutcome::Failure,
            correlation_id: "=1".to_owned(),
            details: AuditDetails::from_stored(details.to_owned()),
            personal,
        };
        ListedEvent { seq: Some(7), event }
    }

    fn written(format: ExportFormat, line: ListedEvent) -> String {
        let mut text = String::new();
        format.write(line, &mut text);
        text
    }

    #[test]
    fn a_line_of_ndjson_is_one_line_whatever_is_in_it() {
        let text = written(ExportFormat::Ndjson, line("a\r\n\"b", r#"{"reason":"locked"}"#));
        let expected = r#"{"id":"018bcfe5-6800-7000-8000-000000000000","seq":7,"occurred_at":"2023-11-14T22:13:20.000001Z","actor":"anonymous","action":"session.sign_in","subject":null,"account_id":null,"outcome":"failure","correlation_id":"=1","address":"203.0.113.9","user_agent":"a\r\n\"b","details":{"reason":"locked"}}"#;
        assert_eq!(text, format!("{expected}\n"));
        assert_eq!(ExportFormat::Ndjson.head(), "");
    }

    /// RFC 4180 §2, rules 1, 3 and 5 to 7.
    #[test]
    fn a_record_of_csv_has_every_field_in_quotes() {
        assert_eq!(
            ExportFormat::Csv.head(),
            "\"id\",\"seq\",\"occurred_at\",\"actor\",\"action\",\"subject\",\"account_id\",\"outcome\",\
             \"correlation_id\",\"address\",\"user_agent\",\"details\"\r\n"
        );
        let text = written(ExportFormat::Csv, line("a,\r\n\"b", r#"{"n":1}"#));
        let expected = "\"018bcfe5-6800-7000-8000-000000000000\",\"7\",\"2023-11-14T22:13:20.000001Z\",\"anonymous\",\
             \"session.sign_in\",\"\",\"\",\"failure\",\"'=1\",\"203.0.113.9\",\"a,\r\n\"\"b\",\"{\"\"n\"\":1}\"\r\n";
        assert_eq!(text, expected);
    }

    /// OWASP, CSV Injection.
    #[test]
    fn owasp_no_cell_begins_a_formula() {
        for first in FORMULA {
            let text = written(ExportFormat::Csv, line(&format!("{first}cmd|' /C calc'!A0"), "{}"));
            assert!(text.contains(&format!(",\"'{first}cmd")), "{text}");
        }
        assert!(written(ExportFormat::Csv, line("curl/8-5", "{}")).contains("\"curl/8-5\""));
    }

    #[test]
    fn details_that_are_no_json_are_shown_as_text() {
        let text = written(ExportFormat::Ndjson, line("curl", "{changed"));
        assert!(text.ends_with("\"details\":\"{changed\"}\n"), "{text}");
    }
}
