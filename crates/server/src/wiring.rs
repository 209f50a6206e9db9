//! The one file that names every adapter: settings in, use cases out.
use crate::cli::Failure;
use crate::settings::{Cache, DatabaseUrl, Rate, RateLimit, Secret, Settings};
use doorward_application::limits::RateLimits;
use doorward_application::ports::outbound::{
    Exposition, HealthProbe, Observer, RateLimiter, RevocationBus, SecretSealer, Sightings,
};
use doorward_application::{
    Actor, Caller, KeyPolicy, Origin, Policies, RegistrationPolicy, Services, Tools, ports::inbound::System,
};
use doorward_crypto::{
    HashingPool, HashingSettings, JwtSettings, JwtSigner, LocalKeyPairs, OsRandom, Sealer, SealingKey, SigningKey,
    SystemClock,
};
use doorward_domain::{LockoutPolicy, PasswordPolicy, Quota, SessionLifetimes};
use doorward_http::{Answered, App, RequestObserver};
use doorward_memory::{
    ClientMemory, Forgetting, Freshness, KeyNews, LocalBus, MemoryLimiter, Remembering, RoleMemory, SessionMemory,
    Shared, SightingMemory, UserMemory,
};
use doorward_redis::{Address, Pace, Redis, Sentinels};
use doorward_sql::{Opened, Report, SchemaError, StoreOptions, Survey};
use doorward_telemetry::metrics::{
    self, CountedAuthentication, CountedClientTokens, MeasuredClientStates, MeasuredSessionStates, MeasuredStore,
    Metrics,
};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};

/// How long a sign-in waits for a thread that hashes before it is told to come back.
const HASHING_PATIENCE: Duration = Duration::from_secs(10);

/// How many addresses and accounts a node counts by itself; one takes about 150 bytes.
const KEYS_COUNTED: usize = 100_000;

const OLDEST_POSTGRES: u32 = 13;

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

/// Brings the schema up to what this binary knows.
///
/// # Errors
/// When the database can't be reached, or a later version of Doorward has been there.
pub async fn migrate(settings: &Settings) -> Result<Report, Failure> {
    let survey = survey(settings).await?;
    if let Some((problem, next)) = unfit(&survey) {
        return Err(Failure::failed(problem, next));
    }
    doorward_sql::migrate(&database_url(settings)).await.map_err(|error| schema_failure(settings, &error))
}

/// What there is to know of the database before one relies on it.
///
/// # Errors
/// When it can't be reached.
pub async fn survey(settings: &Settings) -> Result<Survey, Failure> {
    doorward_sql::survey(&database_url(settings)).await.map_err(|error| schema_failure(settings, &error))
}

/// Why no service can stand on that database, and what to do.
pub(crate) fn unfit(survey: &Survey) -> Option<(String, &'static str)> {
    if let Some(version) = survey.postgres.filter(|version| *version < OLDEST_POSTGRES) {
        let problem = format!("PostgreSQL {version} is too old: Doorward needs {OLDEST_POSTGRES} or newer");
        return Some((problem, "upgrade PostgreSQL"));
    }
    (!survey.keeps_prepared_statements).then(|| {
        let problem = "prepared statements are lost between transactions: a pooler such as PgBouncer stands before the \
                       database in transaction mode, and does not keep them";
        (problem.to_owned(), "use PgBouncer 1.21 or newer with max_prepared_statements above 0, or pool_mode = session")
    })
}

/// Which migrations [`migrate`] would apply.
///
/// # Errors
/// As [`migrate`].
pub async fn pending(settings: &Settings) -> Result<Vec<String>, Failure> {
    doorward_sql::pending(&database_url(settings)).await.map_err(|error| schema_failure(settings, &error))
}

fn schema_failure(settings: &Settings, error: &SchemaError) -> Failure {
    let mend = match &settings.database.url {
        DatabaseUrl::Sqlite(_) => "that this user may write the file and its folder",
        DatabaseUrl::Postgres(_) => "that the database runs",
    };
    let next = match error {
        SchemaError::Newer { .. } => "nothing was changed".to_owned(),
        _ => format!("check database.url, which is {}, and {mend}", settings.database.url.masked()),
    };
    Failure::failed(error.to_string(), next)
}

