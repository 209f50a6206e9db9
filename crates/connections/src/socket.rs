use actix_web::rt::net::TcpStream;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::list::{Entry, List};
use super::observer::Cut;
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

    pub(super) fn answered(&self) {
        self.list.with(self.place, |entry, _| entry.answered());
    }

    /// The request was answered before all of it was received.
    pub(super) fn linger(&self) {
        self.list.with(self.place, Entry::linger);
    }

    /// The body of the answer holds so many bytes that nothing else holds.
    pub(super) fn holds(&self, bytes: usize) {
        self.list.with(self.place, |entry, _| entry.in_body = bytes);
    }

    /// Of an answer, so many bytes are being sent: it proceeds, or it is blocked from now on.
    fn send(
        &self,
        context: &mut Context<'_>,
        bytes: usize,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let (sent, changed) = self.list.with(self.place, |entry, now| {
            entry.fail_if_cut()?;
            let sent = write(Pin::new(&mut entry.socket), context);
            let mut left = bytes;
            match sent {
                Poll::Ready(Ok(count)) => {
                    left = left.saturating_sub(count);
                    entry.sent(now, count);
                }
                Poll::Ready(Err(_)) => {}
                Poll::Pending => {
                    entry.is_stuck(now);
                    entry.waits(context);
                }
            }
            Ok::<_, io::Error>((sent, entry.waiting(left)))
        })?;
        if let Some(changed) = changed {
            self.list.unsent_changed(changed);
        }
        sent
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut too_much = false;
        let read = self.list.with(self.place, |entry, now| {
            entry.fail_if_cut()?;
            if entry.has_lingered() {
                // As if the peer had closed: actix-http sends the rest of the answer, and closes.
                too_much = entry.tell_lingered();
                return Poll::Ready(Ok(()));
            }
            if entry.pauses() {
                context.waker().wake_by_ref();
                return Poll::Pending;
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
                Poll::Pending => entry.is_empty(context),
            }
            read
        });
        if too_much {
            self.list.count_cut(Cut::EarlyAnswer);
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.send(context, bytes.len(), |socket, context| socket.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes = parts.iter().map(|part| part.len()).sum();
        self.send(context, bytes, |socket, context| socket.poll_write_vectored(context, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.list.with(self.place, |entry, _| entry.socket.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (flushed, changed) = self.list.with(self.place, |entry, _| {
            entry.flushed();
            (Pin::new(&mut entry.socket).poll_flush(context), entry.waiting(0))
        });
        if let Some(changed) = changed {
            self.list.unsent_changed(changed);
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.list.with(self.place, |entry, _| Pin::new(&mut entry.socket).poll_shutdown(context))
    }
}
