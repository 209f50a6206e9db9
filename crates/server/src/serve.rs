//! The life of the server: bind, migrate, create the first administrator, serve, stop.
use crate::cli::print;
use crate::failure::Failure;
use crate::jobs::Jobs;
use crate::wiring::{self, Serving};
use actix_web::HttpServer;
use actix_web::dev::{Server, ServerHandle};
use doorward_http::{ClientAddressHeader, GraphqlOptions, HttpOptions, Readiness, Rest};
use doorward_ports::inbound::{FirstAdmin, Keys, Sealing, System};
use doorward_settings::Settings;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// The queue of connections that wait to be accepted; the kernel limits it to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// Serves until it is told to stop.
///
/// # Errors
/// If it can't start; the text says what to do.
pub fn run(settings: &Settings) -> Result<(), Failure> {
    raise_open_file_limit();
    // Bind before anything is written, so that a second server changes nothing.
    let listeners = Listeners::bind(settings)?;
    let backend = wiring::backend()?;
    let serving = backend.block_on(prepare(settings, &backend))?;
    let outcome = actix_web::rt::System::new().block_on(serve(settings, listeners, serving, &backend));
    backend.shutdown_timeout(Duration::from_secs(5));
    outcome
}

fn raise_open_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "could not raise the limit of open files");
    }
}

/// The listeners of the server.
struct Listeners {
    main: TcpListener,
    metrics: Option<TcpListener>,
}

impl Listeners {
    fn bind(settings: &Settings) -> Result<Self, Failure> {
        let main = bind("http.bind", "DOORWARD_HTTP__BIND", settings.http.bind)?;
        let metrics = settings.metrics.bind.map(|address| bind("metrics.bind", "DOORWARD_METRICS__BIND", address));
        Ok(Self { main, metrics: metrics.transpose()? })
    }
}

fn bind(key: &str, variable: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    let listening = TcpListener::bind(address).and_then(|listener| {
        // Listen again with a longer queue: the one of the standard library is short.
        rustix::net::listen(&listener, BACKLOG)?;
        Ok(listener)
    });
    listening.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => Failure::failed(
            format!("the address {address} is taken: is another server running?"),
            format!("stop it, or set {key} to another address ({variable}=127.0.0.1:8001)"),
        ),
        _ => Failure::failed(
            format!("the server can't listen on {address}: {error}"),
            format!("set {key} ({variable}) to another address"),
        ),
    })
}

async fn prepare(settings: &Settings, backend: &Runtime) -> Result<Serving, Failure> {
    let report = wiring::migrate(settings).await?;
    if !report.applied.is_empty() {
        tracing::info!(applied = report.applied.len(), "updated the schema of the database");
    }
    let serving = wiring::serving(settings, backend.handle())?;
    let services = &serving.services;
    let operator = wiring::operator(services);
    Sealing::prepare(&**services, &operator).await?;
    // From here on, no new key seals before this node knows it.
    Sealing::load(&**services, &operator).await?;
    Keys::prepare(&**services, &operator).await?;
    let bootstrap = &settings.bootstrap;
    let admin = services.bootstrap(&operator, bootstrap.admin_email.as_str(), bootstrap.admin_password.clone()).await?;
    greet(settings, admin.as_ref());
    Ok(serving)
}

/// Prints the first administrator once, on standard output and never in the log.
fn greet(settings: &Settings, admin: Option<&FirstAdmin>) {
    let url = settings.http.public_url.as_str();
    let mut screen = format!("Doorward listens on {}; its public URL is {url}\n", settings.http.bind);
    if let Some(admin) = admin {
        let password = match &admin.password {
            Some(made_up) => made_up.expose(),
            None => "(the one in bootstrap.admin_password)",
        };
        screen.push_str(&format!(
            "\nThe database was empty, so Doorward created an administrator. This is shown only once:\n\n\
             email: {}\npassword: {password}\n\n\
             Next: sign in and change the password; {url}/docs describes every route.\n",
            admin.email
        ));
    }
    if let Err(error) = print::text(&screen) {
        tracing::error!(
            %error,
            "could not print the password of the first administrator: set a new one with `doorward user set-password`"
        );
    }
}

