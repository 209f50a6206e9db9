use crate::connection_error::ConnectionError;
use crate::message::CHANNEL;
use crate::timing::Timing;
use crate::topology::Topology;
use redis::aio::{MultiplexedConnection, SendError};
use redis::{PushInfo, PushKind, Value};
use tokio::sync::mpsc;

/// The number of messages that may wait to be read; the others are read in the database.
const WAITING: usize = 1_000;

pub(crate) enum Event {
    Message(Vec<u8>),
    Closed,
}

/// One connection that publishes and listens (RESP3), so that its two directions break together.
pub(crate) struct Channel {
    pub(crate) publisher: Publisher,
    pub(crate) events: mpsc::Receiver<Event>,
}

#[derive(Clone)]
pub(crate) struct Publisher(MultiplexedConnection);

impl Channel {
    /// Connects and subscribes, in a cluster to another node at each attempt.
    pub(crate) async fn open(topology: &Topology, attempt: u32, timing: &Timing) -> Result<Self, ConnectionError> {
        let (sender, events) = mpsc::channel(WAITING);
        let config = topology.limits().set_push_sender(move |push| -> Result<(), SendError> {
            if let Some(event) = event(push) {
                // Full: the database has the message. Closed: the connection was given up.
                let _ = sender.try_send(event);
            }
            Ok(())
        });
        let opening = async {
            let client = topology.server(attempt).await?;
            let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            connection.subscribe(CHANNEL).await?;
            Ok(Self { publisher: Publisher(connection), events })
        };
        // The limits above are for single steps; a lookup of a name or a TLS handshake has none.
        tokio::time::timeout(timing.answer * 2, opening).await.unwrap_or(Err(ConnectionError::NoAnswer))
    }
}

impl Publisher {
    pub(crate) async fn publish(&mut self, message: Vec<u8>) -> Result<(), ConnectionError> {
        Ok(redis::cmd("PUBLISH").arg(CHANNEL).arg(message).exec_async(&mut self.0).await?)
    }
}

fn event(mut push: PushInfo) -> Option<Event> {
    match push.kind {
        PushKind::Disconnection => Some(Event::Closed),
        PushKind::Message => match push.data.pop() {
            Some(Value::BulkString(message)) => Some(Event::Message(message)),
            _ => None,
        },
        _ => None,
    }
}
