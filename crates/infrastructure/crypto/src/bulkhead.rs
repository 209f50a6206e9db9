//! Keeps slow work apart: on a few threads of its own, with a bounded and fair queue before them.
//!
//! It knows nothing of passwords. What a thread does with the pieces it has taken is its workbench's to say: it may have
//! several in hand and advance them together, and takes more whenever it has room for them.

mod queue;

use queue::{FairQueue, Full, Queued};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How much there is room for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub threads: NonZeroUsize,
    pub waiting: NonZeroUsize,
    /// How long one waits for his turn.
    pub patience: Duration,
}

/// Why a piece of work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    #[error("the queue is full")]
    Full,
    #[error("its turn did not come in time")]
    Late,
    #[error("the worker failed while it was doing it")]
    Failed,
}

/// What one thread works at. Several pieces of work may lie on it.
pub trait Workbench: 'static {
    type Task: Send + 'static;
    type Answer: Send + 'static;

    /// Lays a piece of work on it. There is room.
    fn begin(&mut self, task: Self::Task, caller: Caller<Self::Answer>);

    /// Advances everything on it for a few milliseconds, answers the callers of what has been done by then, and clears it
    /// away. Something is on it.
    fn advance(&mut self);

    /// How many pieces lie on it.
    fn in_hand(&self) -> usize;

    /// How many more it has room for.
    fn room(&self) -> usize;
}

/// Who waits for an answer. Dropped, it tells him that the work has failed.
pub struct Caller<A>(oneshot::Sender<A>);

impl<A> Caller<A> {
    #[cfg(test)]
    pub const fn to(sender: oneshot::Sender<A>) -> Self {
        Self(sender)
    }

    pub fn answer(self, answer: A) {
        // One who has just left does not want it.
        drop(self.0.send(answer));
    }

    /// Whether nobody waits any longer.
    pub fn has_left(&self) -> bool {
        self.0.is_closed()
    }
}

/// Threads that do the work of others, for whom the keys stand: each key has its turn. Dropped, it lets them finish what
/// they have begun, and end.
pub struct Bulkhead<K, W: Workbench> {
    shared: Arc<Shared<K, W>>,
    patience: Duration,
}

struct Shared<K, W: Workbench> {
    state: Mutex<State<K, W>>,
    arrival: Condvar,
    threads: usize,
    /// Is told how many wait, whenever that has changed.
    on_waiting: Box<dyn Fn(usize) + Send + Sync>,
}

struct State<K, W: Workbench> {
    queue: FairQueue<K, Job<W>>,
    /// Threads with nothing to do.
    idle: usize,
    closed: bool,
}

struct Job<W: Workbench> {
    task: W::Task,
    /// Tells the caller that his turn has come, or that it never will; he no longer listens if he has gone away.
    turn: oneshot::Sender<Result<(), NotDone>>,
    caller: Caller<W::Answer>,
}

impl<K: Ord + Copy + Send + 'static, W: Workbench> Bulkhead<K, W> {
    /// Starts the threads, each with a workbench of its own.
    pub fn start(
        name: &str,
        limits: Limits,
        workbench: impl Fn() -> W + Send + Sync + 'static,
        on_waiting: impl Fn(usize) + Send + Sync + 'static,
    ) -> Result<Self, std::io::Error> {
        let queue = FairQueue::new(limits.waiting.get());
        let state = Mutex::new(State { queue, idle: 0, closed: false });
        let (threads, on_waiting) = (limits.threads.get(), Box::new(on_waiting));
        let shared = Arc::new(Shared { state, arrival: Condvar::new(), threads, on_waiting });
        let bulkhead = Self { shared, patience: limits.patience };
        let workbench = Arc::new(workbench);
        for number in 1..=threads {
            let (shared, workbench) = (Arc::clone(&bulkhead.shared), Arc::clone(&workbench));
            let thread = std::thread::Builder::new().name(format!("{name}-{number}"));
            thread.spawn(move || {
                give_way();
                shared.labour(&*workbench);
            })?;
        }
        Ok(bulkhead)
    }

    /// Has it done under that key, and waits for the answer. A caller who stops waiting takes his place in the queue with
    /// him.
    pub async fn run(&self, key: K, task: W::Task) -> Result<W::Answer, NotDone> {
        let (turn, when_begun) = oneshot::channel();
        let (caller, outcome) = oneshot::channel();
        let ticket = self.shared.push(key, Job { task, turn, caller: Caller(caller) })?;
        let _place = Place { shared: &self.shared, key, ticket };
        // Patience is for the turn only: once begun, the work is nearly done and would be wasted.
        match tokio::time::timeout(self.patience, when_begun).await {
            Ok(Ok(Ok(()))) => outcome.await.map_err(|_| NotDone::Failed),
            Ok(Ok(Err(reason))) => Err(reason),
            Ok(Err(_)) => Err(NotDone::Failed),
            Err(_) => Err(NotDone::Late),
        }
    }

    /// How many wait for their turn.
    pub fn waiting(&self) -> usize {
        self.shared.lock().queue.len()
    }
}

