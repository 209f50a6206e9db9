use super::AuditEvent;
use std::time::Duration;

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// What a store spends time on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum StoreOperation {
            $($(#[$doc])* $variant),*
        }

        impl StoreOperation {
            /// Every operation there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }
    };
}

operations! {
    /// To lend a connection to somebody who reads.
    OpenRead = "open_read",
    /// To lend one and begin a transaction that sees one moment.
    OpenSnapshot = "open_snapshot",
    /// To lend one and begin a transaction that may write.
    OpenWrite = "open_write",
    /// For how long somebody who reads held it.
    Read = "read",
    /// For how long a transaction that sees one moment was open.
    Snapshot = "snapshot",
    /// For how long a transaction that may write was open, until it was committed or dropped.
    Write = "write",
    /// To make a transaction durable.
    Commit = "commit",
    /// To exchange a refresh token, all of it.
    Exchange = "exchange",
    /// To find an open session, or several, with the wait for a connection. So for the next four.
    SessionState = "session_state",
    /// To find the client apps that grants belong to.
    ClientState = "client_state",
    /// To find accounts.
    User = "user",
    /// To find roles.
    Role = "role",
    /// To find the providers in the store.
    Providers = "providers",
    /// To answer whether the store answers.
    Ping = "ping",
}

/// Watches a store from inside: it is told what has happened, and changes none of it.
pub trait StoreObserver: Send + Sync {
    /// An operation has ended after so long: done, failed or given up.
    fn took(&self, operation: StoreOperation, time: Duration);

    /// These lines of the audit log are durable, in their order; told once, before the commit is answered.
    fn committed(&self, lines: &[AuditEvent]);
}

/// Watches nothing.
impl StoreObserver for () {
    fn took(&self, _: StoreOperation, _: Duration) {}

    fn committed(&self, _: &[AuditEvent]) {}
}
