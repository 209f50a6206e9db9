//! The background work of the server.
//!
//! A [`Job`] has a name, an interval, and a run. [`Jobs`] gives each its own task, which
//!
//! * restarts it after a panic, with a pause that doubles with every further panic;
//! * logs its first failure with the chain of causes, and its next success;
//! * counts its runs, records its last success, and reports a job that has not succeeded for long to health;
//! * runs it only if no other node does, if it must run on one node at a time ([`Tenant`]);
//! * stops it: the jobs stop one after another, the last one of the list first.
//!
//! It knows no use cases and no adapters. **To add a job**: add a line to the list in `wiring/jobs.rs`, with a name, an
//! interval, and what operators should know while it fails; the test of this list makes it panic.
mod board;
mod job;
mod supervisor;
mod tenant;
#[cfg(test)]
pub mod tests;

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

/// The running jobs. If it is dropped, it stops them without waiting.
pub struct Jobs(Vec<Running>);

struct Running {
    name: &'static str,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Jobs {
    /// Starts all jobs on this runtime; the board shows their state.
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

    /// Ends all of them, like the end of the process.
    #[cfg(test)]
    fn kill(&self) {
        self.0.iter().for_each(|running| running.task.abort());
    }

    /// Stops one after another, the last one first.
    pub async fn stop(self) {
        let deadline = Instant::now() + STOPPED_WITHIN;
        for Running { name, stop, mut task } in self.0.into_iter().rev() {
            drop(stop);
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                tracing::warn!(job = name, "the job did not stop in time: its remaining work is lost");
                task.abort();
            }
        }
    }
}
