//! Connections of clients, from accept to close. actix-http reads requests and writes answers on them; added to it are:
//!
//! - Connections that are held and not used are cut. actix-http bounds the time for the first head of a connection, and for
//!   an idle one; not for a later head that never ends, nor for an answer that is never fetched: either could be held
//!   open for ever, thousands at once.
//! - Connections that are idle rest, when there are many. actix-http keeps two buffers of 8 KiB for each of them; one that
//!   rests keeps its socket, and begins with actix-http anew when the next request comes.
mod answering;
mod connection;
mod list;
mod progress;
mod socket;

use actix_http::{HttpService, Request};
use actix_service::{IntoServiceFactory as _, Service as _, ServiceFactory as _, ServiceFactoryExt as _};
use actix_service::{apply_fn_factory, fn_factory, map_config};
use actix_web::dev::{AppConfig, Server};
use doorward_http::Rest;
use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use crate::settings::Settings;
use answering::Answering;
use connection::Connections;
use list::{List, Patience};
use socket::Socket;

/// How long a client may take for the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to end a connection, once the server has.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// What `HttpServer` does, over connections that are watched and rest: it takes no others than the plain ones of TCP.
pub(crate) fn serve(rest: Rest, settings: &Settings, workers: usize, listener: TcpListener) -> io::Result<Server> {
    let (keep_alive, request_timeout) = (settings.http.keep_alive, settings.http.request_timeout);
    let patience = Patience {
        first: HEAD_PATIENCE,
        next: keep_alive,
        answer: request_timeout + HEAD_PATIENCE,
        anything: keep_alive.max(request_timeout) + HEAD_PATIENCE,
    };
    let address = listener.local_addr()?;
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    let service = move || {
        let app = rest.service().into_factory().map_err(|error| error.error_response());
        // Nothing here asks which host the server itself believes to be.
        let app = map_config(app, |()| AppConfig::default());
        let app = apply_fn_factory(app, |request: Request, app: &_| {
            let answering = Answering::begin(&request);
            let answer = app.call(request);
            async move { answer.await.map(|response| answering.with(response.into())) }
        });
        let signal = stopping.clone();
        let http = HttpService::build()
            .keep_alive(keep_alive)
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
                let list = List::watched(patience, async move { stopping.notified().await });
                Ok::<_, ()>(Connections { list, http })
            }
        })
    };
    let server = builder
        .workers(workers)
        // Each worker has its share.
        .max_concurrent_connections(settings.http.max_connections.div_ceil(workers))
        .shutdown_timeout(settings.http.shutdown_timeout.as_secs())
        .disable_signals();
    Ok(server.listen("rest", listener, service)?.run())
}