fn database_url(settings: &Settings) -> String {
    match &settings.database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.expose().to_owned(),
    }
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
    let opened = opened(settings, backend, Arc::new(()))?;
    let around = Around {
        sealer: Arc::new(sealer(settings)?),
        sightings: Arc::new(()),
        limiter: alone(),
        probes: Vec::new(),
        exposition: Arc::new(()),
        observer: Arc::new(()),
    };
    over(settings, opened, signer(settings)?, around)
}

/// The use cases for a server: it remembers what it has read and verified, and reads on the backend runtime what was
/// revoked. Of signing keys the news wakes whoever waits for it.
///
/// # Errors
/// As [`services`].
pub fn serving(
    settings: &Settings,
    backend: &Handle,
    news: Arc<KeyNews>,
    metrics: &Arc<Metrics>,
) -> Result<Arc<Services>, Failure> {
    let bus = LocalBus::new();
    let redis = redis(settings, backend, bus.clone())?;
    let opened = opened(settings, backend.clone(), telling(bus.clone(), redis.as_deref()))?;
    backend.spawn(metrics::watch_sessions(opened.store.clone(), Arc::new(SystemClock), metrics.clone()));
    let opened = measured(opened, metrics);
    let sealer: Arc<dyn SecretSealer> = Arc::new(sealer(settings)?);
    let share = |redis: &Arc<Redis>| Shared::new(redis.cache(), sealer.clone(), Arc::new(SystemClock), backend.clone());
    let common = Remembering {
        forgetting: Arc::new(Forgetting::default()),
        freshness: Freshness::stale(),
        shared: redis.as_ref().map(share),
        rights: Arc::default(),
        observer: metrics.clone(),
    };
    bus.subscribe(common.forgetting.clone());
    bus.subscribe(news);
    let (log, freshness) = (opened.revocations.clone(), common.freshness.clone());
    backend.spawn(doorward_memory::watch(log, bus, freshness, overlap(settings)));
    let opened = remembered(opened, &common, &settings.cache);
    let signer = signer(settings)?.remembering(room(settings.cache.tokens), metrics.clone());
    let limiter = limiter(redis.as_deref(), metrics.clone());
    let probes = redis.into_iter().map(|redis| redis as Arc<dyn HealthProbe>).collect();
    let sightings = Arc::new(SightingMemory::new(room(settings.cache.sessions)));
    let around = Around { sealer, sightings, limiter, probes, exposition: metrics.clone(), observer: metrics.clone() };
    over(settings, opened, signer, around)
}

/// The same ports, with memory in front of those that are asked all the time.
fn remembered(opened: Opened, common: &Remembering, sizes: &Cache) -> Opened {
    let common = || common.clone();
    Opened {
        session_states: Arc::new(SessionMemory::new(opened.session_states, common(), room(sizes.sessions))),
        client_states: Arc::new(ClientMemory::new(opened.client_states, common(), room(sizes.clients))),
        users: Arc::new(UserMemory::new(opened.users, common(), room(sizes.users))),
        roles: Arc::new(RoleMemory::new(opened.roles, common(), room(sizes.roles))),
        ..opened
    }
}

fn room(entries: u64) -> usize {
    usize::try_from(entries).unwrap_or(usize::MAX)
}

/// What is counted and measured of a server, all of it at zero.
#[must_use]
pub fn metrics() -> Arc<Metrics> {
    let known = doorward_http::known_routes().into_iter();
    let known = known.map(|it| metrics::Route { method: it.method, pattern: it.pattern, status: it.status });
    Metrics::new(&known.collect::<Vec<_>>())
}

fn measured(opened: Opened, metrics: &Metrics) -> Opened {
    Opened {
        store: Arc::new(MeasuredStore::new(opened.store, metrics)),
        session_states: Arc::new(MeasuredSessionStates::new(opened.session_states, metrics)),
        client_states: Arc::new(MeasuredClientStates::new(opened.client_states, metrics)),
        ..opened
    }
}

