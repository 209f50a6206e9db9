//! What the server does in the background, under one roof.
//!
//! A [`Job`] has a name, an interval, and a run. [`Jobs`] gives each a task of its own, which
//!
//! * starts it again when it has panicked, after a pause that doubles with every further panic;
//! * logs its first failure with the chain of causes, and when it succeeds again;
//! * counts its runs, notes its last success, and tells health of a job that has not succeeded for long;
//! * runs it only where no other node does, if it is to be run by one at a time ([`Tenant`]);
//! * stops it: the jobs stop one after the other, the last one of the list first.
//!
//! It knows no use case and no adapter. **To add a job**: a line in the list of `wiring/jobs.rs`, with a name, an interval, and
//! what operators should know while it fails; the test of that list kills it by a panic.
mod board;
mod job;
mod supervisor;
mod tenant;
#[cfg(test)]
mod tests;

pub use board::Board;
pub use job::Job;
pub use tenant::Tenant;

use std::sync::Arc;
use std::time::Duration;
use supervisor::Supervisor;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long all jobs together may take to stop.
const STOPPED_WITHIN: Duration = Duration::from_secs(3);

/// The jobs that run. Dropped, it stops them without a wait.
pub struct Jobs(Vec<Running>);

struct Running {
    name: &'static str,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Jobs {
    /// Starts every job, on that runtime; what is known of them is shown by the board.
    #[must_use]
    pub fn start(list: Vec<Job>, board: &Arc<Board>, runtime: &Handle) -> Self {
        let start = |job: Job| {
            board.list(&job);
            let (stop, stopped) = oneshot::channel();
            let name = job.name;
            let task = runtime.spawn(Supervisor::of(job, board.clone()).keep(stopped));
            Running { name, stop, task }
        };
        Self(list.into_iter().map(start).collect())
    }

    /// Ends all of them as the death of the process does.
    #[cfg(test)]
    fn kill(&self) {
        self.0.iter().for_each(|running| running.task.abort());
    }

    /// Stops one after the other, the last one first.
    pub async fn stop(self) {
        let deadline = Instant::now() + STOPPED_WITHIN;
        for Running { name, stop, mut task } in self.0.into_iter().rev() {
            drop(stop);
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                tracing::warn!(job = name, "the job did not stop in time: what it still had to do is lost");
                task.abort();
            }
        }
    }
}
