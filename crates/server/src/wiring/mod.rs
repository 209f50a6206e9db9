//! The only folder that names adapters: it turns settings into use cases.
mod aside;
mod checks;
mod connections;
mod database;
mod jobs;
mod mail;
mod operator;
mod policies;
mod provider_secrets;
mod providers;
mod secrets;
mod serving;
mod shipping;
mod traces;
#[cfg(feature = "vault")]
mod vault;
#[cfg(not(feature = "vault"))]
#[path = "no_vault.rs"]
mod vault;

pub use checks::settings;
pub use connections::ConnectionFigures;
pub(crate) use database::unfit;
pub use database::{clock_ahead, migrate, pending, survey, try_write};
pub use operator::operator;
pub(crate) use secrets::{check_vault, given_key, hasher, sealer, sealing_key_files};
pub use serving::{RequestFigures, Serving, app, check_redis, serving};
pub use traces::check_collector;

use crate::failure::Failure;
use doorward_application::{Services, SignInProviders, Tools};
use doorward_crypto::{Ed25519Statements, JwtSigner, LocalKeyPairs, OsRandom, Sealer, SystemClock};
use doorward_memory::MemoryLimiter;
use doorward_ports::outbound::{Exposition, HealthProbe, MailObserver, Observer, OpenedStore, RateLimiter, Sightings};
use doorward_settings::{LogFormat, Settings, Sources};
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::runtime::{Handle, Runtime};

/// How many IP addresses and accounts a node counts by itself; one takes about 150 bytes.
const KEYS_COUNTED: usize = 100_000;

/// Loads the settings and starts logging: the first step of each command that uses the store.
///
/// # Errors
/// If a setting is not valid, or logging has already been started.
pub fn prepare(sources: &Sources) -> Result<Settings, Failure> {
    let settings = settings(sources)?;
    let format = match settings.telemetry.log_format {
        LogFormat::Text => doorward_telemetry::LogFormat::Text,
        LogFormat::Json => doorward_telemetry::LogFormat::Json,
    };
    doorward_telemetry::init(format, settings.telemetry.log_level.as_str())
        .map_err(|error| Failure::of(&error, "start it in a process of its own"))?;
    Ok(settings)
}

/// The runtime of everything that outlives a request: connections, commits, housekeeping. The HTTP workers use it too.
///
/// # Errors
/// If the system provides no threads.
pub fn backend() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().thread_name("doorward-backend").enable_all().build().map_err(|error| {
        Failure::failed(
            format!("the threads of the service can't be started: {error}"),
            "raise the system's limit on threads",
        )
    })
}

/// The use cases over a store with a current schema, for a command that may run beside a server.
///
/// # Errors
/// As [`services`], and if migrations are pending.
pub async fn open(settings: &Settings) -> Result<Arc<Services>, Failure> {
    let pending = pending(settings).await?;
    if !pending.is_empty() {
        return Err(Failure::failed(
            format!("the database at {} is not set up for this version", settings.database.url.masked()),
            "run `doorward migrate` first, or start the server once with `doorward serve`",
        ));
    }
    services(settings, Handle::current())
}

/// The use cases by the settings, for a process without caches.
///
/// # Errors
/// If a key, a file or a setting is not valid; the text says what to do.
pub fn services(settings: &Settings, backend: Handle) -> Result<Arc<Services>, Failure> {
    let opened = database::opened(settings, database::opening(settings, backend))?;
    let around = Around {
        sealer: Arc::new(sealer(settings)?),
        sightings: Arc::new(()),
        limiter: alone(),
        probes: Vec::new(),
        exposition: Arc::new(()),
        observer: Arc::new(()),
        mail_observer: Arc::new(()),
        providers: Arc::new(providers::sign_in_providers(settings, Arc::new(()))?.0),
    };
    over(settings, opened, secrets::signer(settings)?, around)
}

/// The adapters that differ between a server and a command.
struct Around {
    sealer: Arc<Sealer>,
    sightings: Arc<dyn Sightings>,
    limiter: Arc<dyn RateLimiter>,
    probes: Vec<Arc<dyn HealthProbe>>,
    exposition: Arc<dyn Exposition>,
    observer: Arc<dyn Observer>,
    mail_observer: Arc<dyn MailObserver>,
    providers: Arc<SignInProviders>,
}

fn over(settings: &Settings, opened: OpenedStore, signer: JwtSigner, around: Around) -> Result<Arc<Services>, Failure> {
    let signer = Arc::new(signer);
    let tools = Tools {
        store: opened.store,
        session_states: opened.session_states,
        sightings: around.sightings,
        client_states: opened.client_states,
        users: opened.users,
        roles: opened.roles,
        hasher: Arc::new(hasher(settings, around.observer.clone())?),
        signer: signer.clone(),
        keys: signer,
        key_pairs: Arc::new(LocalKeyPairs::new(&settings.storage.data_dir)),
        audit_readers: opened.audit_readers,
        audit_destination: shipping::destination(settings)?,
        audit_signer: Arc::new(Ed25519Statements),
        providers: around.providers,
        sealer: around.sealer.clone(),
        sealing_ring: around.sealer,
        stored_providers: opened.providers,
        mailer: mail::mailer(settings)?,
        mail_observer: around.mail_observer,
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom),
        limiter: around.limiter,
        observer: around.observer,
        probes: around.probes,
        exposition: around.exposition,
    };
    Ok(Services::new(tools, policies::policies(settings)))
}

fn alone() -> Arc<dyn RateLimiter> {
    Arc::new(MemoryLimiter::of_keys(KEYS_COUNTED))
}

/// The number of cores that this process may use.
#[must_use]
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