/// The use cases as REST asks them: counted.
#[must_use]
pub fn app(services: &Arc<Services>, metrics: &Metrics) -> App {
    App {
        accounts: services.clone(),
        authentication: Arc::new(CountedAuthentication::new(services.clone(), metrics)),
        sessions: services.clone(),
        roles: services.clone(),
        client_apps: services.clone(),
        client_tokens: Arc::new(CountedClientTokens::new(services.clone(), metrics)),
        limits: services.clone(),
        system: services.clone(),
    }
}

/// Measures every request.
pub struct RequestFigures(pub Arc<Metrics>);

impl RequestObserver for RequestFigures {
    fn answered(&self, request: Answered<'_>) {
        self.0.answered(request.method, request.route, request.status, request.took);
    }
}

fn redis(settings: &Settings, backend: &Handle, local: Arc<LocalBus>) -> Result<Option<Arc<Redis>>, Failure> {
    let Some(url) = &settings.redis.url else { return Ok(None) };
    let authorities = settings.redis.ca_file.as_deref().map(std::fs::read).transpose().map_err(|error| {
        Failure::failed(format!("the certificate authorities of Redis can't be read: {error}"), "mend redis.ca_file")
    })?;
    let password = settings.redis.sentinel_password.as_ref().map(Secret::expose);
    let sentinels = settings.redis.sentinel_master.as_deref().map(|master| Sentinels { master, password });
    let address = Address { url: url.expose(), authorities: authorities.as_deref(), sentinels };
    let redis = Redis::start(address, Pace::default(), local, Arc::new(OsRandom), backend)
        .map_err(|error| Failure::failed(error.to_string(), "mend redis.url, or redis.ca_file"))?;
    Ok(Some(Arc::new(redis)))
}

/// Whom the store tells of what it has committed: this process first, then the other nodes. What comes from them, or is
/// read in the database, is told to this process alone.
fn telling(local: Arc<LocalBus>, redis: Option<&Redis>) -> Arc<dyn RevocationBus> {
    let Some(redis) = redis else { return local };
    let both = LocalBus::new();
    both.subscribe(local);
    both.subscribe(redis.bus());
    both
}

/// What counts how often things are done: for all nodes, if they have a Redis.
fn limiter(redis: Option<&Redis>, observer: Arc<dyn Observer>) -> Arc<dyn RateLimiter> {
    match redis {
        Some(redis) => redis.limiter(alone(), observer),
        None => alone(),
    }
}

fn alone() -> Arc<dyn RateLimiter> {
    Arc::new(MemoryLimiter::of_keys(KEYS_COUNTED))
}

/// Longer than any transaction: PostgreSQL ends an idle one after six times the timeout, and one that works has few
/// statements of at most twice the timeout each.
fn overlap(settings: &Settings) -> Duration {
    settings.database.timeout.saturating_mul(12).max(Duration::from_mins(1))
}

