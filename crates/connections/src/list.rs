use actix_web::rt;
use actix_web::rt::net::TcpStream;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::observer::Cut;
use super::progress::Progress;
use super::totals::Totals;

/// How often connections are checked. Times are counted in these checks, so that no request reads the clock.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// With at most this many connections, a worker lets none rest: a new actix-http connection costs about a twentieth of
/// a small request.
const FEW: usize = 64;

/// How much of a request is read after its answer, and for how long; and how much of it in all.
const LINGER_FOR_BYTES: u64 = 64 * 1024;
const MOST_READ: u64 = 128 * 1024;
const LINGER_FOR: Duration = Duration::from_secs(1);

/// How much is read before what has come is handled.
const READ_AT_ONCE: usize = 16 * 1024;

/// A peer that reads fewer bytes per second than this, for this time, is cut although it never stops.
const LEAST_RATE: u64 = 1024;
const SLOW_FOR: Duration = Duration::from_mins(1);

/// The time limits of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From its start to the first byte of a request.
    pub(super) first: Duration,
    /// From the end of an answer to the first byte of the next request.
    pub(super) next: Duration,
    /// From the first byte of a request until a part of its answer is sent.
    pub(super) answer: Duration,
    /// Between two parts of an answer that the peer reads.
    pub(super) write: Duration,
    /// Until anything is received or sent.
    pub(super) anything: Duration,
}

/// All connections of one worker, on its thread only. Clones share one list.
#[derive(Clone)]
pub(super) struct List(Rc<Shared>);

struct Shared {
    patience: Patience,
    totals: Arc<Totals>,
    looks: Cell<u32>,
    stopping: Cell<bool>,
    entries: RefCell<Slab<Entry>>,
}

/// The state of a connection; times are counted in checks.
pub(super) struct Entry {
    pub(super) socket: TcpStream,
    pub(super) progress: Progress,
    /// Since when an answer is due.
    due_since: Option<u32>,
    /// Since when the peer reads nothing of the answer that waits for it.
    stuck_since: Option<u32>,
    backlog: Option<Backlog>,
    /// What the body of the answer holds, and shares with no other.
    pub(super) in_body: usize,
    /// The part of the total of unsent bytes that waits for this peer.
    unsent: usize,
    lingering: Option<Lingering>,
    /// How many bytes of the request in progress were received.
    of_request: u64,
    /// How many were received without a pause.
    at_once: usize,
    used_at: u32,
    /// Whether it was ever used.
    used: bool,
    resting: bool,
    cut: bool,
    waker: Option<Waker>,
}

/// What the peer did not read at once, until it has read all of it.
struct Backlog {
    since: u32,
    taken: u64,
}

/// Why a connection is ended from here.
#[derive(Clone, Copy)]
enum End {
    /// It is not used.
    Idle,
    Cut(Cut),
}

/// The request was answered before all of it was received: the rest is read and discarded, because a reset could destroy
/// the answer (RFC 9112 §9.6).
struct Lingering {
    since: u32,
    left: u64,
    /// Whether it was counted that more came than that.
    told: bool,
}

impl Entry {
    pub(super) fn received(&mut self, now: u32, count: usize) {
        self.used_at = now;
        self.used = true;
        self.of_request += count as u64;
        self.at_once += count;
        match &mut self.lingering {
            Some(lingering) => lingering.left = lingering.left.saturating_sub(count as u64),
            None => _ = self.due_since.get_or_insert(now),
        }
    }

    /// Whether actix-http should handle what it has before it reads on: it would read up to 128 KiB ahead.
    pub(super) fn pauses(&mut self) -> bool {
        let pauses = self.at_once >= READ_AT_ONCE;
        if pauses {
            self.at_once = 0;
        }
        pauses
    }

    /// Nothing more has come.
    pub(super) fn is_empty(&mut self, context: &Context<'_>) {
        self.at_once = 0;
        self.waits(context);
    }

    /// The request was received whole, and its answer was made.
    pub(super) fn answered(&mut self) {
        self.of_request = 0;
        self.progress = self.progress.answered();
    }

    pub(super) fn sent(&mut self, now: u32, count: usize) {
        self.used_at = now;
        self.due_since = None;
        self.stuck_since = None;
        if let Some(backlog) = &mut self.backlog {
            backlog.taken += count as u64;
        }
        if let Some(lingering) = &mut self.lingering {
            lingering.since = now;
        }
    }

