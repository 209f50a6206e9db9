//! Connections that are held and not used. actix bounds the time for the first head of a connection, and for an idle one;
//! not for a later head that never ends, nor for an answer that is never fetched: either could be held open for ever,
//! thousands at once.
use actix_web::rt;
use actix_web::rt::net::TcpStream;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How often they are looked at. The time they take is counted in these, so that no request asks for the time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a connection may take for things.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// From the first byte of a request until something of its answer is sent; and while an answer goes out, between one
    /// part that is taken and the next.
    pub(crate) answer: Duration,
    /// Until anything at all is received or sent.
    pub(crate) anything: Duration,
}

/// Every connection of one worker, on its thread alone. Clones share one list.
#[derive(Clone)]
pub(crate) struct Lines(Rc<Lists>);

struct Lists {
    patience: Patience,
    looks: Cell<u32>,
    states: RefCell<Slab<State>>,
}

/// What is known of a connection; times are counted in looks.
struct State {
    /// Since when an answer is due, or stuck.
    due_since: Option<u32>,
    used_at: u32,
    cut: bool,
    waker: Option<Waker>,
}

impl State {
    fn used(&mut self, now: u32, due: bool) {
        self.used_at = now;
        self.due_since = due.then(|| self.due_since.unwrap_or(now));
    }

    fn waits(&mut self, context: &Context<'_>) {
        if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            self.waker = Some(context.waker().clone());
        }
    }

    fn is_stalled(&self, now: u32, patience: Patience) -> bool {
        let longer_than = |since: u32, time: Duration| LOOK_EVERY * now.wrapping_sub(since) > time;
        longer_than(self.used_at, patience.anything)
            || self.due_since.is_some_and(|since| longer_than(since, patience.answer))
    }
}

impl Lines {
    /// Has connections looked at for as long as this worker runs.
    pub(crate) fn watched(patience: Patience) -> Self {
        let lines = Self(Rc::new(Lists { patience, looks: Cell::new(0), states: RefCell::default() }));
        rt::spawn(lines.clone().watch());
        lines
    }

    /// A connection that was accepted.
    pub(crate) fn line(&self, socket: TcpStream) -> Line {
        let state = State { due_since: None, used_at: self.0.looks.get(), cut: false, waker: None };
        let place = self.0.states.borrow_mut().insert(state);
        Line { socket, lines: self.clone(), place }
    }

    async fn watch(self) {
        let mut ticks = rt::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            self.look();
        }
    }

    fn look(&self) {
        let now = self.0.looks.get().wrapping_add(1);
        self.0.looks.set(now);
        let mut stalled = Vec::new();
        for (_, state) in self.0.states.borrow_mut().iter_mut() {
            if state.is_stalled(now, self.0.patience) {
                state.cut = true;
                stalled.extend(state.waker.take());
            }
        }
        stalled.into_iter().for_each(Waker::wake);
    }
}

/// One connection, which fails once it was stalled for too long.
pub(crate) struct Line {
    socket: TcpStream,
    lines: Lines,
    place: usize,
}

impl Line {
    fn with<T>(&self, act: impl FnOnce(&mut State, u32) -> T) -> T {
        act(&mut self.lines.0.states.borrow_mut()[self.place], self.lines.0.looks.get())
    }

    fn fail_if_cut(&self) -> io::Result<()> {
        if self.with(|state, _| state.cut) { Err(ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// What is due is being sent: it goes on, or it is stuck from now on.
    fn sent(&self, sent: &Poll<io::Result<usize>>, context: &Context<'_>) {
        self.with(|state, now| match sent {
            Poll::Ready(Ok(_)) => state.used(now, false),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                state.due_since.get_or_insert(now);
                state.waits(context);
            }
        });
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Bound, so that the list is free again before the waker in it is dropped.
        let _state = self.lines.0.states.borrow_mut().try_remove(self.place);
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.fail_if_cut()?;
        let before = into.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, into);
        let received = into.filled().len() > before;
        self.with(|state, now| match read {
            Poll::Ready(_) if received => state.used(now, true),
            Poll::Ready(_) => {}
            Poll::Pending => state.waits(context),
        });
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.fail_if_cut()?;
        let sent = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.sent(&sent, context);
        sent
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.fail_if_cut()?;
        let sent = Pin::new(&mut self.socket).poll_write_vectored(context, parts);
        self.sent(&sent, context);
        sent
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