fn opened(settings: &Settings, backend: Handle, bus: Arc<dyn RevocationBus>) -> Result<Opened, Failure> {
    doorward_sql::connect(&store_options(settings), backend, bus)
        .map_err(|error| Failure::failed(error.to_string(), "mend database.url"))
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

fn over(settings: &Settings, opened: Opened, signer: JwtSigner, around: Around) -> Result<Arc<Services>, Failure> {
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
    Ok(Services::new(tools, policies(settings)))
}

fn store_options(settings: &Settings) -> StoreOptions {
    StoreOptions {
        url: database_url(settings),
        pool_size: usize::try_from(settings.database.pool_size).unwrap_or(usize::MAX),
        timeout: settings.database.timeout,
    }
}

/// What hashes passwords, by the settings.
pub(crate) fn hasher(settings: &Settings, observer: Arc<dyn Observer>) -> Result<HashingPool, Failure> {
    HashingPool::start(hashing(settings), Arc::new(OsRandom), observer)
        .map_err(|error| Failure::failed(error.to_string(), "see passwords.bcrypt_cost and passwords.hash_threads"))
}

fn hashing(settings: &Settings) -> HashingSettings {
    HashingSettings {
        cost: settings.passwords.bcrypt_cost,
        threads: NonZeroUsize::new(settings.passwords.hash_threads).unwrap_or_else(cores),
        lanes: NonZeroUsize::new(settings.passwords.hash_lanes),
        queue: NonZeroUsize::new(settings.passwords.hash_queue).unwrap_or(NonZeroUsize::MIN),
        patience: HASHING_PATIENCE,
    }
}

/// How many cores this process may use.
#[must_use]
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// What signs tokens, by the settings. Without a key from there it is told later which ones to use.
fn signer(settings: &Settings) -> Result<JwtSigner, Failure> {
    let jwt =
        JwtSettings { issuer: settings.tokens.issuer.as_str().to_owned(), audience: settings.tokens.audience.clone() };
    Ok(match given_key(settings)? {
        Some(key) => JwtSigner::new(key, &jwt),
        None => JwtSigner::keyless(&jwt),
    })
}

/// The signing key that the settings give; loading it signs and verifies once with it.
pub(crate) fn given_key(settings: &Settings) -> Result<Option<SigningKey>, Failure> {
    let Some(pem) = &settings.tokens.signing_key else { return Ok(None) };
    let key = SigningKey::from_pem(pem.expose())
        .map_err(|error| Failure::failed(error.to_string(), "see tokens.signing_key"))?;
    if key.algorithm() == settings.tokens.algorithm {
        return Ok(Some(key));
    }
    Err(Failure::failed(
        format!(
            "tokens.signing_key is a key for {}, and tokens.algorithm is {}",
            key.algorithm(),
            settings.tokens.algorithm
        ),
        "set tokens.algorithm to what the key is for, or give another key",
    ))
}

/// What seals secrets, by the settings.
fn sealer(settings: &Settings) -> Result<Sealer, Failure> {
    Ok(Sealer::new(&sealing_key(settings)?, Arc::new(OsRandom)))
}

/// The key that seals secrets in the database, by the settings; it makes the key if there is none.
pub(crate) fn sealing_key(settings: &Settings) -> Result<SealingKey, Failure> {
    match &settings.secrets.sealing_key {
        Some(key) => SealingKey::from_base64(key.expose()),
        None => SealingKey::load_or_create(&settings.storage.data_dir, &OsRandom),
    }
    .map_err(|error| Failure::failed(error.to_string(), "see secrets.sealing_key and storage.data_dir"))
}

fn policies(settings: &Settings) -> Policies {
    let limit = settings.rate_limit.account;
    let lockout = LockoutPolicy { limit: limit.limit.get(), window: limit.per, ..LockoutPolicy::default() };
    Policies {
        lifetimes: SessionLifetimes {
            access_ttl: settings.tokens.access_ttl,
            refresh_ttl: settings.tokens.refresh_ttl,
            refresh_grace: settings.tokens.refresh_grace,
            idle_ttl: settings.sessions.idle_ttl,
            absolute_ttl: settings.sessions.absolute_ttl,
        },
        session_limit: settings.sessions.limit.and_then(NonZeroUsize::new),
        passwords: PasswordPolicy { min_length: settings.passwords.min_length },
        registration: RegistrationPolicy {
            enabled: settings.registration.enabled,
            hide_existing: settings.registration.hide_existing,
            require_verified_email: settings.registration.require_verified_email,
        },
        lockout: settings.rate_limit.enabled.then_some(lockout),
        limits: settings.rate_limit.enabled.then(|| limits(&settings.rate_limit)),
        keys: KeyPolicy {
            algorithm: settings.tokens.algorithm,
            rotate_every: settings.tokens.rotate_every,
            publish_ahead: settings.tokens.publish_ahead,
        },
    }
}

fn limits(settings: &RateLimit) -> RateLimits {
    let quota = |rate: Rate| Quota { limit: rate.limit, per: rate.per };
    RateLimits {
        login: quota(settings.login),
        auth: quota(settings.auth),
        api: quota(settings.api),
        admin: quota(settings.admin),
    }
}

/// Whoever runs the binary on the machine itself.
#[must_use]
pub fn operator(services: &Services) -> Caller {
    Caller {
        actor: Actor::Operator,
        origin: Origin { address: None, user_agent: None, correlation_id: services.correlation_id() },
    }
}
