use super::{RUNS_ON, TERM, Tenant};
use crate::jobs::tests::Outcomes;
use crate::jobs::{Board, Job, Jobs};
use async_trait::async_trait;
use doorward_ports::outbound::{JobOutcome, Lease, LeaseTerm, StoreError};
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{SeededRandom, VirtualClock};
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Answers what the test says.
struct Says(Mutex<fn() -> Result<bool, StoreError>>);

#[async_trait]
impl Lease for Says {
    async fn take(&self, _: &str, _: &LeaseTerm) -> Result<bool, StoreError> {
        let says = *self.0.lock().unwrap();
        says()
    }

    async fn release(&self, _: &str, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

fn granted() -> Result<bool, StoreError> {
    Ok(true)
}

fn taken() -> Result<bool, StoreError> {
    Ok(false)
}

fn away() -> Result<bool, StoreError> {
    Err(StoreError::Unavailable("the database is away".into()))
}

fn tenant(lease: Arc<dyn Lease>, clock: &VirtualClock, seed: u64) -> Tenant {
    Tenant::new(lease, Arc::new(clock.clone()), &SeededRandom::new(seed))
}

/// Runs for ten minutes under a lease that answers so later; what became of it, and when.
async fn ten_minutes(later: fn() -> Result<bool, StoreError>) -> (Result<bool, String>, Duration) {
    let lease = Arc::new(Says(Mutex::new(granted)));
    let tenant = tenant(lease.clone(), &VirtualClock::default(), 1);
    let began = Instant::now();
    let run = async {
        *lease.0.lock().unwrap() = later;
        sleep(Duration::from_mins(10)).await;
        Result::<(), Box<dyn Error + Send + Sync>>::Ok(())
    };
    let ended = tenant.hold("sweep", run).await;
    (ended.map_err(|error| error.to_string()), began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_longer_than_a_term_goes_on_while_its_lease_is_prolonged() {
    assert_eq!(ten_minutes(granted).await, (Ok(true), Duration::from_mins(10)));
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_lease_another_has_taken_over_is_ended() {
    let (ended, after) = ten_minutes(taken).await;
    assert!(ended.unwrap_err().contains("another node"));
    assert!(after < TERM);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_lease_can_not_be_prolonged_is_ended_before_its_term_is() {
    let (ended, after) = ten_minutes(away).await;
    assert!(ended.is_err());
    assert!((RUNS_ON..TERM).contains(&after), "{after:?}");
}

/// One of the nodes on a database, with a job that runs for ever once it does.
struct Node {
    jobs: Jobs,
    heard: Arc<Outcomes>,
    runs: Arc<AtomicUsize>,
}

impl Node {
    fn start(database: &TestDatabase, clock: &VirtualClock, seed: u64) -> Self {
        let (heard, runs) = (Arc::new(Outcomes::default()), Arc::new(AtomicUsize::new(0)));
        let counted = runs.clone();
        let sweep = Job::every(MILLISECOND, "sweep", move || {
            counted.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<Result<(), &str>>()
        });
        let sweep = sweep.on_one_node(&tenant(database.open().lease, clock, seed));
        let board = Board::new(Arc::new(clock.clone()), heard.clone());
        Self { jobs: Jobs::start(vec![sweep], &board, &Handle::current()), heard, runs }
    }

    fn runs(&self) -> bool {
        self.runs.load(Ordering::SeqCst) > 0
    }

    /// It has been told at least so many times that another node runs the job.
    async fn waits(&self, times: usize) {
        let told = || self.heard.all().len();
        let before = told();
        until(|| told() >= before + times).await;
        assert!(self.heard.all().iter().all(|outcome| *outcome == JobOutcome::Elsewhere));
        assert!(!self.runs());
    }
}

async fn until(mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            sleep(MILLISECOND).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_node_that_runs_a_job_stops_another_one_takes_over_at_once() {
    let (database, clock) = (TestDatabase::sqlite().await, VirtualClock::default());
    let first = Node::start(&database, &clock, 1);
    until(|| first.runs()).await;
    let second = Node::start(&database, &clock, 2);
    second.waits(5).await;
    first.jobs.stop().await;
    until(|| second.runs()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_node_that_runs_a_job_dies_another_one_takes_over_after_the_term() {
    let (database, clock) = (TestDatabase::sqlite().await, VirtualClock::default());
    let first = Node::start(&database, &clock, 1);
    until(|| first.runs()).await;
    let second = Node::start(&database, &clock, 2);
    first.jobs.kill();
    clock.advance(TERM - MILLISECOND);
    second.waits(5).await;
    clock.advance(MILLISECOND);
    until(|| second.runs()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_nodes_at_once_exactly_one_runs_a_job() {
    let (database, clock) = (TestDatabase::sqlite().await, VirtualClock::default());
    let nodes: Vec<_> = (0..32).map(|seed| Node::start(&database, &clock, seed)).collect();
    let answered = |node: &&Node| node.runs() || !node.heard.all().is_empty();
    until(|| nodes.iter().filter(answered).count() == nodes.len()).await;
    assert_eq!(nodes.iter().filter(|node| node.runs()).count(), 1);
}