    pub(super) fn is_stuck(&mut self, now: u32) {
        self.stuck_since.get_or_insert(now);
        self.backlog.get_or_insert(Backlog { since: now, taken: 0 });
    }

    /// Everything that waited was sent. The next part of the body may follow.
    pub(super) fn flushed(&mut self) {
        self.backlog = None;
    }

    /// How many bytes wait for the peer now, if so many are in the buffer of actix-http. Answers what was counted
    /// before, if that is another number.
    pub(super) fn waiting(&mut self, in_buffer: usize) -> Option<(usize, usize)> {
        let waits = self.backlog.is_some() && !self.cut;
        let now = if waits { in_buffer + self.in_body } else { 0 };
        let before = std::mem::replace(&mut self.unsent, now);
        (before != now).then_some((before, now))
    }

    pub(super) fn linger(&mut self, now: u32) {
        self.progress = Progress::Unknown;
        let left = LINGER_FOR_BYTES.min(MOST_READ.saturating_sub(self.of_request));
        self.lingering = Some(Lingering { since: now, left, told: false });
    }

    pub(super) fn lingers(&self) -> bool {
        self.lingering.is_some()
    }

    /// Whether no more is to be read after an early answer.
    pub(super) fn has_lingered(&self) -> bool {
        self.lingering.as_ref().is_some_and(|lingering| lingering.left == 0)
    }

    /// Whether this is still to be counted.
    pub(super) fn tell_lingered(&mut self) -> bool {
        self.lingering.as_mut().is_some_and(|lingering| !std::mem::replace(&mut lingering.told, true))
    }

