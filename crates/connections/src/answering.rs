use actix_http::body::{BodySize, MessageBody};
use actix_http::error::PayloadError;
use actix_http::header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use actix_http::{ConnectionType, Method, Payload, Request, RequestHead, Response};
use actix_web::web::Bytes;
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::progress::{LARGEST_BODY, Progress};
use super::socket::Socket;

/// actix-http copies each part of a body into its buffer, and asks for the next part while the buffer holds less than
/// [`BUFFER`]. So a peer that does not read holds at most the sum of both, however long its answer is.
const LARGEST_PART: usize = 8 * 1024;
pub(super) const BUFFER: usize = 8 * 1024;

/// A request that was received and is not answered yet; dropped when the last byte of its answer was made.
pub(super) struct Answering {
    socket: Option<Socket>,
    coming: Coming,
}

/// How we know whether the whole request was received.
enum Coming {
    /// Its bytes are counted on the socket.
    Counted,
    /// Whether the end of its body was read. The body is long, or its length is unknown.
    Body(Rc<Cell<bool>>),
}

impl Answering {
    /// None if an earlier request was answered early: actix-http has read this one behind it, and must not serve it.
    pub(super) fn begin(request: &mut Request) -> Option<Self> {
        let socket = request.conn_data::<Socket>().cloned();
        let length = length_of_body(request.head());
        if let Some(socket) = &socket {
            if socket.lingers() {
                return None;
            }
            let followed = length.filter(|_| request.head().connection_type() == ConnectionType::KeepAlive);
            socket.progress(|progress| progress.taken_up(followed));
        }
        let coming = match length {
            Some(length) if length <= LARGEST_BODY => Coming::Counted,
            _ => Coming::Body(watched(request)),
        };
        Some(Self { socket, coming })
    }

    /// It belongs to the body of the answer.
    pub(super) fn with<B>(self, mut response: Response<B>) -> Response<Answer<B>> {
        if self.is_early() {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        if response.head().connection_type() != ConnectionType::KeepAlive
            && let Some(socket) = &self.socket
        {
            socket.progress(|_| Progress::Unknown);
        }
        response.map_body(|_, body| Answer { body, rest: Bytes::new(), is_own: false, answering: self })
    }

    /// Whether a part of the request is still missing.
    fn is_early(&self) -> bool {
        match &self.coming {
            Coming::Counted => self.socket.as_ref().is_some_and(Socket::awaits_body),
            Coming::Body(ended) => !ended.get(),
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let Some(socket) = &self.socket else { return };
        socket.holds(0);
        if self.is_early() { socket.linger() } else { socket.answered() }
    }
}

/// Notes when the end of the body is read. A request that changes the protocol has no end.
fn watched(request: &mut Request) -> Rc<Cell<bool>> {
    let ended = Rc::new(Cell::new(is_open(request.head())));
    if !ended.get() {
        let body = request.take_payload();
        let payload = Box::pin(Watched { body, ended: ended.clone() });
        *request.payload() = Payload::Stream { payload };
    }
    ended
}

pin_project! {
    struct Watched {
        #[pin]
        body: Payload,
        ended: Rc<Cell<bool>>,
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let next = this.body.poll_next(context);
        if matches!(next, Poll::Ready(None)) {
            this.ended.set(true);
        }
        next
    }
}

fn is_open(head: &RequestHead) -> bool {
    head.method == Method::CONNECT || head.headers().contains_key(UPGRADE)
}

/// None if the head does not tell.
fn length_of_body(head: &RequestHead) -> Option<u64> {
    let headers = head.headers();
    if is_open(head) || headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    match headers.get(CONTENT_LENGTH) {
        Some(length) => length.to_str().ok()?.trim().parse().ok(),
        None => Some(0),
    }
}

pin_project! {
    /// The body of an answer.
    pub(super) struct Answer<B> {
        #[pin]
        body: B,
        // What the body has produced and actix-http has not asked for.
        rest: Bytes,
        // Whether no other answer shares it.
        is_own: bool,
        answering: Answering,
    }
}

impl<B: MessageBody> MessageBody for Answer<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.project();
        if this.rest.is_empty() {
            match ready!(this.body.poll_next(context)) {
                Some(Ok(made)) => {
                    *this.is_own = made.is_unique();
                    *this.rest = made;
                }
                end => return Poll::Ready(end),
            }
        }
        let next = this.rest.split_to(this.rest.len().min(LARGEST_PART));
        if let Some(socket) = this.answering.socket.as_ref().filter(|_| *this.is_own) {
            socket.holds(this.rest.len());
        }
        Poll::Ready(Some(Ok(next)))
    }
}
