use super::*;
use std::sync::mpsc;
use std::thread::ThreadId;

/// Work that reports on which thread it begins, and then waits for permission to continue.
struct Held {
    begun: oneshot::Sender<ThreadId>,
    go_on: mpsc::Receiver<()>,
}

enum Task {
    Double(i32),
    Hold(Held),
    Panic,
    Priority,
}

/// A workbench that finishes all items that are not held, and records which numbers it has doubled.
struct Bench {
    places: usize,
    pieces: Vec<(Task, Caller<i32>)>,
    done: mpsc::Sender<i32>,
}

impl Workbench for Bench {
    type Task = Task;
    type Answer = i32;

    fn begin(&mut self, mut task: Task, caller: Caller<i32>) {
        if let Task::Hold(held) = &mut task {
            std::mem::replace(&mut held.begun, oneshot::channel().0).send(std::thread::current().id()).unwrap();
        }
        self.pieces.push((task, caller));
    }

    fn advance(&mut self) {
        for (task, caller) in std::mem::take(&mut self.pieces) {
            match task {
                Task::Double(number) => {
                    self.done.send(number).unwrap();
                    caller.answer(number * 2);
                }
                Task::Hold(held) => match held.go_on.try_recv() {
                    Ok(()) => caller.answer(0),
                    Err(mpsc::TryRecvError::Empty) => self.pieces.push((Task::Hold(held), caller)),
                    Err(mpsc::TryRecvError::Disconnected) => drop(caller),
                },
                Task::Panic => panic!("on purpose"),
                Task::Priority => caller.answer(priority()),
            }
        }
        std::thread::yield_now();
    }

    fn in_hand(&self) -> usize {
        self.pieces.len()
    }

    fn room(&self) -> usize {
        self.places - self.pieces.len()
    }
}

fn priority() -> i32 {
    rustix::process::getpriority_process(None).unwrap()
}

const PATIENCE: Duration = Duration::from_secs(60);

type TestBulkhead = Bulkhead<char, Bench>;

/// And where it reports the doubled numbers and the length of the queue.
struct Heard {
    doings: mpsc::Receiver<i32>,
    waiting: mpsc::Receiver<usize>,
}

fn start(threads: usize, places: usize, waiting: usize) -> (Arc<TestBulkhead>, Heard) {
    let limits = Limits {
        threads: NonZeroUsize::new(threads).unwrap(),
        waiting: NonZeroUsize::new(waiting).unwrap(),
        patience: PATIENCE,
    };
    let (done, doings) = mpsc::channel();
    let (tell, waiting) = mpsc::channel();
    let workbench = move || Bench { places, pieces: Vec::new(), done: done.clone() };
    // Most tests have no listener.
    let on_waiting = move |count| {
        let _ = tell.send(count);
    };
    (Arc::new(Bulkhead::start("test", limits, workbench, on_waiting).unwrap()), Heard { doings, waiting })
}

fn bulkhead(threads: usize, waiting: usize) -> (Arc<TestBulkhead>, mpsc::Receiver<i32>) {
    let (bulkhead, heard) = start(threads, 1, waiting);
    (bulkhead, heard.doings)
}

type Running = tokio::task::JoinHandle<Result<i32, NotDone>>;

fn spawn(bulkhead: &Arc<TestBulkhead>, task: Task) -> Running {
    spawn_for('a', bulkhead, task)
}

fn spawn_for(key: char, bulkhead: &Arc<TestBulkhead>, task: Task) -> Running {
    let bulkhead = Arc::clone(bulkhead);
    tokio::spawn(async move { bulkhead.run(key, task).await })
}

struct Hold {
    running: Running,
    thread: ThreadId,
    go_on: mpsc::Sender<()>,
}

async fn hold(bulkhead: &Arc<TestBulkhead>) -> Hold {
    let (begun, when_begun) = oneshot::channel();
    let (let_go, go_on) = mpsc::channel();
    let running = spawn(bulkhead, Task::Hold(Held { begun, go_on }));
    Hold { running, thread: when_begun.await.unwrap(), go_on: let_go }
}

/// Occupies the only place of the only thread until the sender lets it go.
async fn occupy(bulkhead: &Arc<TestBulkhead>) -> (Running, mpsc::Sender<()>) {
    let Hold { running, go_on, .. } = hold(bulkhead).await;
    (running, go_on)
}

async fn until_waiting(bulkhead: &TestBulkhead, count: usize) {
    while bulkhead.waiting() != count {
        tokio::task::yield_now().await;
    }
}

