use doorward_domain::Timestamp;
use doorward_ports::inbound;
use serde::Serialize;

/// A mail that is to be sent, without its content.
#[derive(Debug, Serialize)]
pub struct OutboxEntry {
    /// The id of the mail.
    pub id: String,
    /// The kind of the mail.
    pub kind: &'static str,
    /// The recipient; none if another sealing key has sealed the mail.
    pub to: Option<String>,
    /// When the mail was written.
    pub created_at: Timestamp,
    /// When the next attempt to send it is due.
    pub due_at: Timestamp,
    /// How many attempts there were.
    pub attempts: u32,
}

impl From<inbound::OutboxEntry> for OutboxEntry {
    fn from(entry: inbound::OutboxEntry) -> Self {
        let inbound::OutboxEntry { id, kind, to, created_at, due_at, attempts } = entry;
        let to = to.map(doorward_ports::Personal::into_string);
        Self { id: id.to_string(), kind: kind.as_str(), to, created_at, due_at, attempts }
    }
}
