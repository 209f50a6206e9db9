//! HTTP connections, from accept to close, for any actix-web application. actix-http reads requests and writes answers.
//! This crate adds:
//!
//! - Connections that are held without use are closed. actix-http limits the time for the first head of a connection,
//!   and for an idle connection, but not for a later head that never ends, or for an answer that is never read: these
//!   could be held open for ever, thousands at once.
//! - An answer is passed on in small parts, so that a peer that does not read holds little memory. A peer that stops
//!   reading, or reads very slowly, is cut.
//! - If a request is answered before all of it was received, a little more of it is read, and then the connection is
//!   closed.
//! - The connections of one IP address are bounded, and the bytes of answers that wait for all peers together: then the
//!   peer that has read nothing for the longest time is cut.
//! - Idle connections rest if there are many. actix-http keeps two buffers of 8 KiB for each; a resting connection
//!   keeps only its socket, and starts a new actix-http connection with the next request.
//!
//! This crate does not know what is served: routes, settings and errors belong to the application.
//!
//! To follow a new release of actix-http, run `tests/any_cut.rs`: it sends all kinds of requests, cut anywhere, and
//! compares the answers.
#![warn(missing_docs)]

mod answering;
mod connection;
mod list;
mod observer;
mod progress;
mod socket;
mod totals;

pub use observer::{Cut, Observer};

use actix_http::body::MessageBody;
use actix_http::{HttpService, Request, Response};
use actix_service::{IntoServiceFactory, Service as _, ServiceFactory, ServiceFactoryExt as _};
use actix_service::{apply_fn_factory, fn_factory, map_config};
use actix_web::dev::{AppConfig, Server};
use ipnet::IpNet;
use std::fmt::Debug;
use std::future::pending;
use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use answering::{Answering, BUFFER};
use connection::Connections;
use list::{List, Patience};
use socket::Socket;
use totals::Totals;

/// How long a peer may take for the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a peer may take to close a connection after the server has closed it. Longer than a connection lingers.
const END_PATIENCE: Duration = Duration::from_secs(3);

/// The limits of connections.
#[derive(Debug, Clone)]
pub struct Options {
    /// The number of threads that serve them.
    pub workers: usize,
    /// The largest number of connections; each worker has its share.
    pub max_connections: usize,
    /// The largest number of connections of one IP address, or of one /64 of IPv6; 0 means no bound. One more is closed
    /// at once.
    pub max_connections_per_address: usize,
    /// The networks without that bound: proxies, whose connections are those of many clients.
    pub proxies: Vec<IpNet>,
    /// The largest number of bytes of answers that may wait for peers, without those that several answers share.
    pub max_unsent: usize,
    /// How long an idle connection is kept for the next request.
    pub keep_alive: Duration,
    /// How long the application may take for a request.
    pub request_timeout: Duration,
    /// How long a peer may read nothing of an answer that waits for it.
    pub write_timeout: Duration,
    /// How long running requests may take when the server stops.
    pub shutdown_timeout: Duration,
}

impl Options {
    fn patience(&self) -> Patience {
        Patience {
            first: HEAD_PATIENCE,
            next: self.keep_alive,
            answer: self.request_timeout + HEAD_PATIENCE,
            write: self.write_timeout,
            anything: self.keep_alive.max(self.request_timeout) + HEAD_PATIENCE,
        }
    }
}

/// A replacement for `HttpServer`, with connections that have time limits and can rest; `HttpServer` accepts only plain
/// TCP connections. The observer receives what happens to connections. The server does not react to signals; its handle
/// stops it.
///
/// # Errors
/// If the listener can't be used, or the system provides no threads.
pub fn serve<F, I, S, B>(
    options: &Options,
    listener: TcpListener,
    observer: Arc<dyn Observer>,
    application: F,
) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    B: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    let totals = Totals::new(options, observer);
    let (patience, keep_alive) = (options.patience(), options.keep_alive);
    let service = move || {
        let app = application().into_factory().map_err(|error| error.into().error_response());
        // Nothing here uses the host name of the server.
        let app = map_config(app, |()| AppConfig::default());
        let app = apply_fn_factory(app, |mut request: Request, app: &_| {
            let begun = Answering::begin(&mut request).map(|answering| (answering, app.call(request)));
            async move {
                match begun {
                    Some((answering, answer)) => answer.await.map(|response| answering.with(response.into())),
                    // Until the connection is closed.
                    None => pending().await,
                }
            }
        });
        let signal = stopping.clone();
        let http = HttpService::build()
            .keep_alive(keep_alive)
            .h1_write_buffer_size(BUFFER)
            .client_request_timeout(HEAD_PATIENCE)
            .client_disconnect_timeout(END_PATIENCE)
            .graceful_shutdown_signal(move || {
                let signal = signal.clone();
                async move { signal.notified().await }
            })
            .local_addr(address)
            .on_connect_ext(|socket: &Socket, data| {
                data.insert(socket.clone());
            })
            .finish(app);
        let (http, stopping, totals) = (Rc::new(http), stopping.clone(), totals.clone());
        fn_factory(move || {
            let (http, stopping, totals) = (http.clone(), stopping.clone(), totals.clone());
            async move {
                let http = Rc::new(http.new_service(()).await?);
                let list = List::watched(patience, totals.clone(), async move { stopping.notified().await });
                Ok::<_, ()>(Connections { list, http, totals })
            }
        })
    };
    let server = builder
        .workers(options.workers)
        .max_concurrent_connections(options.max_connections.div_ceil(options.workers))
        .shutdown_timeout(options.shutdown_timeout.as_secs())
        .disable_signals();
    Ok(server.listen("http", listener, service)?.run())
}
