use crate::link::{Heard, Link, Speaker};
use crate::message::{MOST, Message, NodeId};
use crate::pace::Pace;
use crate::place::Place;
use crate::trouble::Trouble;
use doorward_ports::outbound::{Random, Revocation, RevocationBus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

/// So many revocations may wait to be published; what comes on top is read in the database.
const QUEUE: usize = 10_000;

/// Tells the other nodes of what this one revokes, and this process of what they do.
///
/// [`RevocationBus::publish`] never waits: a background task does the telling. While Redis can't be reached nothing is
/// kept for later, because by then every node has read it in the database.
pub struct RedisBus {
    queue: mpsc::Sender<Revocation>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Whether what we say comes back to us.
    up: AtomicBool,
    untold: AtomicU64,
}

impl RedisBus {
    pub(crate) fn start(
        place: Arc<Place>,
        pace: Pace,
        local: Arc<dyn RevocationBus>,
        random: Arc<dyn Random>,
        runtime: &Handle,
    ) -> Arc<Self> {
        let (sender, queue) = mpsc::channel(QUEUE);
        let state = Arc::new(State::default());
        let node = NodeId::draw(&*random);
        let own = Node { place, pace, node, local, random, state: state.clone() };
        runtime.spawn(own.run(queue));
        Arc::new(Self { queue: sender, state })
    }

    /// Whether other nodes are reached now, both ways.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state.up.load(Ordering::Relaxed)
    }
}

impl RevocationBus for RedisBus {
    fn publish(&self, revocations: &[Revocation]) {
        let told = |&&revocation: &&Revocation| self.is_up() && self.queue.try_send(revocation).is_ok();
        let untold = revocations.iter().filter(|revocation| !told(revocation)).count();
        self.state.untold.fetch_add(untold as u64, Ordering::Relaxed);
    }
}

/// The background task: one connection after the other.
struct Node {
    place: Arc<Place>,
    pace: Pace,
    node: NodeId,
    local: Arc<dyn RevocationBus>,
    random: Arc<dyn Random>,
    state: Arc<State>,
}

impl Node {
    async fn run(self, mut queue: mpsc::Receiver<Revocation>) {
        let mut failures = 0_u32;
        while !queue.is_closed() {
            let trouble = match Link::open(&self.place, failures, &self.pace).await {
                Ok(link) => self.stay(link, &mut queue).await,
                Err(trouble) => Some(trouble),
            };
            let Some(trouble) = trouble else { return };
            let was_up = self.state.up.swap(false, Ordering::Relaxed);
            if was_up || failures == 0 {
                tracing::warn!(
                    %trouble,
                    "Redis can't be reached: what other nodes revoke is felt by way of the database, within a second"
                );
            }
            failures = if was_up { 1 } else { failures.saturating_add(1) };
            tokio::time::sleep(self.pace.wait(failures, &*self.random)).await;
        }
    }

    /// Until the link breaks, or, without any trouble, until nobody can publish any more.
    async fn stay(&self, link: Link, queue: &mut mpsc::Receiver<Revocation>) -> Option<Trouble> {
        tokio::select! {
            ended = self.speak(link.speaker, queue) => ended.err(),
            trouble = self.listen(link.heard) => Some(trouble),
        }
    }

    async fn speak(&self, mut speaker: Speaker, queue: &mut mpsc::Receiver<Revocation>) -> Result<(), Trouble> {
        let mut heartbeat = tokio::time::interval(self.pace.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                _ = heartbeat.tick() => self.admit_overflow(),
                count = queue.recv_many(&mut batch, MOST) => if count == 0 { return Ok(()) },
            }
            // Without anything to tell it is the heartbeat.
            speaker.publish(Message::to_bytes(self.node, &batch)).await?;
            batch.clear();
        }
    }

    async fn listen(&self, mut heard: mpsc::Receiver<Heard>) -> Trouble {
        let mut silent_at = Instant::now() + self.pace.silence;
        loop {
            let bytes = match tokio::time::timeout_at(silent_at, heard.recv()).await {
                Ok(Some(Heard::Message(bytes))) => bytes,
                Ok(Some(Heard::Closed) | None) => return Trouble::Closed,
                Err(_) => return Trouble::Silence,
            };
            match Message::read(&bytes) {
                // Our own: both directions work.
                Some(message) if message.from == self.node => {
                    silent_at = Instant::now() + self.pace.silence;
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
