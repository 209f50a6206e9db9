//! Isolates slow work: a few threads of its own, with a bounded and fair queue in front.
//!
//! It does not know passwords, except that the waits are reported as those for a hash. The workbench decides what a thread does with its items: it may advance several
//! together, and takes more while it has room.

mod queue;

use doorward_ports::usage::{CallKind, PortCall};
use queue::{FairQueue, Full, Queued};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// The sizes of the pool.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub threads: NonZeroUsize,
    pub waiting: NonZeroUsize,
    /// How long an item may wait for its turn.
    pub patience: Duration,
}

/// Why an item was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    #[error("the queue is full")]
    Full,
    #[error("its turn did not come in time")]
    Late,
    #[error("the worker failed")]
    Failed,
}

/// The workbench of one thread. It can have several items.
pub trait Workbench: 'static {
    type Task: Send + 'static;
    type Answer: Send + 'static;

    /// Adds an item. The workbench has room.
    fn begin(&mut self, task: Self::Task, caller: Caller<Self::Answer>);

    /// Advances all items for a few milliseconds, answers the callers of finished ones, and removes these. The
    /// workbench is not empty.
    fn advance(&mut self);

    /// The number of items.
    fn in_hand(&self) -> usize;

    /// How many more items it has room for.
    fn room(&self) -> usize;
}

/// The caller that waits for an answer. If it is dropped, the caller learns that the work has failed.
pub struct Caller<A>(oneshot::Sender<A>);

impl<A> Caller<A> {
    #[cfg(test)]
    pub const fn to(sender: oneshot::Sender<A>) -> Self {
        Self(sender)
    }

    pub fn answer(self, answer: A) {
        // A caller that has just gone away does not need the answer.
        drop(self.0.send(answer));
    }

    /// Whether the caller no longer waits.
    pub fn has_left(&self) -> bool {
        self.0.is_closed()
    }
}

/// Threads that work for callers; each key of a caller has its turn. If it is dropped, the threads finish what they
/// have begun, and end.
pub struct Bulkhead<K, W: Workbench> {
    shared: Arc<Shared<K, W>>,
    patience: Duration,
}

struct Shared<K, W: Workbench> {
    state: Mutex<State<K, W>>,
    arrival: Condvar,
    threads: usize,
    /// Receives the length of the queue whenever it changes.
    on_waiting: Box<dyn Fn(usize) + Send + Sync>,
}

struct State<K, W: Workbench> {
    queue: FairQueue<K, Job<W>>,
    /// Idle threads.
    idle: usize,
    closed: bool,
}

struct Job<W: Workbench> {
    task: W::Task,
    /// Tells the caller that its turn has come, or never will. A caller that has gone away does not receive it.
    turn: oneshot::Sender<Result<(), NotDone>>,
    caller: Caller<W::Answer>,
}

impl<K: Ord + Copy + Send + 'static, W: Workbench> Bulkhead<K, W> {
    /// Starts the threads, each with its own workbench.
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

    /// Runs the work under this key, and waits for the answer. If the caller stops waiting, its place in the queue
    /// becomes free.
    pub async fn run(&self, key: K, task: W::Task) -> Result<W::Answer, NotDone> {
        let (turn, when_begun) = oneshot::channel();
        let (caller, outcome) = oneshot::channel();
        let ticket = self.shared.push(key, Job { task, turn, caller: Caller(caller) })?;
        let _place = Place { shared: &self.shared, key, ticket };
        let queued = PortCall::begin(CallKind::HashQueue, "queue");
        // The time limit is only for the turn: work that has begun is almost done, and would be wasted.
        match tokio::time::timeout(self.patience, when_begun).await {
            Ok(Ok(Ok(()))) => {
                let _working = queued.then(CallKind::Hash, "hash");
                outcome.await.map_err(|_| NotDone::Failed)
            }
            Ok(Ok(Err(reason))) => Err(reason),
            Ok(Err(_)) => Err(NotDone::Failed),
            Err(_) => Err(NotDone::Late),
        }
    }

    /// The length of the queue.
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

/// The place of a caller in the queue, which becomes free when the caller stops waiting.
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
        // No code that can panic halfway runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord + Copy, W: Workbench> Shared<K, W> {
    /// It is reported under the lock, so that the last report is the current value.
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
            // A caller that has just gone away need not be told.
            let _ = job.turn.send(Err(NotDone::Full));
        }
        Ok(ticket)
    }

    /// The life of a thread.
    fn labour(&self, make: &dyn Fn() -> W) {
        let mut workbench = make();
        while let Some(jobs) = self.next_for(&workbench) {
            let step = || {
                jobs.into_iter().for_each(|job| job.begin_on(&mut workbench));
                if workbench.in_hand() > 0 {
                    workbench.advance();
                }
            };
            // A thread that panicked would be missing for ever.
            if catch_unwind(AssertUnwindSafe(step)).is_err() {
                tracing::error!("a worker thread panicked; the requests it worked for have failed");
                workbench = make();
            }
        }
    }

    /// The next items of a thread, in addition to those that it has; none when there will be no more. Only an idle
    /// thread waits.
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
    /// The items that a thread may take, so that all threads have the same amount of work: one waiting item is left for
    /// each idle thread, which is faster with it than a busy one.
    const fn share(&self, threads: usize) -> usize {
        self.queue.len().saturating_sub(self.idle).div_ceil(threads)
    }
}

impl<W: Workbench> Job<W> {
    fn begin_on(self, workbench: &mut W) {
        // A caller that has just gone away would not receive the answer.
        if self.turn.send(Ok(())).is_ok() {
            workbench.begin(self.task, self.caller);
        }
    }
}

/// Lets all other threads go first. It applies to the thread on Linux; elsewhere it would slow down the whole process.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::warn!(%error, "hashing threads run at ordinary priority: a rush of sign-ins may slow other requests");
    }
}

#[cfg(test)]
mod tests;
