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
use std::time::Duration;
use tokio::time::Instant;

/// The connection that everything stored in Redis goes through, behind a circuit breaker.
///
/// It is lent by a pool to a task in the background, which shares it: many commands are under way on it at once, and none
/// costs a round trip to have it lent. When something first goes wrong the breaker opens, and until that task has another,
/// nobody waits for it at all.
pub(crate) struct Connection {
    breaker: Breaker,
    patience: Duration,
    keeper: Box<dyn Keeps>,
}

impl Connection {
    pub(crate) fn to(topology: &Arc<Topology>, timing: Timing, random: Arc<dyn Random>) -> Result<Self, RedisError> {
        let breaker = Breaker::default();
        let probe = probe(&timing, &*random);
        let keeper = Keeper { breaker: breaker.clone(), timing, random };
        let keeper: Box<dyn Keeps> = match topology.kind() {
            Kind::Server => Box::new((keeper, pool(topology.manager()?, &timing, &probe))),
            Kind::Cluster(client) => Box::new((keeper, pool(Cluster((**client).clone()), &timing, &probe))),
            Kind::Sentinels(_) => Box::new((keeper, pool(Master(topology.clone()), &timing, &probe))),
        };
        Ok(Self { breaker, patience: timing.patience, keeper })
    }

    /// Keeps it, for ever.
    pub(crate) async fn keep(&self) {
        self.keeper.keep().await;
    }

    /// Whether Redis answered when it was last asked.
    pub(crate) fn is_up(&self) -> bool {
        self.breaker.shared().is_some()
    }

    /// The answer, unless there is none in a short time.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        self.ask_expecting(command, |_| false).await?.ok()
    }

    /// As [`Self::ask`]; an error that was expected is an answer like any other.
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
        self.breaker.open(id, &error);
        None
    }
}

/// A keeper with a pool of any kind.
#[async_trait]
trait Keeps: Send + Sync {
    async fn keep(&self);
}

#[async_trait]
impl<M: Connects> Keeps for (Keeper, Pool<M>) {
    async fn keep(&self) {
        let (keeper, pool) = self;
        keeper.run(pool).await;
    }
}

/// What has the pool lend a connection, and shares it.
struct Keeper {
    breaker: Breaker,
    timing: Timing,
    random: Arc<dyn Random>,
}

impl Keeper {
    async fn run<M: Connects>(&self, pool: &Pool<M>) {
        let mut failures = 0_u32;
        loop {
            match pool.get().await {
                Ok(lent) => {
                    let began = Instant::now();
                    self.share(lent, pool).await;
                    // One that breaks again soon is tried as seldom as one that can't be reached.
                    if began.elapsed() > self.timing.longest_wait {
                        failures = 0;
                    }
                }
                Err(error) if failures == 0 => {
                    let error = ConnectionError::from(error);
                    tracing::warn!(error = %Causes(&error), "Redis can't be reached: this node does without what is kept in it");
                }
                Err(_) => {}
            }
            failures = failures.saturating_add(1);
            tokio::time::sleep(self.timing.wait(failures, &*self.random)).await;
        }
    }

    /// Until the breaker opens. At each heartbeat the connection goes back to the pool, which checks it and may lend
    /// another.
    async fn share<M: Connects>(&self, mut lent: Object<M>, pool: &Pool<M>) {
        let mut shared = None;
        loop {
            let id = Object::id(&lent);
            if shared.replace(id) != Some(id) {
                self.breaker.close(Shared { connection: (*lent).clone().into(), id });
            }
            if tokio::time::timeout(self.timing.heartbeat, self.breaker.opened()).await.is_ok() {
                // Somebody got no answer on it.
                drop(Object::take(lent));
                return;
            }
            drop(lent);
            let checked = tokio::time::timeout(self.timing.answer, pool.get()).await;
            match checked.map_or(Err(ConnectionError::NoAnswer), |lent| lent.map_err(ConnectionError::from)) {
                Ok(checked) => lent = checked,
                Err(error) => return self.breaker.open(id, &error),
            }
        }
    }
}

/// What is written to find out whether anything can be.
fn probe(timing: &Timing, random: &dyn Random) -> Cmd {
    let mut node = [0; 8];
    random.fill(&mut node);
    let lifetime = u64::try_from((timing.heartbeat * 2).as_millis()).unwrap_or(u64::MAX);
    let mut write = redis::cmd("SET");
    write.arg(key("probe", u64::from_be_bytes(node))).arg("").arg("PX").arg(lifetime);
    write
}