/// Queues the items in this order.
async fn queue_in_order(bulkhead: &Arc<TestBulkhead>, key: char, numbers: std::ops::Range<i32>) -> Vec<Running> {
    let mut running = Vec::new();
    for number in numbers {
        let before = bulkhead.waiting();
        running.push(spawn_for(key, bulkhead, Task::Double(number)));
        until_waiting(bulkhead, before + 1).await;
    }
    running
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_while_the_work_goes_on() {
    let (bulkhead, _doings) = bulkhead(1, 1);
    let (busy, go_on) = occupy(&bulkhead).await;
    let waiting = spawn(&bulkhead, Task::Double(1));
    until_waiting(&bulkhead, 1).await;

    assert_eq!(bulkhead.run('a', Task::Double(2)).await, Err(NotDone::Full));

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
    // The time limit is for the turn: work that has begun is finished, however long it takes.
    assert_eq!(busy.await.unwrap(), Ok(0));
    drop(bulkhead);
    assert_eq!(doings.iter().count(), 0);
}

#[tokio::test]
async fn a_panic_fails_its_own_work_and_costs_no_thread() {
    let (bulkhead, _doings) = bulkhead(1, 8);
    assert_eq!(bulkhead.run('a', Task::Panic).await, Err(NotDone::Failed));
    assert_eq!(bulkhead.run('a', Task::Double(3)).await, Ok(6));
}

#[tokio::test]
async fn threads_finish_what_they_have_begun_and_end_when_the_bulkhead_is_dropped() {
    let (bulkhead, doings) = bulkhead(4, 8);
    assert_eq!(bulkhead.run('a', Task::Double(3)).await, Ok(6));
    drop(bulkhead);
    // The last thread drops the sender when it ends.
    assert_eq!(doings.iter().collect::<Vec<_>>(), [3]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn threads_run_at_lower_priority_than_the_rest_of_the_process() {
    let before = priority();
    let (bulkhead, _doings) = bulkhead(1, 1);
    let inside = bulkhead.run('a', Task::Priority).await.unwrap();
    assert_eq!(inside, (before + 10).min(19));
    assert_eq!(priority(), before);
}

#[tokio::test]
async fn a_thread_takes_more_while_it_has_others_in_hand() {
    let (bulkhead, _heard) = start(1, 2, 8);
    let (busy, go_on) = occupy(&bulkhead).await;
    assert_eq!(bulkhead.run('a', Task::Double(1)).await, Ok(2));
    assert!(!busy.is_finished());
    go_on.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(0));
}

#[tokio::test]
async fn a_thread_takes_no_more_than_it_has_room_for() {
    let (bulkhead, _heard) = start(1, 2, 8);
    let (_one, _go_on) = occupy(&bulkhead).await;
    let (_other, go_on) = occupy(&bulkhead).await;
    let waiting = spawn(&bulkhead, Task::Double(1));
    until_waiting(&bulkhead, 1).await;
    assert!(!waiting.is_finished());
    go_on.send(()).unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(2));
}

#[tokio::test]
async fn an_idle_thread_is_given_work_before_one_that_has_others_in_hand() {
    let (bulkhead, _heard) = start(2, 4, 8);
    while bulkhead.shared.lock().idle < 2 {
        tokio::task::yield_now().await;
    }
    let (one, other) = (hold(&bulkhead).await, hold(&bulkhead).await);
    assert_ne!(one.thread, other.thread);
}

#[tokio::test]
async fn an_account_with_sixty_waiting_does_not_delay_anothers_by_more_than_its_turn() {
    let (bulkhead, doings) = bulkhead(1, 64);
    let (_busy, go_on) = occupy(&bulkhead).await;
    let attacked = queue_in_order(&bulkhead, 'a', 0..60).await;
    let other = queue_in_order(&bulkhead, 'b', 100..101).await;

    go_on.send(()).unwrap();
    for running in other.into_iter().chain(attacked) {
        running.await.unwrap().unwrap();
    }

    let order: Vec<_> = doings.try_iter().collect();
    assert_eq!(order[..4], [0, 100, 1, 2]);
    assert_eq!(order.len(), 61);
}

#[tokio::test]
async fn an_account_cannot_keep_another_out_of_a_full_queue() {
    let (bulkhead, _doings) = bulkhead(1, 4);
    let (_busy, go_on) = occupy(&bulkhead).await;
    let mut attacked = queue_in_order(&bulkhead, 'a', 0..4).await;
    assert_eq!(bulkhead.run('a', Task::Double(4)).await, Err(NotDone::Full));

    let other = spawn_for('b', &bulkhead, Task::Double(100));

    // The last item of the longest line loses its place at once.
    assert_eq!(attacked.pop().unwrap().await.unwrap(), Err(NotDone::Full));
    assert_eq!(bulkhead.waiting(), 4);
    go_on.send(()).unwrap();
    assert_eq!(other.await.unwrap(), Ok(200));
    for running in attacked {
        assert!(running.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn it_tells_how_many_wait_whenever_that_changes() {
    let (bulkhead, heard) = start(1, 1, 8);
    let (_busy, go_on) = occupy(&bulkhead).await;
    let mut waiting = queue_in_order(&bulkhead, 'a', 0..2).await;
    let gone = waiting.pop().unwrap();
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    waiting.pop().unwrap().await.unwrap().unwrap();
    assert_eq!(heard.waiting.try_iter().collect::<Vec<_>>(), [1, 0, 1, 2, 1, 0]);
}
