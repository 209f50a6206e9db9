use crate::connection_error::ConnectionError;
use crate::multiplexed::Multiplexed;
use deadpool_redis::ObjectId;
use doorward_ports::Causes;
use tokio::sync::watch;

/// A circuit breaker. If it is closed, all callers get a connection; if it is open, they get none, and none waits.
#[derive(Clone, Default)]
pub(crate) struct Breaker(watch::Sender<Option<Shared>>);

#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) connection: Multiplexed,
    /// The number of the connection: an error on an earlier one does not concern the current one.
    pub(crate) id: ObjectId,
}

impl Breaker {
    pub(crate) fn shared(&self) -> Option<Shared> {
        self.0.borrow().clone()
    }

    /// From now on all callers use this connection.
    pub(crate) fn close(&self, new: Shared) {
        let closed = self.0.send_if_modified(|shared| shared.replace(new).is_none());
        if closed {
            tracing::info!("Redis is reached: what is kept in it counts");
        }
    }

    /// From now on nobody waits for this connection, or for any. Whether there was such a one.
    pub(crate) fn open(&self, id: Option<ObjectId>, error: &ConnectionError) -> bool {
        let fails = |shared: &mut Shared| id.is_none_or(|id| id == shared.id);
        let opened = self.0.send_if_modified(|shared| shared.take_if(fails).is_some());
        if opened {
            tracing::warn!(error = %Causes(error), "Redis does not answer: this node does without what is kept in it");
        }
        opened
    }

    /// Waits until it is open.
    pub(crate) async fn opened(&self) {
        // It fails only after the breaker was dropped, and this is the breaker.
        let _ = self.0.subscribe().wait_for(Option::is_none).await;
    }
}
