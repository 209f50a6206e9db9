use super::board::Board;
use super::job::{Job, Run};
use super::tenant::TERM;
use doorward_ports::outbound::JobOutcome;
use doorward_ports::{Causes, caught};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The pause after the first panic; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Keeps one job running.
pub(super) struct Supervisor {
    job: Job,
    board: Arc<Board>,
    /// A continuous run, from one record of it to the next.
    lasting: Option<Run>,
    /// The number of panics since the last success.
    falls: u32,
    /// The reason of the last failure.
    trouble: Option<String>,
}

/// The result of a run; with the reason, for operators.
enum Ended {
    Well,
    /// Another node is running it.
    Elsewhere,
    Failed(String),
    Panicked(String),
}

impl Supervisor {
    pub(super) const fn of(job: Job, board: Arc<Board>) -> Self {
        Self { job, board, lasting: None, falls: 0, trouble: None }
    }

    /// Until `stopped` fires, or its sender is gone.
    pub(super) async fn keep(mut self, stopped: oneshot::Receiver<()>) {
        let mut stopped = pin!(stopped);
        loop {
            let interruptible = !self.job.once_more_at_the_end;
            let pause = tokio::select! {
                pause = self.run() => pause,
                _ = &mut stopped, if interruptible => return self.job.let_go().await,
            };
            let may_be_woken = self.falls == 0;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = (self.job.woken)(), if may_be_woken => {}
                _ = &mut stopped => break,
            }
        }
        if self.job.once_more_at_the_end {
            self.run().await;
        }
    }

    /// Runs it once; returns the pause until the next run.
    async fn run(&mut self) -> Duration {
        let began = Instant::now();
        let ended = self.ended().await;
        let pause = self.pause(&ended, began.elapsed());
        self.tell(ended, pause);
        pause
    }

    async fn ended(&mut self) -> Ended {
        let mut run = self.lasting.take().unwrap_or_else(|| (self.job.run)());
        let ended = if self.job.lasting {
            tokio::select! {
                ended = caught(&mut run) => ended.map(|ended| ended.map(|()| true)),
                () = tokio::time::sleep(self.job.every) => {
                    self.lasting = Some(run);
                    return Ended::Well;
                }
            }
        } else {
            caught(self.job.run_here(run)).await
        };
        match ended {
            Ok(Ok(true)) => Ended::Well,
            Ok(Ok(false)) => Ended::Elsewhere,
            Ok(Err(error)) => Ended::Failed(Causes(&*error).to_string()),
            Err(panic) => Ended::Panicked(panic),
        }
    }

    fn pause(&mut self, ended: &Ended, took: Duration) -> Duration {
        let fell = matches!(ended, Ended::Panicked(_)) || (self.job.lasting && !matches!(ended, Ended::Well));
        if fell {
            let doubled = 2_u32.saturating_pow(self.falls);
            self.falls = self.falls.saturating_add(1);
            return FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE);
        }
        self.falls = 0;
        if matches!(ended, Ended::Elsewhere) {
            return self.job.every.min(TERM);
        }
        let until_the_next = if self.job.lasting { Duration::ZERO } else { self.job.every.saturating_sub(took) };
        until_the_next.max(took.saturating_mul(self.job.rest))
    }

    /// Logs a failure once, until it succeeds or fails in another way.
    fn tell(&mut self, ended: Ended, pause: Duration) {
        let (job, failing) = (self.job.name, self.job.failing);
        let (outcome, trouble) = match ended {
            Ended::Well => (JobOutcome::Success, None),
            Ended::Elsewhere => (JobOutcome::Elsewhere, None),
            Ended::Failed(why) => (JobOutcome::Failure, Some(why)),
            Ended::Panicked(why) => (JobOutcome::Panic, Some(format!("it panicked, which is a fault of ours: {why}"))),
        };
        if let Some(why) = &trouble
            && self.trouble != trouble
        {
            tracing::warn!(job, %why, again_in = ?pause, "{failing}");
        }
        if trouble.is_none() && self.trouble.is_some() {
            tracing::info!(job, "the job succeeds again");
        }
        self.trouble = trouble;
        self.board.ran(&self.job, outcome, pause);
    }
}
