use super::{Board, Job, Jobs};
use doorward_domain::Timestamp;
use doorward_ports::outbound::{HealthProbe, JobObserver, JobOutcome};
use doorward_testkit::{Log, VirtualClock};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

/// Hears when runs ended, and how.
struct Heard {
    began: Instant,
    ran: Mutex<Vec<(Duration, JobOutcome)>>,
}

impl Heard {
    fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), ran: Mutex::default() })
    }

    fn take(&self) -> Vec<(Duration, JobOutcome)> {
        std::mem::take(&mut self.ran.lock().unwrap())
    }
}

impl JobObserver for Heard {
    fn listed(&self, _: &'static str) {}

    fn ran(&self, _: &'static str, outcome: JobOutcome, _: Timestamp) {
        self.ran.lock().unwrap().push((self.began.elapsed(), outcome));
    }
}

/// Hears how runs ended, on any clock.
#[derive(Default)]
pub struct Outcomes(Mutex<Vec<JobOutcome>>);

impl Outcomes {
    pub fn all(&self) -> Vec<JobOutcome> {
        self.0.lock().unwrap().clone()
    }
}

impl JobObserver for Outcomes {
    fn listed(&self, _: &'static str) {}

    fn ran(&self, _: &'static str, outcome: JobOutcome, _: Timestamp) {
        self.0.lock().unwrap().push(outcome);
    }
}

fn start(list: Vec<Job>, heard: &Arc<Heard>) -> (Jobs, Arc<Board>) {
    let board = Board::new(Arc::new(VirtualClock::default()), heard.clone());
    (Jobs::start(list, &board, &Handle::current()), board)
}

/// A job that does what the flag says: it succeeds, or it does not.
fn obedient(every: Duration, well: &Arc<AtomicBool>, otherwise: fn() -> Result<(), &'static str>) -> Job {
    let well = well.clone();
    Job::every(every, "obedient", move || {
        let well = well.load(Ordering::SeqCst);
        async move { if well { Ok(()) } else { otherwise() } }
    })
}

fn panics() -> Result<(), &'static str> {
    panic!("as the test wants it")
}

fn fails() -> Result<(), &'static str> {
    Err("the lake is frozen")
}

