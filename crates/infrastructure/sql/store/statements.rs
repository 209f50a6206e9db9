//! A span for each statement of a request that is recorded.
use crate::backend::SYSTEM;
use diesel::connection::{Instrumentation, InstrumentationEvent, get_default_instrumentation};
use diesel::result::{DatabaseErrorKind, Error};
use doorward_ports::trace::{Span, SpanKind, Trace};
use doorward_ports::usage::Usage;
use std::fmt::{self, Write};

/// What begins here is cut off: the arguments of the statement.
const ARGUMENTS: &str = " -- binds";
/// A statement with many arguments has a longer text, which says no more.
const LONGEST_TEXT: usize = 2048;

/// Hears of the statements of one connection. An error or a dropped connection ends the span, so none stays open.
pub struct Statements {
    running: Span,
    /// Who hears of the statements of all connections, such as a test.
    others: Option<Box<dyn Instrumentation>>,
}

impl Default for Statements {
    fn default() -> Self {
        Self { running: Span::NONE, others: get_default_instrumentation() }
    }
}

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match &event {
            InstrumentationEvent::StartQuery { query, .. } => {
                self.running = Span::NONE;
                if let Some(trace) = Usage::trace() {
                    self.running = begin(&trace, query);
                }
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                if let Some(error) = error {
                    self.running.failed(reason(error));
                }
                self.running = Span::NONE;
            }
            _ => {}
        }
        if let Some(others) = &mut self.others {
            others.on_connection_event(event);
        }
    }
}

fn begin(trace: &Trace, query: impl fmt::Display) -> Span {
    let mut text = Text::default();
    // It ends with an error where the arguments begin, so that these are not even written to memory.
    let _ = write!(text, "{query}");
    let summary = Summary::of(&text.0);
    let span = trace.span(summary.to_string(), SpanKind::Client);
    span.set("db.system.name", SYSTEM);
    span.set("db.operation.name", summary.operation.to_owned());
    if let Some(table) = summary.table {
        span.set("db.collection.name", table.to_owned());
    }
    span.set("db.query.text", text.0);
    span
}

/// A name of the kind of error; the text of one could contain an argument.
const fn reason(error: &Error) -> &'static str {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => "unique_violation",
        Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => "foreign_key_violation",
        Error::DatabaseError(DatabaseErrorKind::CheckViolation, _) => "check_violation",
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => "serialization_failure",
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => "closed_connection",
        _ => "database_error",
    }
}

/// The text of a statement without its arguments.
#[derive(Default)]
struct Text(String);

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let (piece, ends) = piece.split_once(ARGUMENTS).map_or((piece, false), |(before, _)| (before, true));
        let room = LONGEST_TEXT.saturating_sub(self.0.len());
        let end = piece.floor_char_boundary(room);
        self.0.push_str(&piece[..end]);
        if ends { Err(fmt::Error) } else { Ok(()) }
    }
}

/// The operation and the first table, as the conventions of OpenTelemetry name a statement.
struct Summary<'a> {
    operation: &'a str,
    table: Option<&'a str>,
}

impl<'a> Summary<'a> {
    fn of(sql: &'a str) -> Self {
        let operation = sql.split_whitespace().next().unwrap_or("statement");
        let before_table: &[&str] = match operation {
            "SELECT" | "DELETE" | "WITH" => &["FROM"],
            "INSERT" => &["INTO"],
            "UPDATE" => &["UPDATE"],
            _ => &[],
        };
        Self { operation, table: word_after(sql, before_table) }
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        self.table.map_or(Ok(()), |table| write!(f, " {table}"))
    }
}

/// The word after one of these, outside of parentheses: those contain statements of their own.
fn word_after<'a>(sql: &'a str, keywords: &[&str]) -> Option<&'a str> {
    let mut depth = 0_usize;
    let mut found = false;
    for word in sql.split_whitespace() {
        if found {
            let name = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            return (!name.is_empty()).then_some(name);
        }
        found = depth == 0 && keywords.contains(&word);
        let (opened, closed) = (word.matches('(').count(), word.matches(')').count());
        depth = (depth + opened).saturating_sub(closed);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(sql: &str) -> String {
        Summary::of(sql).to_string()
    }

    #[test]
    fn a_statement_is_named_by_its_operation_and_its_first_table() {
        assert_eq!(summary("SELECT \"users\".\"id\" FROM \"users\" WHERE id = $1"), "SELECT users");
        assert_eq!(
            summary("SELECT `s`.`id`, (SELECT x FROM user_roles WHERE y) FROM (`sessions` JOIN z)"),
            "SELECT sessions"
        );
        assert_eq!(summary("INSERT INTO `audit_events` (`id`) VALUES (?)"), "INSERT audit_events");
        assert_eq!(summary("UPDATE \"guards\" SET n = n + 1"), "UPDATE guards");
        assert_eq!(summary("BEGIN IMMEDIATE"), "BEGIN");
        assert_eq!(summary("COMMIT"), "COMMIT");
        assert_eq!(summary(""), "statement");
    }

    #[test]
    fn the_arguments_of_a_statement_are_left_out() {
        struct Marked;
        impl fmt::Debug for Marked {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("an argument was written")
            }
        }
        let mut text = Text::default();
        let query = "SELECT 1 WHERE x = $1".to_owned();
        assert!(write!(text, "{query} -- binds: {Marked:?}").is_err());
        assert_eq!(text.0, query);
    }

    #[test]
    fn a_long_statement_is_cut() {
        let mut text = Text::default();
        write!(text, "{}", "ü".repeat(LONGEST_TEXT)).unwrap();
        assert!(text.0.len() <= LONGEST_TEXT && text.0.len() >= LONGEST_TEXT - 1);
    }
}
