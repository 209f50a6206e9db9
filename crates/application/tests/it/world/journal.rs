//! Remembers what was committed to the audit log, since not every line can be read back by a port.
use doorward_domain::AuditOutcome;
use doorward_ports::outbound::{AuditEvent, StoreObserver, StoreOperation};
use serde_json::Value;
use std::sync::Mutex;
use std::time::Duration;

#[derive(Default)]
pub struct Journal(Mutex<Vec<AuditEvent>>);

/// What a test compares of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub action: &'static str,
    pub actor: String,
    pub subject: Option<String>,
    pub outcome: AuditOutcome,
    pub details: Value,
}

impl From<&AuditEvent> for Line {
    fn from(event: &AuditEvent) -> Self {
        Self {
            action: event.action.as_str(),
            actor: event.actor.to_string(),
            subject: event.subject.as_ref().map(ToString::to_string),
            outcome: event.outcome,
            details: serde_json::from_str(event.details.as_str()).unwrap(),
        }
    }
}

impl Journal {
    /// What was committed since the last time this was asked.
    pub fn take(&self) -> Vec<AuditEvent> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// [`Self::take`], as a test compares it.
    pub fn lines(&self) -> Vec<Line> {
        self.take().iter().map(Line::from).collect()
    }
}

impl StoreObserver for Journal {
    fn took(&self, _: StoreOperation, _: Duration) {}

    fn committed(&self, lines: &[AuditEvent]) {
        self.0.lock().unwrap().extend_from_slice(lines);
    }
}
