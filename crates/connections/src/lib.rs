//! Connections of HTTP clients, from accept to close, for any actix-web application. actix-http reads requests and writes
//! answers on them; added to it are:
//!
//! - Connections that are held and not used are cut. actix-http bounds the time for the first head of a connection, and for
//!   an idle one; not for a later head that never ends, nor for an answer that is never fetched: either could be held
//!   open for ever, thousands at once.
//! - Connections that are idle rest, when there are many. actix-http keeps two buffers of 8 KiB for each of them; one that
//!   rests keeps its socket, and begins with actix-http anew when the next request comes.
//!
//! It refuses to know what is served: routes, settings and errors are the application's.
//!
//! To follow a new release of actix-http, run `tests/any_cut.rs`: it sends whatever requests, cut anywhere, and compares
//! what is answered.
#![warn(missing_docs)]

mod answering;
mod connection;
mod list;
mod progress;
mod socket;

use actix_http::body::MessageBody;
use actix_http::{HttpService, Request, Response};
use actix_service::{IntoServiceFactory, Service as _, ServiceFactory, ServiceFactoryExt as _};
use actix_service::{apply_fn_factory, fn_factory, map_config};
use actix_web::dev::{AppConfig, Server};
use std::fmt::Debug;
use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use answering::Answering;
use connection::Connections;
use list::{List, Patience};
use socket::Socket;

/// How long a client may take for the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to end a connection, once the server has.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// How many connections are served, and how patiently.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many threads serve them.
    pub workers: usize,
    /// How many there are at once; each worker has its share.
    pub max_connections: usize,
    /// How long one is kept for the next request.
    pub keep_alive: Duration,
    /// In what time the application answers a request.
    pub request_timeout: Duration,
    /// How long running requests may still take when the server stops.
    pub shutdown_timeout: Duration,
}

impl Options {
    fn patience(&self) -> Patience {
        Patience {
            first: HEAD_PATIENCE,
            next: self.keep_alive,
            answer: self.request_timeout + HEAD_PATIENCE,
            anything: self.keep_alive.max(self.request_timeout) + HEAD_PATIENCE,
        }
    }
}

/// What `HttpServer` does, over connections that are watched and rest: it takes no others than the plain ones of TCP. The
/// server hears no signals; its handle stops it.
///
/// # Errors
/// When the listener can't be used, or the system gives no threads.
pub fn serve<F, I, S, B>(options: Options, listener: TcpListener, application: F) -> io::Result<Server>
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
    let service = move || {
        let app = application().into_factory().map_err(|error| error.into().error_response());
        // Nothing here asks which host the server itself believes to be.
        let app = map_config(app, |()| AppConfig::default());
        let app = apply_fn_factory(app, |request: Request, app: &_| {
            let answering = Answering::begin(&request);
            let answer = app.call(request);
            async move { answer.await.map(|response| answering.with(response.into())) }
        });
        let signal = stopping.clone();
        let http = HttpService::build()
            .keep_alive(options.keep_alive)
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
        let (http, stopping) = (Rc::new(http), stopping.clone());
        fn_factory(move || {
            let (http, stopping) = (http.clone(), stopping.clone());
            async move {
                let http = Rc::new(http.new_service(()).await?);
                let list = List::watched(options.patience(), async move { stopping.notified().await });
                Ok::<_, ()>(Connections { list, http })
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
