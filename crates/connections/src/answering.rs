use actix_http::body::{BodySize, MessageBody};
use actix_http::header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use actix_http::{ConnectionType, Method, Request, RequestHead, Response};
use actix_web::web::Bytes;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::progress::Progress;
use super::socket::Socket;

/// A request that was received and is not answered yet; dropped when the last byte of its answer was made.
pub(super) struct Answering(Option<Socket>);

impl Answering {
    pub(super) fn begin(request: &Request) -> Self {
        let socket = request.conn_data::<Socket>().cloned();
        if let Some(socket) = &socket {
            let body = length_of_body(request.head());
            socket.progress(|progress| progress.taken_up(body));
        }
        Self(socket)
    }

    /// It belongs to the body of the answer.
    pub(super) fn with<B>(self, response: Response<B>) -> Response<Answer<B>> {
        if response.head().connection_type() != ConnectionType::KeepAlive
            && let Some(socket) = &self.0
        {
            socket.progress(|_| Progress::Unknown);
        }
        response.map_body(|_, body| Answer { body, answering: self })
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(socket) = &self.0 {
            socket.progress(Progress::answered);
        }
    }
}

/// None if the head does not tell, or if the connection can't be used for another request.
fn length_of_body(head: &RequestHead) -> Option<u64> {
    let headers = head.headers();
    let open =
        head.method == Method::CONNECT || headers.contains_key(UPGRADE) || headers.contains_key(TRANSFER_ENCODING);
    if open || head.connection_type() != ConnectionType::KeepAlive {
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
        answering: Answering,
    }
}

impl<B: MessageBody> MessageBody for Answer<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.project().body.poll_next(context)
    }
}
