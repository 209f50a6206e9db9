use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body with only its length: the answer to `HEAD` (RFC 9110 §9.3.2).
pub(super) struct LengthOnly(BodySize);

impl LengthOnly {
    pub(super) fn of(body: &impl MessageBody) -> BoxBody {
        BoxBody::new(Self(body.size()))
    }
}

impl MessageBody for LengthOnly {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}