impl<K, W: Workbench> Drop for Bulkhead<K, W> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.arrival.notify_all();
    }
}

/// A caller's place in the queue: given up when he no longer waits for his turn.
struct Place<'a, K: Ord + Copy, W: Workbench> {
    shared: &'a Shared<K, W>,
    key: K,
    ticket: u64,
}

impl<K: Ord + Copy, W: Workbench> Drop for Place<'_, K, W> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let removed = state.queue.remove(self.key, self.ticket);
        if removed.is_some() {
            self.shared.tell(&state);
        }
        drop(state);
    }
}

impl<K, W: Workbench> Shared<K, W> {
    fn lock(&self) -> MutexGuard<'_, State<K, W>> {
        // No code that can panic half-way runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord + Copy, W: Workbench> Shared<K, W> {
    /// Told under the lock, so that the last that is told is the last that was so.
    fn tell(&self, state: &State<K, W>) {
        (self.on_waiting)(state.queue.len());
    }

    fn push(&self, key: K, job: Job<W>) -> Result<u64, NotDone> {
        let mut state = self.lock();
        let Queued { ticket, displaced } = state.queue.push(key, job).map_err(|Full| NotDone::Full)?;
        self.tell(&state);
        drop(state);
        self.arrival.notify_one();
        if let Some(job) = displaced {
            // One who has just left need not be told.
            let _ = job.turn.send(Err(NotDone::Full));
        }
        Ok(ticket)
    }

    /// What a thread does from its start to its end.
    fn labour(&self, make: &dyn Fn() -> W) {
        let mut workbench = make();
        while let Some(jobs) = self.next_for(&workbench) {
            let step = || {
                jobs.into_iter().for_each(|job| job.begin_on(&mut workbench));
                if workbench.in_hand() > 0 {
                    workbench.advance();
                }
            };
            // A thread that died would be missing for ever after.
            if catch_unwind(AssertUnwindSafe(step)).is_err() {
                tracing::error!("a worker thread panicked; the requests it worked for have failed");
                workbench = make();
            }
        }
    }

    /// What a thread is to begin with besides what it has in hand; none when there will be no more. Only a thread with
    /// nothing in hand waits.
    fn next_for(&self, workbench: &W) -> Option<Vec<Job<W>>> {
        let (room, is_idle) = (workbench.room(), workbench.in_hand() == 0);
        if room == 0 {
            return Some(Vec::new());
        }
        let mut state = self.lock();
        if is_idle {
            state = self.wait_for_arrival(state);
        }
        let share = state.share(self.threads).max(usize::from(is_idle)).min(room);
        let jobs: Vec<_> = (0..share).map_while(|_| state.queue.pop()).collect();
        if !jobs.is_empty() {
            self.tell(&state);
        }
        (!is_idle || !jobs.is_empty()).then_some(jobs)
    }

    fn wait_for_arrival<'a>(&self, mut state: MutexGuard<'a, State<K, W>>) -> MutexGuard<'a, State<K, W>> {
        let nothing_to_do = |state: &mut State<K, W>| state.queue.is_empty() && !state.closed;
        state.idle += 1;
        let mut state = self.arrival.wait_while(state, nothing_to_do).unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        state
    }
}

impl<K: Ord + Copy, W: Workbench> State<K, W> {
    /// What one of the threads may take, so that all have as much to do: of those that wait one is left for each thread
    /// that is idle, which is quicker with it than one that has others in hand.
    const fn share(&self, threads: usize) -> usize {
        self.queue.len().saturating_sub(self.idle).div_ceil(threads)
    }
}

impl<W: Workbench> Job<W> {
    fn begin_on(self, workbench: &mut W) {
        // A caller who has just gone away would not hear the answer.
        if self.turn.send(Ok(())).is_ok() {
            workbench.begin(self.task, self.caller);
        }
    }
}

/// Lets every other thread go first. Per thread on Linux; elsewhere it would slow the whole process down.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::warn!(%error, "hashing threads run at ordinary priority: a rush of sign-ins may slow other requests");
    }
}

#[cfg(test)]
mod tests;