    pub(super) fn waits(&mut self, context: &Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            self.waker = Some(context.waker().clone());
        }
    }

    pub(super) fn fail_if_cut(&self) -> io::Result<()> {
        if self.cut { Err(ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// The end of an answer may wait in the buffer of actix-http after the answer was made.
    fn is_idle(&self) -> bool {
        self.progress == Progress::Between && self.due_since.is_none() && self.stuck_since.is_none()
    }

    /// Whether it has used up its time.
    fn end(&self, now: u32, patience: Patience) -> Option<End> {
        let elapsed = |since: u32| LOOK_EVERY * now.wrapping_sub(since);
        let longer_than = |since: Option<u32>, time: Duration| since.is_some_and(|since| elapsed(since) > time);
        let is_slow = |backlog: &Backlog| {
            longer_than(Some(backlog.since), SLOW_FOR) && backlog.taken < LEAST_RATE * elapsed(backlog.since).as_secs()
        };
        let rest = if self.used { patience.next } else { patience.first };
        let unused = if self.resting { rest } else { patience.anything };
        if longer_than(self.stuck_since, patience.write) {
            Some(End::Cut(Cut::WriteTimeout))
        } else if self.backlog.as_ref().is_some_and(is_slow) {
            Some(End::Cut(Cut::TooSlow))
        } else if longer_than(self.due_since, patience.answer) {
            Some(End::Cut(Cut::SlowRequest))
        } else if let Some(lingering) = &self.lingering
            && longer_than(Some(lingering.since), LINGER_FOR)
        {
            Some(if lingering.told { End::Idle } else { End::Cut(Cut::EarlyAnswer) })
        } else {
            longer_than(Some(self.used_at), unused).then_some(End::Idle)
        }
    }
}

impl List {
    /// Checks the connections while this worker runs, and closes resting ones when it stops.
    pub(super) fn watched(patience: Patience, totals: Arc<Totals>, stop: impl Future<Output = ()> + 'static) -> Self {
        let (looks, stopping) = (Cell::new(0), Cell::new(false));
        let list = Self(Rc::new(Shared { patience, totals, looks, stopping, entries: RefCell::default() }));
        rt::spawn(list.clone().watch());
        let stopped = list.clone();
        rt::spawn(async move {
            stop.await;
            stopped.0.stopping.set(true);
            stopped.end(|entry| entry.resting.then_some(End::Idle));
        });
        list
    }

    async fn watch(self) {
        let mut ticks = rt::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            let now = self.0.looks.get().wrapping_add(1);
            self.0.looks.set(now);
            self.end(|entry| entry.end(now, self.0.patience));
        }
    }

    fn end(&self, whether: impl Fn(&Entry) -> Option<End>) {
        let mut entries = self.0.entries.borrow_mut();
        let open = entries.iter_mut().map(|(_, entry)| entry).filter(|entry| !entry.cut);
        let ended: Vec<_> =
            open.filter_map(|entry| whether(entry).map(|end| self.end_one(entry, end))).flatten().collect();
        drop(entries);
        ended.into_iter().for_each(Waker::wake);
    }

    /// Answers who is to be woken when the list is free again.
    fn end_one(&self, entry: &mut Entry, end: End) -> Option<Waker> {
        entry.cut = true;
        self.count_unsent(entry.waiting(0));
        if let End::Cut(why) = end {
            self.0.totals.cut(why);
        }
        entry.waker.take()
    }

    pub(super) fn count_cut(&self, why: Cut) {
        self.0.totals.cut(why);
    }

    fn count_unsent(&self, changed: Option<(usize, usize)>) {
        if let Some((before, after)) = changed {
            self.0.totals.unsent_from(before, after);
        }
    }

    /// What waits for a peer has changed. If it is now too much for all peers together, those of this worker that have
    /// read nothing for the longest time are cut, and of these first the one for which most waits. So whoever reads on
    /// is cut last.
    pub(super) fn unsent_changed(&self, changed: (usize, usize)) {
        self.count_unsent(Some(changed));
        while changed.1 > changed.0 && self.0.totals.is_too_much_unsent() {
            let (mut entries, now) = (self.0.entries.borrow_mut(), self.0.looks.get());
            let waiting = entries.iter_mut().map(|(_, entry)| entry).filter(|entry| entry.unsent > 0);
            let slowest =
                waiting.max_by_key(|entry| (entry.stuck_since.map(|since| now.wrapping_sub(since)), entry.unsent));
            let Some(slowest) = slowest else { return };
            let waker = self.end_one(slowest, End::Cut(Cut::UnsentBytes));
            drop(entries);
            waker.into_iter().for_each(Waker::wake);
        }
    }

    /// Adds an accepted connection, until [`Self::forget`].
    pub(super) fn add(&self, socket: TcpStream) -> usize {
        let entry = Entry {
            socket,
            progress: Progress::default(),
            due_since: None,
            stuck_since: None,
            backlog: None,
            in_body: 0,
            unsent: 0,
            lingering: None,
            of_request: 0,
            at_once: 0,
            used_at: self.0.looks.get(),
            used: false,
            resting: false,
            cut: false,
            waker: None,
        };
        self.0.entries.borrow_mut().insert(entry)
    }

    pub(super) fn is_cut(&self, place: usize) -> bool {
        self.0.entries.borrow()[place].cut
    }

    /// Closes it.
    pub(super) fn forget(&self, place: usize) {
        // Bound to a variable, so that the list is free again before its content is dropped.
        let entry = self.0.entries.borrow_mut().try_remove(place);
        self.count_unsent(entry.filter(|entry| entry.unsent > 0).map(|entry| (entry.unsent, 0)));
    }

    pub(super) fn with<T>(&self, place: usize, act: impl FnOnce(&mut Entry, u32) -> T) -> T {
        act(&mut self.0.entries.borrow_mut()[place], self.0.looks.get())
    }

    /// Whether no part of a request or answer is in progress, and the memory is needed for others.
    pub(super) fn may_rest(&self, place: usize) -> bool {
        let entries = self.0.entries.borrow();
        entries.len() > FEW && entries[place].is_idle()
    }

    /// Waits for a request; false if there will be none.
    pub(super) fn poll_rest(&self, place: usize, context: &mut Context<'_>) -> Poll<bool> {
        let stopping = self.0.stopping.get();
        self.with(place, |entry, _| {
            let readable = match entry.socket.poll_read_ready(context) {
                _ if entry.cut || stopping => Poll::Ready(false),
                Poll::Ready(readable) => Poll::Ready(readable.is_ok()),
                Poll::Pending => Poll::Pending,
            };
            entry.resting = readable.is_pending();
            if entry.resting {
                entry.waits(context);
            }
            readable
        })
    }
}
