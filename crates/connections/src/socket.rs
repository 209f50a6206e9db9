use actix_web::rt::net::TcpStream;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::list::{Entry, List};
use super::progress::Progress;

/// The socket of a connection, lent to actix-http. Reading and writing fail after the connection was blocked for too
/// long.
#[derive(Clone)]
pub(super) struct Socket {
    list: List,
    place: usize,
}

impl Socket {
    pub(super) fn new(list: List, place: usize) -> Self {
        Self { list, place }
    }

    pub(super) fn progress(&self, step: impl FnOnce(Progress) -> Progress) {
        self.list.with(self.place, |entry, _| entry.progress = step(entry.progress));
    }

    /// Whether a part of a body of known length is missing.
    pub(super) fn awaits_body(&self) -> bool {
        self.list.with(self.place, |entry, _| matches!(entry.progress, Progress::Body(1..)))
    }

    pub(super) fn lingers(&self) -> bool {
        self.list.with(self.place, |entry, _| entry.lingers())
    }

    /// The request was answered before all of it was received.
    pub(super) fn linger(&self) {
        self.list.with(self.place, Entry::linger);
    }

    /// An answer is being sent: it proceeds, or it is blocked from now on.
    fn send(
        &self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.list.with(self.place, |entry, now| {
            entry.fail_if_cut()?;
            let sent = write(Pin::new(&mut entry.socket), context);
            match sent {
                Poll::Ready(Ok(count)) => entry.sent(now, count),
                Poll::Ready(Err(_)) => {}
                Poll::Pending => {
                    entry.is_stuck(now);
                    entry.waits(context);
                }
            }
            sent
        })
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.list.with(self.place, |entry, now| {
            entry.fail_if_cut()?;
            if entry.has_lingered() {
                // As if the peer had closed: actix-http sends the rest of the answer, and closes.
                return Poll::Ready(Ok(()));
            }
            let before = into.filled().len();
            let read = Pin::new(&mut entry.socket).poll_read(context, into);
            let received = &into.filled()[before..];
            match read {
                Poll::Ready(Ok(())) if received.is_empty() => entry.progress = Progress::Unknown,
                Poll::Ready(Ok(())) => {
                    entry.progress = entry.progress.received(received);
                    entry.received(now, received.len());
                }
                Poll::Ready(Err(_)) => {}
                Poll::Pending => entry.waits(context),
            }
            read
        })
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.send(context, |socket, context| socket.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.send(context, |socket, context| socket.poll_write_vectored(context, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.list.with(self.place, |entry, _| entry.socket.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.list.with(self.place, |entry, _| {
            entry.flushed();
            Pin::new(&mut entry.socket).poll_flush(context)
        })
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.list.with(self.place, |entry, _| Pin::new(&mut entry.socket).poll_shutdown(context))
    }
}
