//! The one folder that names every adapter: settings in, use cases out.
mod checks;
mod database;
mod jobs;
mod operator;
mod policies;
mod secrets;
mod serving;

pub use checks::settings;
pub(crate) use database::unfit;
pub use database::{migrate, pending, survey, try_write};
pub use operator::operator;
pub(crate) use secrets::{given_key, hasher, sealing_key, sealing_key_file};
pub use serving::{RequestFigures, Serving, app, serving};

use crate::failure::Failure;
use doorward_application::{Services, Tools};
use doorward_crypto::{JwtSigner, LocalKeyPairs, OsRandom, SystemClock};
use doorward_memory::MemoryLimiter;
use doorward_ports::outbound::{Exposition, HealthProbe, Observer, OpenedStore, RateLimiter, SecretSealer, Sightings};
use doorward_settings::{LogFormat, Settings, Sources};
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::runtime::{Handle, Runtime};

/// How many addresses and accounts a node counts by itself; one takes about 150 bytes.
const KEYS_COUNTED: usize = 100_000;

/// Loads the settings and starts logging: the first step of each command that works on the store.
///
/// # Errors
/// When a setting can't be used, or logging was started before.
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

/// The runtime that owns what outlives a request: connections, commits, housekeeping. HTTP workers borrow from it.
///
/// # Errors
/// When the system gives us no threads.
pub fn backend() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().thread_name("doorward-backend").enable_all().build().map_err(|error| {
        Failure::failed(
            format!("the threads of the service can't be started: {error}"),
            "raise the system's limit on threads",
        )
    })
}

/// The use cases over a store whose schema is current, for a command that works beside a running server.
///
/// # Errors
/// As [`services`], and when migrations are pending.
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

/// The use cases, by the settings, for a process that remembers nothing.
///
/// # Errors
/// When a key, a file or a setting can't be used; the text says what to mend.
pub fn services(settings: &Settings, backend: Handle) -> Result<Arc<Services>, Failure> {
    let opened = database::opened(settings, database::opening(settings, backend))?;
    let around = Around {
        sealer: Arc::new(secrets::sealer(settings)?),
        sightings: Arc::new(()),
        limiter: alone(),
        probes: Vec::new(),
        exposition: Arc::new(()),
        observer: Arc::new(()),
    };
    over(settings, opened, secrets::signer(settings)?, around)
}

/// What stands around the use cases of a server otherwise than of a command.
struct Around {
    sealer: Arc<dyn SecretSealer>,
    sightings: Arc<dyn Sightings>,
    limiter: Arc<dyn RateLimiter>,
    probes: Vec<Arc<dyn HealthProbe>>,
    exposition: Arc<dyn Exposition>,
    observer: Arc<dyn Observer>,
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
        sealer: around.sealer,
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

/// How many cores this process may use.
#[must_use]
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
