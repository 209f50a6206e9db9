//! Connections that are held and not used. The server gives the first request of a connection a time, and an idle connection
//! too; not a later request whose head never ends, which could be held open for ever, thousands at once.
use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::web::Bytes;
use std::any::Any;
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// How often they are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Every connection of this node. Clones share one list.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<Weak<Line>>>>);

/// One connection.
struct Line {
    /// The same socket once more: the server's own can't be reached from here.
    socket: std::net::TcpStream,
    /// Since when no request is being answered; none while one is.
    quiet_since: Mutex<Option<Instant>>,
}

impl Line {
    fn set(&self, quiet_since: Option<Instant>) {
        *self.quiet_since.lock().unwrap_or_else(PoisonError::into_inner) = quiet_since;
    }

    fn is_quiet_for(&self, time: Duration) -> bool {
        let since = *self.quiet_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() > time)
    }
}

impl Lines {
    /// Notes a connection that was accepted.
    pub(crate) fn note(&self, io: &dyn Any, connection: &mut Extensions) {
        let socket = io.downcast_ref::<TcpStream>().map(|socket| socket.as_fd().try_clone_to_owned());
        // One that can't be noted, for want of descriptors, is served all the same.
        let Some(Ok(socket)) = socket else { return };
        let line = Arc::new(Line { socket: socket.into(), quiet_since: Mutex::new(Some(Instant::now())) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&line));
        connection.insert(line);
    }

    /// Cuts, as long as it is polled, each connection that is quiet for longer than this.
    pub(crate) async fn watch(self, longest: Duration) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|line| {
                let Some(line) = line.upgrade() else { return false };
                if line.is_quiet_for(longest) {
                    // It may have ended by itself just now.
                    let _ = line.socket.shutdown(Shutdown::Both);
                }
                true
            });
        }
    }
}

/// Has a connection count as used from the head of a request to the end of its answer.
pub(crate) async fn used(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Answer>, Error> {
    let used = request.conn_data::<Arc<Line>>().map(Used::from_now_on);
    let answer = next.call(request).await?;
    Ok(answer.map_body(|_, body| Answer { body: body.boxed(), _used: used }))
}

struct Used(Arc<Line>);

impl Used {
    fn from_now_on(line: &Arc<Line>) -> Self {
        line.set(None);
        Self(Arc::clone(line))
    }
}

impl Drop for Used {
    fn drop(&mut self) {
        self.0.set(Some(Instant::now()));
    }
}

/// A body, and the use of a connection that ends with it.
pub(crate) struct Answer {
    body: BoxBody,
    _used: Option<Used>,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
