use crate::breaker::{Breaker, Shared};
use crate::connection_error::ConnectionError;
use crate::key::key;
use crate::pool::{Cluster, Connects, Master, pool};
use crate::timing::Timing;
use crate::topology::{Kind, Topology};
use async_trait::async_trait;
use deadpool::managed::{Object, Pool};
use doorward_ports::Causes;
use doorward_ports::outbound::Random;
use redis::{Cmd, FromRedisValue, RedisError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The connection for everything that is stored in Redis, behind a circuit breaker.
///
/// A task in the background borrows it from a pool and shares it: many commands are under way on it at once, and none of
/// them costs a round trip to borrow one. When something first goes wrong the breaker opens, and until that task has
/// borrowed another, nobody waits for it at all.
pub(crate) struct Connection {
    breaker: Breaker,
    patience: Duration,
    keeper: Box<dyn Keeps>,
    checked: Arc<Checked>,
}

/// How long the last successful check took, in microseconds.
#[derive(Default)]
struct Checked(AtomicU64);

impl Connection {
    pub(crate) fn to(topology: &Arc<Topology>, timing: Timing, random: Arc<dyn Random>) -> Result<Self, RedisError> {
        let breaker = Breaker::default();
        let probe = probe(&timing, &*random);
        let checked = Arc::new(Checked::default());
        let keeper = Keeper { breaker: breaker.clone(), timing, random, checked: checked.clone() };
        let keeper: Box<dyn Keeps> = match topology.kind() {
            Kind::Server => Box::new((keeper, pool(topology.manager()?, &timing, &probe))),
            Kind::Cluster(client) => Box::new((keeper, pool(Cluster((**client).clone()), &timing, &probe))),
            Kind::Sentinels(_) => Box::new((keeper, pool(Master(topology.clone()), &timing, &probe))),
        };
        Ok(Self { breaker, patience: timing.patience, keeper, checked })
    }

    /// Keeps it, for ever.
    pub(crate) async fn keep(&self) {
        self.keeper.keep().await;
    }

    /// Has a connection opened or checked, as [`Self::keep`] does; returns how long it took.
    pub(crate) async fn check(&self) -> Result<Duration, ConnectionError> {
        self.keeper.check().await
    }

    /// How long the last successful check took.
    pub(crate) fn took(&self) -> Duration {
        self.checked.took()
    }

    /// Whether the last command to Redis succeeded.
    pub(crate) fn is_up(&self) -> bool {
        self.breaker.shared().is_some()
    }

    /// Returns the answer, unless there is none in a short time.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        self.ask_expecting(command, |_| false).await?.ok()
    }

    /// As [`Self::ask`]; an expected error is an answer like any other.
    pub(crate) async fn ask_expecting<T: FromRedisValue>(
        &self,
        command: &Cmd,
        expected: impl Fn(&RedisError) -> bool,
    ) -> Option<Result<T, RedisError>> {
        let Shared { mut connection, id } = self.breaker.shared()?;
        let error = match tokio::time::timeout(self.patience, connection.query(command)).await {
            Ok(Ok(answer)) => return Some(Ok(answer)),
            Ok(Err(error)) if expected(&error) => return Some(Err(error)),
            Ok(Err(error)) => error.into(),
            Err(_) => ConnectionError::NoAnswer,
        };
        self.breaker.open(Some(id), &error);
        None
    }
}

/// A keeper with a pool of any kind.
#[async_trait]
trait Keeps: Send + Sync {
    async fn keep(&self);
    async fn check(&self) -> Result<Duration, ConnectionError>;
}

#[async_trait]
impl<M: Connects> Keeps for (Keeper, Pool<M>) {
    async fn keep(&self) {
        let (keeper, pool) = self;
        keeper.run(pool).await;
    }

    async fn check(&self) -> Result<Duration, ConnectionError> {
        let (keeper, pool) = self;
        keeper.borrow(pool).await?;
        Ok(keeper.checked.took())
    }
}

/// What has the pool lend a connection, and shares it.
struct Keeper {
    breaker: Breaker,
    timing: Timing,
    random: Arc<dyn Random>,
    checked: Arc<Checked>,
}

impl Checked {
    fn took(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    fn note(&self, took: Duration) {
        self.0.store(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Keeper {
    async fn run<M: Connects>(&self, pool: &Pool<M>) {
        let mut failures = 0_u32;
        loop {
            match self.borrow(pool).await {
                Ok(shared) => {
                    self.breaker.close(shared);
                    if tokio::time::timeout(self.timing.heartbeat, self.breaker.opened()).await.is_err() {
                        failures = 0;
                        continue;
                    }
                    // A caller got no answer on it.
                    pool.retain(|_, _| false);
                }
                Err(error) => {
                    if !self.breaker.open(None, &error) && failures == 0 {
                        tracing::warn!(error = %Causes(&error), "Redis can't be reached: this node does without what is kept in it");
                    }
                }
            }
            failures = failures.saturating_add(1);
            tokio::time::sleep(self.timing.wait(failures, &*self.random)).await;
        }
    }

    /// It goes back to the pool at once, which checks it when it is borrowed again, and replaces it if it fails.
    async fn borrow<M: Connects>(&self, pool: &Pool<M>) -> Result<Shared, ConnectionError> {
        let began = Instant::now();
        let borrowing = pool.get();
        let lent = if self.breaker.shared().is_some() {
            // Requests use it meanwhile: for all of this there is no more time than for an answer.
            tokio::time::timeout(self.timing.answer, borrowing).await.map_err(|_| ConnectionError::NoAnswer)?
        } else {
            borrowing.await
        }?;
        self.checked.note(began.elapsed());
        Ok(Shared { id: Object::id(&lent), connection: (*lent).clone().into() })
    }
}

/// The value that is written to check that writing works.
fn probe(timing: &Timing, random: &dyn Random) -> Cmd {
    let mut node = [0; 8];
    random.fill(&mut node);
    let lifetime = u64::try_from((timing.heartbeat * 2).as_millis()).unwrap_or(u64::MAX);
    let mut write = redis::cmd("SET");
    write.arg(key("probe", u64::from_be_bytes(node))).arg("").arg("PX").arg(lifetime);
    write
}
