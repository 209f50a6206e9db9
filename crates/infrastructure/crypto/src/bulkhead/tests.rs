use super::*;
use std::sync::mpsc;

/// Work that says when it begins, and then waits to be let go on.
struct Held {
    begun: oneshot::Sender<()>,
    go_on: mpsc::Receiver<()>,
}

struct Handle {
    begun: oneshot::Receiver<()>,
    go_on: mpsc::Sender<()>,
}

fn held() -> (Held, Handle) {
    let (begun, when_begun) = oneshot::channel();
    let (let_go, go_on) = mpsc::channel();
    (Held { begun, go_on }, Handle { begun: when_begun, go_on: let_go })
}

/// Tasks are numbers, which are answered doubled; or held.
enum Task {
    Double(u32),
    Hold(Held),
    Panic,
}

const PATIENCE: Duration = Duration::from_secs(60);

fn bulkhead(threads: usize, waiting: usize) -> (Arc<Bulkhead<Task, u32>>, mpsc::Receiver<u32>) {
    let limits = Limits {
        threads: NonZeroUsize::new(threads).unwrap(),
        waiting: NonZeroUsize::new(waiting).unwrap(),
        patience: PATIENCE,
    };
    let (done, doings) = mpsc::channel();
    let work = move |task| match task {
        Task::Double(number) => {
            done.send(number).unwrap();
            number * 2
        }
        Task::Hold(held) => {
            held.begun.send(()).unwrap();
            held.go_on.recv().unwrap();
            0
        }
        Task::Panic => panic!("on purpose"),
    };
    (Arc::new(Bulkhead::start("test", limits, work).unwrap()), doings)
}

type Running = tokio::task::JoinHandle<Result<u32, NotDone>>;

fn spawn(bulkhead: &Arc<Bulkhead<Task, u32>>, task: Task) -> Running {
    let bulkhead = Arc::clone(bulkhead);
    tokio::spawn(async move { bulkhead.run(task).await })
}

/// Keeps the only thread busy until the handle lets go.
async fn occupy(bulkhead: &Arc<Bulkhead<Task, u32>>) -> (Running, mpsc::Sender<()>) {
    let (task, handle) = held();
    let running = spawn(bulkhead, Task::Hold(task));
    handle.begun.await.unwrap();
    (running, handle.go_on)
}

async fn until_waiting(bulkhead: &Bulkhead<Task, u32>, count: usize) {
    while bulkhead.waiting() != count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_while_the_work_goes_on() {
    let (bulkhead, _doings) = bulkhead(1, 1);
    let (busy, go_on) = occupy(&bulkhead).await;
    let waiting = spawn(&bulkhead, Task::Double(1));
    until_waiting(&bulkhead, 1).await;

    assert_eq!(bulkhead.run(Task::Double(2)).await, Err(NotDone::Full));

    assert!(!busy.is_finished() && !waiting.is_finished());
    go_on.send(()).unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(2));
    assert_eq!(busy.await.unwrap(), Ok(0));
}

#[tokio::test]
async fn work_whose_caller_has_gone_away_is_not_done() {
    let (bulkhead, doings) = bulkhead(1, 8);
    let (busy, go_on) = occupy(&bulkhead).await;
    let gone = spawn(&bulkhead, Task::Double(1));
    let staying = spawn(&bulkhead, Task::Double(2));
    until_waiting(&bulkhead, 2).await;

    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();

    assert_eq!(staying.await.unwrap(), Ok(4));
    assert_eq!(busy.await.unwrap(), Ok(0));
    assert_eq!(doings.try_iter().collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn one_who_has_gone_away_leaves_his_place_to_the_next() {
    let (bulkhead, _doings) = bulkhead(1, 1);
    let (_busy, go_on) = occupy(&bulkhead).await;
    let gone = spawn(&bulkhead, Task::Double(1));
    until_waiting(&bulkhead, 1).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());

    let next = spawn(&bulkhead, Task::Double(2));
    until_waiting(&bulkhead, 1).await;
    go_on.send(()).unwrap();
    assert_eq!(next.await.unwrap(), Ok(4));
}

#[tokio::test]
async fn one_whose_turn_does_not_come_in_time_is_told_so_and_skipped() {
    let (bulkhead, doings) = bulkhead(1, 8);
    let (busy, go_on) = occupy(&bulkhead).await;
    let waiting = spawn(&bulkhead, Task::Double(1));
    until_waiting(&bulkhead, 1).await;

    tokio::time::pause();
    tokio::time::advance(PATIENCE + Duration::from_secs(1)).await;

    assert_eq!(waiting.await.unwrap(), Err(NotDone::Late));
    assert_eq!(bulkhead.waiting(), 0);
    go_on.send(()).unwrap();
    // Patience is for the turn: what has begun is finished, however long it takes.
    assert_eq!(busy.await.unwrap(), Ok(0));
    drop(bulkhead);
    assert_eq!(doings.iter().count(), 0);
}

#[tokio::test]
async fn a_panic_fails_its_own_work_and_costs_no_thread() {
    let (bulkhead, _doings) = bulkhead(1, 8);
    assert_eq!(bulkhead.run(Task::Panic).await, Err(NotDone::Failed));
    assert_eq!(bulkhead.run(Task::Double(3)).await, Ok(6));
}

#[tokio::test]
async fn threads_finish_what_they_have_begun_and_end_when_the_bulkhead_is_dropped() {
    let (bulkhead, doings) = bulkhead(4, 8);
    assert_eq!(bulkhead.run(Task::Double(3)).await, Ok(6));
    drop(bulkhead);
    // The last thread to end takes the sending half with it.
    assert_eq!(doings.iter().collect::<Vec<_>>(), [3]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn threads_run_at_lower_priority_than_the_rest_of_the_process() {
    let limits = Limits { threads: NonZeroUsize::MIN, waiting: NonZeroUsize::MIN, patience: PATIENCE };
    let of_this_thread = || rustix::process::getpriority_process(None).unwrap();
    let before = of_this_thread();
    let bulkhead = Bulkhead::start("test", limits, move |()| of_this_thread()).unwrap();
    let inside = bulkhead.run(()).await.unwrap();
    assert_eq!(inside, (before + 10).min(19));
    assert_eq!(of_this_thread(), before);
}
