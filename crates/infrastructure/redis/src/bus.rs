use crate::channel::{Channel, Event, Publisher};
use crate::connection_error::ConnectionError;
use crate::message::{MOST, Message, NodeId};
use crate::timing::Timing;
use crate::topology::Topology;
use doorward_ports::Causes;
use doorward_ports::outbound::{Random, Revocation, RevocationBus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, MissedTickBehavior};

/// The number of revocations that may wait to be published; other nodes read the others in the database.
const QUEUE: usize = 10_000;
type Queue = mpsc::Receiver<Revocation>;

/// Publishes the revocations of this node to the other nodes, and theirs to this process.
///
/// [`RevocationBus::publish`] never waits: a background task publishes. While Redis can't be reached, messages are not
/// kept for later, because by then every node has read the revocations in the database.
pub struct RedisBus {
    queue: mpsc::Sender<Revocation>,
    queued: Mutex<Queue>,
    node: Node,
}

#[derive(Default)]
struct State {
    /// Whether our own messages come back.
    up: AtomicBool,
    untold: AtomicU64,
}

impl RedisBus {
    pub(crate) fn at(
        topology: Arc<Topology>,
        timing: Timing,
        local: Arc<dyn RevocationBus>,
        random: Arc<dyn Random>,
    ) -> Arc<Self> {
        let (queue, queued) = mpsc::channel(QUEUE);
        let id = NodeId::draw(&*random);
        let node = Node { topology, timing, id, local, random, state: State::default() };
        Arc::new(Self { queue, queued: Mutex::new(queued), node })
    }

    pub(crate) async fn run(&self) {
        self.node.run(&mut *self.queued.lock().await).await;
    }

    /// Whether other nodes can be reached now, in both directions.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.node.state.up.load(Ordering::Relaxed)
    }
}

impl RevocationBus for RedisBus {
    fn publish(&self, revocations: &[Revocation]) {
        let told = |&&revocation: &&Revocation| self.is_up() && self.queue.try_send(revocation).is_ok();
        let untold = revocations.iter().filter(|revocation| !told(revocation)).count();
        self.node.state.untold.fetch_add(untold as u64, Ordering::Relaxed);
    }
}

/// The background task: one connection after another.
struct Node {
    topology: Arc<Topology>,
    timing: Timing,
    id: NodeId,
    local: Arc<dyn RevocationBus>,
    random: Arc<dyn Random>,
    state: State,
}

/// However a run ends, nobody is reached after it.
struct Run<'a>(&'a State);

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.0.up.store(false, Ordering::Relaxed);
    }
}

impl Node {
    async fn run(&self, queue: &mut Queue) {
        let _run = Run(&self.state);
        let mut failures = 0_u32;
        loop {
            let error = match Channel::open(&self.topology, failures, &self.timing).await {
                Ok(channel) => self.stay(channel, queue).await,
                Err(error) => error,
            };
            let was_up = self.state.up.swap(false, Ordering::Relaxed);
            if was_up || failures == 0 {
                tracing::warn!(
                    error = %Causes(&error),
                    "Redis can't be reached: what other nodes revoke is read in the database, within a second"
                );
            }
            failures = if was_up { 1 } else { failures.saturating_add(1) };
            tokio::time::sleep(self.timing.wait(failures, &*self.random)).await;
        }
    }

    /// Until the connection breaks, or, without an error, until nothing can be published any more.
    async fn stay(&self, channel: Channel, queue: &mut Queue) -> ConnectionError {
        tokio::select! {
            error = self.publish_all(channel.publisher, queue) => error,
            error = self.listen(channel.events) => error,
        }
    }

    async fn publish_all(&self, mut publisher: Publisher, queue: &mut Queue) -> ConnectionError {
        let mut heartbeat = tokio::time::interval(self.timing.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                _ = heartbeat.tick() => self.admit_overflow(),
                // Never none: we hold the other end as well.
                _ = queue.recv_many(&mut batch, MOST) => {}
            }
            // Without revocations, it is the heartbeat.
            if let Err(error) = publisher.publish(Message::to_bytes(self.id, &batch)).await {
                return error;
            }
            batch.clear();
        }
    }

    async fn listen(&self, mut events: mpsc::Receiver<Event>) -> ConnectionError {
        let mut silent_at = Instant::now() + self.timing.silence;
        loop {
            let bytes = match tokio::time::timeout_at(silent_at, events.recv()).await {
                Ok(Some(Event::Message(bytes))) => bytes,
                Ok(Some(Event::Closed) | None) => return ConnectionError::Closed,
                Err(_) => return ConnectionError::Silence,
            };
            match Message::read(&bytes) {
                // Our own message: both directions work.
                Some(message) if message.from == self.id => {
                    silent_at = Instant::now() + self.timing.silence;
                    self.rise();
                }
                Some(message) => self.local.publish(&message.revocations),
                None => tracing::debug!(length = bytes.len(), "skipped a message that is not understood"),
            }
        }
    }

    fn rise(&self) {
        if !self.state.up.swap(true, Ordering::Relaxed) {
            let untold = self.state.untold.swap(0, Ordering::Relaxed);
            tracing::info!(untold, "Redis is reached: revocations are told to other nodes at once");
        }
    }

    fn admit_overflow(&self) {
        if self.state.up.load(Ordering::Relaxed) {
            let untold = self.state.untold.swap(0, Ordering::Relaxed);
            if untold > 0 {
                tracing::warn!(untold, "revocations came faster than Redis takes them: other nodes read the rest");
            }
        }
    }
}