#[tokio::test(start_paused = true)]
async fn a_job_is_run_at_once_and_then_so_often() {
    let heard = Heard::new();
    let (_jobs, _) = start(vec![obedient(HOUR, &Arc::new(true.into()), fails)], &heard);
    sleep(HOUR * 2 + SECOND).await;
    assert_eq!(heard.take(), [0, 1, 2].map(|hours| (HOUR * hours, JobOutcome::Success)));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_panics_is_started_again_after_a_pause_that_grows_and_then_at_its_own_times() {
    let (heard, well) = (Heard::new(), Arc::new(AtomicBool::new(false)));
    let (_jobs, _) = start(vec![obedient(HOUR, &well, panics)], &heard);
    sleep(SECOND).await;
    let at = [0, 100, 300, 700].map(|at| (Duration::from_millis(at), JobOutcome::Panic));
    assert_eq!(heard.take(), at);
    sleep(HOUR).await;
    let late = heard.take();
    let pauses: Vec<_> = late.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert_eq!(pauses.iter().max(), Some(&Duration::from_mins(1)));
    assert!(pauses.is_sorted(), "{pauses:?}");
    well.store(true, Ordering::SeqCst);
    sleep(HOUR).await;
    assert_eq!(heard.take().iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), [JobOutcome::Success]);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_is_run_again_at_its_next_time() {
    let (heard, well) = (Heard::new(), Arc::new(AtomicBool::new(false)));
    let (_jobs, _) = start(vec![obedient(HOUR, &well, fails)], &heard);
    sleep(HOUR / 2).await;
    well.store(true, Ordering::SeqCst);
    sleep(HOUR).await;
    assert_eq!(heard.take(), [(Duration::ZERO, JobOutcome::Failure), (HOUR, JobOutcome::Success)]);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_meant_to_end_is_started_again_and_is_well_while_it_runs() {
    let (heard, starts) = (Heard::new(), Arc::new(AtomicUsize::new(0)));
    let counted = starts.clone();
    let lasting = Job::lasting("lasting", move || {
        let start = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match start {
                0 => panic!("as the test wants it"),
                1 => {}
                _ => std::future::pending().await,
            }
        }
    });
    let (_jobs, _) = start(vec![lasting], &heard);
    sleep(SECOND * 3).await;
    let expected = [
        (Duration::ZERO, JobOutcome::Panic),
        (SECOND / 10, JobOutcome::Failure),
        (SECOND / 10 * 13, JobOutcome::Success),
        (SECOND / 10 * 23, JobOutcome::Success),
    ];
    assert_eq!(heard.take(), expected);
    assert_eq!(starts.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn health_is_degraded_while_a_job_has_not_succeeded_for_long_and_no_longer() {
    for otherwise in [panics, fails] {
        let (heard, well) = (Heard::new(), Arc::new(AtomicBool::new(true)));
        let (_jobs, board) = start(vec![obedient(SECOND * 20, &well, otherwise)], &heard);
        sleep(HOUR).await;
        assert!(board.works());
        well.store(false, Ordering::SeqCst);
        sleep(SECOND * 30).await;
        assert!(board.works(), "one failure is no trouble");
        sleep(SECOND * 40).await;
        assert!(!board.works());
        well.store(true, Ordering::SeqCst);
        sleep(Duration::from_mins(2)).await;
        assert!(board.works());
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_rests_by_its_own_length_is_not_in_trouble_while_it_rests() {
    let heard = Heard::new();
    let slow = Job::every(SECOND, "slow", || async {
        sleep(SECOND * 10).await;
        Result::<(), &str>::Ok(())
    });
    let (_jobs, board) = start(vec![slow.resting(100)], &heard);
    sleep(SECOND * 1_000).await;
    assert_eq!(heard.take(), [(SECOND * 10, JobOutcome::Success)]);
    assert!(board.works());
    sleep(SECOND * 21).await;
    assert_eq!(heard.take(), [(SECOND * 1_020, JobOutcome::Success)]);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_woken_runs_before_its_time() {
    let (heard, bell) = (Heard::new(), Arc::new(Notify::new()));
    let ringing = bell.clone();
    let job = obedient(HOUR, &Arc::new(true.into()), fails).woken_by(move || {
        let bell = ringing.clone();
        async move { bell.notified().await }
    });
    let (_jobs, _) = start(vec![job], &heard);
    sleep(SECOND).await;
    bell.notify_one();
    sleep(SECOND).await;
    assert_eq!(heard.take(), [Duration::ZERO, SECOND].map(|at| (at, JobOutcome::Success)));
}

#[tokio::test(start_paused = true)]
async fn jobs_stop_one_after_the_other_the_last_one_first_and_some_run_once_more() {
    let (heard, order) = (Heard::new(), Arc::new(Mutex::new(Vec::new())));
    let noting = |name: &'static str| {
        let order = order.clone();
        Job::every(HOUR, name, move || {
            order.lock().unwrap().push(name);
            async {
                sleep(SECOND / 4).await;
                Result::<(), &str>::Ok(())
            }
        })
    };
    let list = vec![noting("first").once_more_at_the_end(), noting("second"), noting("third").once_more_at_the_end()];
    let (jobs, _) = start(list, &heard);
    sleep(SECOND).await;
    jobs.stop().await;
    assert_eq!(*order.lock().unwrap(), ["first", "second", "third", "third", "first"]);
    assert_eq!(heard.take().len(), 5);
    sleep(HOUR * 2).await;
    assert_eq!(heard.take(), []);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_interrupted_by_the_end_unless_it_is_to_run_once_more() {
    for (once_more, runs) in [(false, 0), (true, 2)] {
        let heard = Heard::new();
        let slow = Job::every(HOUR, "slow", || async {
            sleep(SECOND).await;
            Result::<(), &str>::Ok(())
        });
        let slow = if once_more { slow.once_more_at_the_end() } else { slow };
        let (jobs, _) = start(vec![slow], &heard);
        sleep(SECOND / 2).await;
        jobs.stop().await;
        assert_eq!(heard.take().len(), runs);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_at_the_end_is_given_up() {
    let heard = Heard::new();
    let hanging = Job::every(HOUR, "hanging", || async {
        std::future::pending::<()>().await;
        Result::<(), &str>::Ok(())
    });
    let (jobs, _) = start(vec![hanging.once_more_at_the_end()], &heard);
    sleep(SECOND).await;
    let began = Instant::now();
    jobs.stop().await;
    assert_eq!(began.elapsed(), super::STOPPED_WITHIN);
}

#[derive(Debug, thiserror::Error)]
#[error("the pond can't be crossed")]
struct Outer(#[source] Inner);

#[derive(Debug, thiserror::Error)]
#[error("the ice is thin")]
struct Inner;

#[tokio::test(start_paused = true)]
async fn a_failure_is_logged_once_with_its_causes_and_so_is_its_end() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let (heard, runs) = (Heard::new(), Arc::new(AtomicUsize::new(0)));
    let counted = runs.clone();
    let job = Job::every(SECOND, "skating", move || {
        let run = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match run {
                0..4 => Err(Outer(Inner)),
                4..8 => panic!("a crack"),
                _ => Ok(()),
            }
        }
    });
    let (_jobs, _) = start(vec![job.failing("nobody can skate: wait for colder weather")], &heard);
    sleep(SECOND * 30).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    let tells = |line: usize, words: &[&str]| words.iter().all(|word| lines[line].contains(word));
    let failing = "nobody can skate: wait for colder weather";
    assert!(tells(0, &["WARN", failing, "skating", "the pond can't be crossed: the ice is thin"]), "{lines:#?}");
    assert!(tells(1, &["WARN", failing, "skating", "a fault of ours", "a crack"]), "{lines:#?}");
    assert!(tells(2, &["INFO", "skating", "succeeds again"]), "{lines:#?}");
}
