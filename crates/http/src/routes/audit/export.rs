use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use doorward_domain::CorrelationId;
use doorward_ports::inbound::{AuditExport, ListedEvent};
use doorward_ports::{Causes, Error};
use doorward_views::ExportFormat;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

type Part = (Box<dyn AuditExport>, Result<Vec<ListedEvent>, Error>);

/// The body of an export. The next part is read only when the last one was taken, so that it holds one part in memory, and a
/// client that reads slowly slows the reading down.
pub(super) struct Lines {
    format: ExportFormat,
    correlation_id: CorrelationId,
    head: Option<Bytes>,
    /// The part that is being read; none at the end.
    part: Option<Pin<Box<dyn Future<Output = Part>>>>,
}

/// actix closes the connection for it. The reason is in the log already.
#[derive(Debug, thiserror::Error)]
#[error("the export was cut off")]
pub(super) struct CutOff;

impl Lines {
    pub(super) fn of(export: Box<dyn AuditExport>, format: ExportFormat, correlation_id: CorrelationId) -> Self {
        let head = Some(format.head()).filter(|head| !head.is_empty()).map(Bytes::from);
        Self { format, correlation_id, head, part: Some(next(export)) }
    }

    fn written(&self, lines: Vec<ListedEvent>) -> Bytes {
        let mut text = String::new();
        for line in lines {
            self.format.write(line, &mut text);
        }
        text.into()
    }
}

fn next(mut export: Box<dyn AuditExport>) -> Pin<Box<dyn Future<Output = Part>>> {
    Box::pin(async move {
        let lines = export.next().await;
        (export, lines)
    })
}

impl MessageBody for Lines {
    type Error = CutOff;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, CutOff>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(head)));
        }
        let Some(part) = &mut self.part else { return Poll::Ready(None) };
        let (export, lines) = ready!(part.as_mut().poll(context));
        self.part = None;
        match lines {
            Ok(lines) if lines.is_empty() => Poll::Ready(None),
            Ok(lines) => {
                self.part = Some(next(export));
                Poll::Ready(Some(Ok(self.written(lines))))
            }
            Err(error) => {
                let (correlation_id, code) = (&self.correlation_id, error.code.as_str());
                let causes = error.source.as_deref().map(|error| Causes(error).to_string());
                tracing::error!(%correlation_id, code, causes, "an export of the audit log was cut off: {}", error.detail);
                Poll::Ready(Some(Err(CutOff)))
            }
        }
    }
}
