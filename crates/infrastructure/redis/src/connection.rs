use crate::key::key;
use crate::pace::Pace;
use crate::place::Place;
use crate::trouble::Trouble;
use crate::wire::Wire;
use doorward_ports::outbound::Random;
use redis::{Cmd, FromRedisValue, RedisError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// The connection that everything stored in Redis goes through, and its circuit breaker.
///
/// At the first trouble the connection is given up, and until a task in the background has made another and has tried it,
/// nobody waits for it at all.
pub(crate) struct Connection {
    state: Arc<State>,
    keeper: AbortHandle,
}

struct State {
    open: RwLock<Option<Open>>,
    given_up: Notify,
    pace: Pace,
}

#[derive(Clone)]
struct Open {
    wire: Wire,
    /// Which of the connections it is: trouble with an earlier one is no trouble with this one.
    number: u64,
}

impl Connection {
    pub(crate) fn start(place: Arc<Place>, pace: Pace, random: Arc<dyn Random>, runtime: &Handle) -> Self {
        let state = Arc::new(State { open: RwLock::default(), given_up: Notify::new(), pace });
        let keeper = Keeper { place, state: state.clone(), probe: probe_key(&*random), random };
        let keeper = runtime.spawn(keeper.run()).abort_handle();
        Self { state, keeper }
    }

    /// Whether Redis answered when it was last asked.
    pub(crate) fn is_up(&self) -> bool {
        self.state.current().is_some()
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
        let mut open = self.state.current()?;
        let asked = tokio::time::timeout(self.state.pace.patience, command.query_async(&mut open.wire)).await;
        match asked {
            Ok(Ok(answer)) => Some(Ok(answer)),
            Ok(Err(error)) if expected(&error) => Some(Err(error)),
            Ok(Err(error)) => self.state.give_up(open.number, &error.into()),
            Err(_) => self.state.give_up(open.number, &Trouble::NoAnswer),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl State {
    // Nothing that can panic runs under the lock.
    fn current(&self) -> Option<Open> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn rise(&self, open: Open) {
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(open);
        tracing::info!("Redis is reached: what is kept in it counts");
    }

    /// From now on nobody waits for this connection; None, as whoever notices has no answer.
    fn give_up<T>(&self, number: u64, trouble: &Trouble) -> Option<T> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|open| open.number == number) {
            *open = None;
            tracing::warn!(%trouble, "Redis does not answer: this node does without what is kept in it");
            self.given_up.notify_one();
        }
        None
    }
}

/// The background task: one connection after the other.
struct Keeper {
    place: Arc<Place>,
    state: Arc<State>,
    random: Arc<dyn Random>,
    /// What is written to find out whether anything can be.
    probe: String,
}

impl Keeper {
    async fn run(self) {
        let pace = self.state.pace;
        let mut failures = 0_u32;
        for number in 0.. {
            match self.open().await {
                Ok(wire) => {
                    let began = Instant::now();
                    self.state.rise(Open { wire: wire.clone(), number });
                    self.stay(wire, number).await;
                    // One that breaks again soon is tried as seldom as one that can't be reached.
                    if began.elapsed() > pace.longest_wait {
                        failures = 0;
                    }
                }
                Err(trouble) if failures == 0 => {
                    tracing::warn!(%trouble, "Redis can't be reached: this node does without what is kept in it");
                }
                Err(_) => {}
            }
            failures = failures.saturating_add(1);
            tokio::time::sleep(pace.wait(failures, &*self.random)).await;
        }
    }

    async fn open(&self) -> Result<Wire, Trouble> {
        let mut wire = self.place.connect().await?;
        // One that is slower than a request waits is of no use.
        self.try_out(&mut wire, self.state.pace.patience).await?;
        Ok(wire)
    }

    /// Until it is given up, by whoever used it or because it does not bear a trial.
    async fn stay(&self, mut wire: Wire, number: u64) {
        while self.state.current().is_some_and(|open| open.number == number) {
            tokio::select! {
                () = self.state.given_up.notified() => continue,
                () = tokio::time::sleep(self.state.pace.heartbeat) => {}
            }
            if let Err(trouble) = self.try_out(&mut wire, self.state.pace.answer).await {
                self.state.give_up::<()>(number, &trouble);
            }
        }
    }

    async fn try_out(&self, wire: &mut Wire, patience: Duration) -> Result<(), Trouble> {
        let pace = self.state.pace;
        let trial = async {
            // In a cluster it goes to every master.
            redis::cmd("PING").exec_async(wire).await?;
            // A replica refuses to write, and so does a server that is full or whose disk has failed.
            let mut write = redis::cmd("SET");
            write.arg(&self.probe).arg("").arg("PX").arg((pace.heartbeat * 2).as_millis() as u64);
            Ok(write.exec_async(wire).await?)
        };
        tokio::time::timeout(patience, trial).await.unwrap_or(Err(Trouble::NoAnswer))
    }
}

fn probe_key(random: &dyn Random) -> String {
    let mut node = [0; 8];
    random.fill(&mut node);
    key("probe", u64::from_be_bytes(node))
}
