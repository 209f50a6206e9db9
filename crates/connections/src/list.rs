use actix_web::rt;
use actix_web::rt::net::TcpStream;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::progress::Progress;

/// How often connections are checked. Times are counted in these checks, so that no request reads the clock.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// With at most this many connections, a worker lets none rest: a new actix-http connection costs about a twentieth of
/// a small request.
const FEW: usize = 64;

/// How much of a request is read after its answer, and for how long.
const LINGER_FOR_BYTES: u64 = 64 * 1024;
const LINGER_FOR: Duration = Duration::from_secs(1);

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
    lingering: Option<Lingering>,
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

/// The request was answered before all of it was received: the rest is read and discarded, because a reset could destroy
/// the answer (RFC 9112 §9.6).
struct Lingering {
    since: u32,
    left: u64,
}

impl Entry {
    pub(super) fn received(&mut self, now: u32, count: usize) {
        self.used_at = now;
        self.used = true;
        match &mut self.lingering {
            Some(lingering) => lingering.left = lingering.left.saturating_sub(count as u64),
            None => _ = self.due_since.get_or_insert(now),
        }
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

    /// Everything that waited was sent.
    pub(super) fn flushed(&mut self) {
        self.backlog = None;
    }

    pub(super) fn linger(&mut self, now: u32) {
        self.progress = Progress::Unknown;
        self.lingering = Some(Lingering { since: now, left: LINGER_FOR_BYTES });
    }

    pub(super) fn lingers(&self) -> bool {
        self.lingering.is_some()
    }

    /// Whether no more is to be read after an early answer.
    pub(super) fn has_lingered(&self) -> bool {
        self.lingering.as_ref().is_some_and(|lingering| lingering.left == 0)
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

    fn is_stalled(&self, now: u32, patience: Patience) -> bool {
        let elapsed = |since: u32| LOOK_EVERY * now.wrapping_sub(since);
        let longer_than = |since: u32, time: Duration| elapsed(since) > time;
        let rest = if self.used { patience.next } else { patience.first };
        let unused = if self.resting { rest } else { patience.anything };
        longer_than(self.used_at, unused)
            || self.due_since.is_some_and(|since| longer_than(since, patience.answer))
            || self.stuck_since.is_some_and(|since| longer_than(since, patience.write))
            || self.backlog.as_ref().is_some_and(|backlog| {
                longer_than(backlog.since, SLOW_FOR) && backlog.taken < LEAST_RATE * elapsed(backlog.since).as_secs()
            })
            || self.lingering.as_ref().is_some_and(|lingering| longer_than(lingering.since, LINGER_FOR))
    }
}

impl List {
    /// Checks the connections while this worker runs, and closes resting ones when it stops.
    pub(super) fn watched(patience: Patience, stop: impl Future<Output = ()> + 'static) -> Self {
        let shared = Shared { patience, looks: Cell::new(0), stopping: Cell::new(false), entries: RefCell::default() };
        let list = Self(Rc::new(shared));
        rt::spawn(list.clone().watch());
        let stopped = list.clone();
        rt::spawn(async move {
            stop.await;
            stopped.0.stopping.set(true);
            stopped.cut(|entry| entry.resting);
        });
        list
    }

    async fn watch(self) {
        let mut ticks = rt::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            let now = self.0.looks.get().wrapping_add(1);
            self.0.looks.set(now);
            self.cut(|entry| entry.is_stalled(now, self.0.patience));
        }
    }

    fn cut(&self, whether: impl Fn(&Entry) -> bool) {
        let mut cut = Vec::new();
        for (_, entry) in self.0.entries.borrow_mut().iter_mut().filter(|(_, entry)| whether(entry)) {
            entry.cut = true;
            cut.extend(entry.waker.take());
        }
        cut.into_iter().for_each(Waker::wake);
    }

    /// Adds an accepted connection, until [`Self::forget`].
    pub(super) fn add(&self, socket: TcpStream) -> usize {
        let entry = Entry {
            socket,
            progress: Progress::default(),
            due_since: None,
            stuck_since: None,
            backlog: None,
            lingering: None,
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
        let _entry = self.0.entries.borrow_mut().try_remove(place);
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
