//! Where the lines of the audit log are shipped: a file with one JSON object a line, or syslog (RFC 5424) over UDP, TCP or
//! TLS. It knows neither the log nor how far it was read: the use case gives it lines, and moves on when they have arrived.
//!
//! * A **file** has taken a line when it is on the disk.
//! * A receiver over **TCP or TLS** has taken the lines of a connection when it closes the connection after their end. Syslog
//!   has no other confirmation: what was only written may still be lost with the receiver.
//! * **UDP** has no confirmation at all.
//!
//! **To add a destination**: a module with a type that implements [`doorward_ports::outbound::AuditDestination`], and a variant of the setting.
#![warn(missing_docs)]

mod file;
mod message;
mod stream;
mod udp;

pub use file::File;
pub use stream::{ReceiverError, Stream};
pub use udp::Udp;

use doorward_ports::outbound::{NotDelivered, SealedEvent};
use std::time::Duration;

/// How a line becomes text: one JSON object, without a line break.
pub type Render = fn(&SealedEvent) -> String;

/// How long one delivery may take over a network, with the connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a receiver of syslog listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its name or IP address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

async fn in_time<T>(delivery: impl Future<Output = std::io::Result<T>>, receiver: &Address) -> Result<T, NotDelivered> {
    let failed = |error| NotDelivered::to(&format!("the receiver {}:{}", receiver.host, receiver.port), error);
    match tokio::time::timeout(PATIENCE, delivery).await {
        Ok(delivered) => delivered.map_err(failed),
        Err(_) => Err(failed(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            format!("it has not taken the lines and closed the connection within {PATIENCE:?}"),
        ))),
    }
}

#[cfg(test)]
mod tests;
