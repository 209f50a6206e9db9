use crate::message::CHANNEL;
use crate::pace::Pace;
use crate::place::Place;
use crate::trouble::Trouble;
use redis::aio::{MultiplexedConnection, SendError};
use redis::{PushInfo, PushKind, Value};
use tokio::sync::mpsc;

/// So many messages may wait to be read; what comes on top is read in the database.
const WAITING: usize = 1_000;

pub(crate) enum Heard {
    Message(Vec<u8>),
    Closed,
}

/// One connection that both publishes and listens (RESP3), so that its two directions break together.
pub(crate) struct Link {
    pub(crate) speaker: Speaker,
    pub(crate) heard: mpsc::Receiver<Heard>,
}

#[derive(Clone)]
pub(crate) struct Speaker(MultiplexedConnection);

impl Link {
    /// Connects and subscribes, in a cluster to another node at each attempt.
    pub(crate) async fn open(place: &Place, attempt: u32, pace: &Pace) -> Result<Self, Trouble> {
        let (sender, heard) = mpsc::channel(WAITING);
        let config = place.limits().set_push_sender(move |push| -> Result<(), SendError> {
            if let Some(heard) = hear(push) {
                // Full: the database tells. Gone: the link was given up.
                let _ = sender.try_send(heard);
            }
            Ok(())
        });
        let opening = async {
            let client = place.server(attempt).await?;
            let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            connection.subscribe(CHANNEL).await?;
            Ok(Self { speaker: Speaker(connection), heard })
        };
        // The limits above hold for single steps: a name that is looked up, or a TLS handshake, has none.
        tokio::time::timeout(pace.answer * 2, opening).await.unwrap_or(Err(Trouble::NoAnswer))
    }
}

impl Speaker {
    pub(crate) async fn publish(&mut self, message: Vec<u8>) -> Result<(), Trouble> {
        Ok(redis::cmd("PUBLISH").arg(CHANNEL).arg(message).exec_async(&mut self.0).await?)
    }
}

fn hear(mut push: PushInfo) -> Option<Heard> {
    match push.kind {
        PushKind::Disconnection => Some(Heard::Closed),
        PushKind::Message => match push.data.pop() {
            Some(Value::BulkString(message)) => Some(Heard::Message(message)),
            _ => None,
        },
        _ => None,
    }
}
