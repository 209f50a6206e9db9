use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use doorward_domain::CorrelationId;
use doorward_ports::{Causes, Error};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The source of a body, and its next part; none at the end.
type Part<S> = (S, Result<Option<Bytes>, Error>);
type Reading<S> = Pin<Box<dyn Future<Output = Part<S>>>>;

/// A body that is sent while it is read. The next part is read only when the last one was taken, so that it holds one part in
/// memory, and a client that reads slowly slows the reading down.
pub(super) struct Streamed<S> {
    /// What it is, for the log.
    what: &'static str,
    correlation_id: CorrelationId,
    head: Option<Bytes>,
    read: fn(S) -> Reading<S>,
    /// The part that is being read; none at the end.
    part: Option<Reading<S>>,
}

/// actix closes the connection for it. The reason is in the log already.
#[derive(Debug, thiserror::Error)]
#[error("the body was cut off")]
pub(super) struct CutOff;

impl<S> Streamed<S> {
    /// First this text, then what is read from the source.
    pub(super) fn of(
        (what, correlation_id): (&'static str, CorrelationId),
        head: String,
        source: S,
        read: fn(S) -> Reading<S>,
    ) -> Self {
        let head = Some(head).filter(|head| !head.is_empty()).map(Bytes::from);
        Self { what, correlation_id, head, read, part: Some(read(source)) }
    }
}

impl<S> MessageBody for Streamed<S> {
    type Error = CutOff;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, CutOff>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(head)));
        }
        let Some(part) = &mut self.part else { return Poll::Ready(None) };
        let (source, bytes) = ready!(part.as_mut().poll(context));
        self.part = None;
        match bytes {
            Ok(None) => Poll::Ready(None),
            Ok(Some(bytes)) => {
                self.part = Some((self.read)(source));
                Poll::Ready(Some(Ok(bytes)))
            }
            Err(error) => {
                let (correlation_id, code) = (&self.correlation_id, error.code.as_str());
                let causes = error.source.as_deref().map(|error| Causes(error).to_string());
                tracing::error!(%correlation_id, code, causes, "{} was cut off: {}", self.what, error.detail);
                Poll::Ready(Some(Err(CutOff)))
            }
        }
    }
}
