//! Keeps slow work apart: on a few threads of its own, with a bounded queue before them.
//!
//! It knows nothing of passwords. Work is data, not a closure, so that a worker may one day take several pieces at once
//! and advance them together, and the queue may choose whose turn it is.

use std::collections::VecDeque;
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

/// Threads that turn `T` into `A`. Dropped, it lets them finish what they have begun, and end.
pub struct Bulkhead<T, A> {
    shared: Arc<Shared<T, A>>,
    patience: Duration,
}

struct Shared<T, A> {
    queue: Mutex<Queue<T, A>>,
    arrival: Condvar,
    room: usize,
}

struct Queue<T, A> {
    jobs: VecDeque<Job<T, A>>,
    closed: bool,
}

struct Job<T, A> {
    task: T,
    /// Tells the caller that his turn has come; he no longer listens if he has gone away.
    begun: oneshot::Sender<()>,
    answer: oneshot::Sender<A>,
}

impl<T: Send + 'static, A: Send + 'static> Bulkhead<T, A> {
    /// Starts the threads.
    pub fn start(
        name: &str,
        limits: Limits,
        work: impl Fn(T) -> A + Send + Sync + 'static,
    ) -> Result<Self, std::io::Error> {
        let queue = Mutex::new(Queue { jobs: VecDeque::new(), closed: false });
        let shared = Arc::new(Shared { queue, arrival: Condvar::new(), room: limits.waiting.get() });
        let bulkhead = Self { shared, patience: limits.patience };
        let work = Arc::new(work);
        for number in 1..=limits.threads.get() {
            let (shared, work) = (Arc::clone(&bulkhead.shared), Arc::clone(&work));
            let thread = std::thread::Builder::new().name(format!("{name}-{number}"));
            thread.spawn(move || {
                give_way();
                while let Some(job) = shared.next() {
                    job.carry_out(&*work);
                }
            })?;
        }
        Ok(bulkhead)
    }

    /// Has it done, and waits for the answer. A caller who stops waiting takes his place in the queue with him.
    pub async fn run(&self, task: T) -> Result<A, NotDone> {
        let (begun, turn) = oneshot::channel();
        let (answer, outcome) = oneshot::channel();
        self.shared.push(Job { task, begun, answer })?;
        // Patience is for the turn only: once begun, the work is nearly done and would be wasted.
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(())) => outcome.await.map_err(|_| NotDone::Failed),
            Ok(Err(_)) => Err(NotDone::Failed),
            Err(_) => Err(NotDone::Late),
        }
    }

    /// How many wait for their turn.
    pub fn waiting(&self) -> usize {
        self.shared.lock().jobs.iter().filter(|job| job.is_awaited()).count()
    }
}

impl<T, A> Drop for Bulkhead<T, A> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.arrival.notify_all();
    }
}

impl<T, A> Shared<T, A> {
    fn lock(&self) -> MutexGuard<'_, Queue<T, A>> {
        // No code that can panic half-way runs under this lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job<T, A>) -> Result<(), NotDone> {
        let mut queue = self.lock();
        if queue.jobs.len() >= self.room {
            queue.jobs.retain(Job::is_awaited);
        }
        if queue.jobs.len() >= self.room {
            return Err(NotDone::Full);
        }
        queue.jobs.push_back(job);
        self.arrival.notify_one();
        Ok(())
    }

    /// The next piece of work; none when there will be no more.
    fn next(&self) -> Option<Job<T, A>> {
        let idle = |queue: &mut Queue<T, A>| queue.jobs.is_empty() && !queue.closed;
        let mut queue = self.arrival.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        queue.jobs.pop_front()
    }
}

impl<T, A> Job<T, A> {
    fn is_awaited(&self) -> bool {
        !self.begun.is_closed()
    }

    fn carry_out(self, work: &dyn Fn(T) -> A) {
        if self.begun.send(()).is_err() {
            return; // The caller has gone away: nobody would hear the answer.
        }
        // A thread that died would be missing for ever after.
        match catch_unwind(AssertUnwindSafe(|| work(self.task))) {
            // A caller who left in the middle does not want it.
            Ok(answer) => drop(self.answer.send(answer)),
            Err(_) => tracing::error!("a worker thread panicked; the request it worked for has failed"),
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
