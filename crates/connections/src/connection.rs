use actix_http::Protocol;
use actix_service::Service;
use actix_web::rt::net::TcpStream;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::list::List;
use super::socket::Socket;
use super::totals::{Opened, Totals};

/// What actix-http serves: a socket, its protocol, and its peer.
pub(super) type Served = (Socket, Protocol, Option<SocketAddr>);

/// Accepts a connection.
pub(super) struct Connections<H> {
    pub(super) list: List,
    pub(super) http: Rc<H>,
    pub(super) totals: Arc<Totals>,
}

impl<H: Service<Served, Response = ()>> Service<TcpStream> for Connections<H> {
    type Response = ();
    type Error = H::Error;
    type Future = Accepted<H>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.http.poll_ready(context)
    }

    fn call(&self, socket: TcpStream) -> Self::Future {
        let client = socket.peer_addr().ok();
        // One too many is closed here, unread.
        let Some(opened) = Opened::count(&self.totals, client) else { return Accepted(None) };
        // An answer is one write, so waiting for more data to send has no benefit. Without this, answers are correct
        // but slower.
        let _ = socket.set_nodelay(true);
        let (list, http) = (self.list.clone(), self.http.clone());
        let place = list.add(socket);
        Accepted(Some(Connection { list, place, client, http, serving: None, _opened: opened }))
    }
}

/// A connection, if it was not refused.
pub(super) struct Accepted<H: Service<Served>>(Option<Connection<H>>);

impl<H: Service<Served, Response = ()>> Future for Accepted<H> {
    type Output = Result<(), H::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().map_or(Poll::Ready(Ok(())), |connection| Pin::new(connection).poll(context))
    }
}

/// One connection, from accept to close. If there are many others, it rests between requests: the actix-http connection
/// and its buffers are dropped, because they need twenty times the memory of everything else.
struct Connection<H: Service<Served>> {
    list: List,
    place: usize,
    client: Option<SocketAddr>,
    http: Rc<H>,
    serving: Option<Pin<Box<H::Future>>>,
    /// Dropped last, when the socket is closed.
    _opened: Opened,
}

impl<H: Service<Served, Response = ()>> Future for Connection<H> {
    type Output = Result<(), H::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Some(serving) = &mut self.serving {
                if let Poll::Ready(outcome) = serving.as_mut().poll(context) {
                    return Poll::Ready(outcome);
                }
                // actix-http does not notice it while it waits for the application alone.
                if self.list.is_cut(self.place) {
                    return Poll::Ready(Ok(()));
                }
                if !self.list.may_rest(self.place) {
                    return Poll::Pending;
                }
                self.serving = None;
            }
            match self.list.poll_rest(self.place, context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(false) => return Poll::Ready(Ok(())),
                Poll::Ready(true) => {
                    let socket = Socket::new(self.list.clone(), self.place);
                    self.serving = Some(Box::pin(self.http.call((socket, Protocol::Http1, self.client))));
                }
            }
        }
    }
}

impl<H: Service<Served>> Drop for Connection<H> {
    fn drop(&mut self) {
        // This is first, because it uses the socket that is closed next.
        self.serving = None;
        self.list.forget(self.place);
    }
}