async fn serve(settings: &Settings, listeners: Listeners, serving: Serving, backend: &Runtime) -> Result<(), Failure> {
    let Serving { services, metrics, traces, jobs, board } = serving;
    let jobs = Jobs::start(jobs, &board, backend.handle());
    let readiness = Readiness::default();
    let figures = Arc::new(wiring::RequestFigures { metrics: metrics.clone(), traces });
    let app = wiring::app(&services, &metrics, backend.handle());
    let rest = Rest::observed(app, options(settings), readiness.clone(), figures);
    let beside = listeners.metrics.map(|listener| serve_metrics(rest.clone(), listener)).transpose()?;
    let workers = if settings.http.workers == 0 { wiring::cores().get() } else { settings.http.workers };
    let connections = connections(settings, workers);
    let watching = Arc::new(wiring::ConnectionFigures::new(metrics));
    let server = doorward_connections::serve(&connections, listeners.main, watching, move || rest.service())
        .map_err(|error| Failure::failed(format!("the server can't start: {error}"), "check http.bind"))?;
    let stopping = actix_web::rt::spawn(stop_on_signal(
        server.handle(),
        beside.as_ref().map(Server::handle),
        readiness,
        settings.http.drain_delay,
    ));
    let beside = beside.map(actix_web::rt::spawn);
    tracing::info!(bind = %settings.http.bind, workers, "ready");
    let outcome = server.await;
    stopping.abort();
    jobs.stop().await;
    if let Err(error) = Sealing::stop(&*services, &wiring::operator(&services)).await {
        // The next rotation waits some seconds for this node.
        tracing::debug!(%error, "could not say that this node has stopped");
    }
    if let Some(beside) = beside {
        beside.abort();
    }
    tracing::info!("stopped");
    outcome.map_err(|error| Failure::failed(format!("the server ended: {error}"), "the log above contains the reason"))
}

/// The listener for metrics only: one thread, few connections.
fn serve_metrics(rest: Rest, listener: TcpListener) -> Result<Server, Failure> {
    let server = HttpServer::new(move || rest.metrics_service()).workers(1).disable_signals().listen(listener);
    server
        .map(HttpServer::run)
        .map_err(|error| Failure::failed(format!("the server can't start: {error}"), "check metrics.bind"))
}

fn connections(settings: &Settings, workers: usize) -> doorward_connections::Options {
    doorward_connections::Options {
        workers,
        max_connections: settings.http.max_connections,
        max_connections_per_address: settings.http.max_connections_per_address,
        proxies: settings.http.trusted_proxies.clone(),
        max_unsent: settings.http.max_unsent.bytes(),
        keep_alive: settings.http.keep_alive,
        request_timeout: settings.http.request_timeout,
        write_timeout: settings.http.write_timeout,
        shutdown_timeout: settings.http.shutdown_timeout,
    }
}

fn options(settings: &Settings) -> HttpOptions {
    HttpOptions {
        public_url: settings.http.public_url.as_str().trim_end_matches('/').to_owned(),
        allowed_origins: settings.http.allowed_origins.iter().map(|origin| origin.as_str().to_owned()).collect(),
        trusted_proxies: settings.http.trusted_proxies.clone(),
        client_address_header: match settings.http.client_address_header {
            doorward_settings::ClientAddressHeader::XForwardedFor => ClientAddressHeader::XForwardedFor,
            doorward_settings::ClientAddressHeader::Forwarded => ClientAddressHeader::Forwarded,
        },
        request_timeout: settings.http.request_timeout,
        loopback: settings.http.bind.ip().is_loopback()
            && settings.http.public_url.is_loopback()
            && settings.http.trusted_proxies.is_empty(),
        secure: settings.http.public_url.is_https(),
        session_cookie: settings.http.session_cookie,
        graphql: GraphqlOptions { introspection: settings.graphql.introspection },
    }
}

/// Stops on SIGTERM (a supervisor) and SIGINT (Ctrl-C): reports not ready, waits for load balancers to notice, then finishes
/// running requests.
async fn stop_on_signal(
    server: ServerHandle,
    metrics: Option<ServerHandle>,
    readiness: Readiness,
    drain_delay: Duration,
) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("can't receive signals: only SIGKILL stops this server");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    readiness.stop();
    if !drain_delay.is_zero() {
        tracing::info!(
            ?drain_delay,
            "draining: waiting for load balancers to notice; a second signal closes the listener at once"
        );
        tokio::select! {
            () = tokio::time::sleep(drain_delay) => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    tracing::info!("stopping: finishing running requests");
    // Metrics are available until the last request has ended.
    server.stop(true).await;
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
}
