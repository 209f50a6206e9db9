//! A server: caches, rate limits, metrics, and what nodes share.
use super::aside::VerifiedAside;
use super::database::{opened, opening, overlap};
use super::jobs::Parts;
use super::mail::{MailCheck, MailWatch};
use super::provider_secrets::SecretFiles;
use super::providers::{CheckEnabled, sign_in_providers};
use super::secrets::{sealer, signer};
use super::traces::{TraceQueue, traces};
use super::{Around, alone, jobs, over};
use crate::failure::Failure;
use crate::jobs::{Board, Job, Tenant};
use doorward_application::{Services, SignInProviders};
use doorward_crypto::{OsRandom, SystemClock};
use doorward_domain::ProviderName;
use doorward_http::{Answered, App, RequestObserver};
use doorward_memory::{
    Cacheable, CachedLookup, Caching, Freshness, Invalidations, LocalBus, News, RevocationWatch, Shared, SightingMemory,
};
use doorward_ports::outbound::{
    ConnectionPools, HealthProbe, Lookup, Observer, OpenedStore, RateLimiter, Revocation, RevocationBus,
};
use doorward_ports::trace::{CallerTrace, Trace};
use doorward_redis::{Address, Redis, Sentinels, Timing};
use doorward_settings::{Cache, MailTransport, Settings};
use doorward_sql::Opening;
use doorward_telemetry::metrics::{self, CountedAuthentication, CountedClientTokens, Metrics};
use doorward_telemetry::traces::Traces;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// The parts of a server.
pub struct Serving {
    /// The use cases, with caches.
    pub services: Arc<Services>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The traces, if there is a collector for them.
    pub traces: Option<Arc<Traces>>,
    /// The jobs.
    pub(crate) jobs: Vec<Job>,
    /// The state of the jobs.
    pub(crate) board: Arc<Board>,
}

/// The parts of a server, whose jobs are not started yet.
///
/// # Errors
/// As [`services`](super::services).
pub fn serving(settings: &Settings, backend: &Handle) -> Result<Serving, Failure> {
    let (bus, news, metrics, clock) = (LocalBus::new(), News::of(Revocation::Keys), metrics(), Arc::new(SystemClock));
    let redis = redis(settings, bus.clone())?;
    let (telling, watching) = (telling(bus.clone(), redis.as_deref()), metrics.clone());
    let opening = Opening { bus: telling, observer: watching, ..opening(settings, backend.clone()) };
    let opened = opened(settings, opening)?;
    let (store, tenant) = (opened.store.clone(), Tenant::new(opened.lease.clone(), clock.clone(), &OsRandom));
    let sealer = Arc::new(sealer(settings)?);
    let share = |redis: &Arc<Redis>| Shared::new(redis.cache(), sealer.clone(), clock.clone(), backend.clone());
    let caching = Caching {
        invalidations: Arc::new(Invalidations::default()),
        freshness: Freshness::stale(),
        shared: redis.as_ref().map(share),
        rights: Arc::default(),
        clock: clock.clone(),
        observer: metrics.clone(),
    };
    bus.subscribe(caching.invalidations.clone());
    bus.subscribe(news.clone());
    let of_providers = News::of(Revocation::Providers);
    bus.subscribe(of_providers.clone());
    let (log, freshness) = (opened.revocations.clone(), caching.freshness.clone());
    let watch = Arc::new(RevocationWatch::new(log, bus, freshness, overlap(settings)));
    let opened = cached(opened, &caching, &settings.cache);
    let signer = signer(settings)?.remembering(room(settings.cache.tokens), metrics.clone());
    let limiter = limiter(redis.as_deref(), metrics.clone());
    let board = Board::new(clock.clone(), metrics.clone());
    show(&metrics, opened.pools.clone(), redis.as_ref(), backend);
    let mut probes: Vec<Arc<dyn HealthProbe>> = vec![board.clone()];
    let mails = MailWatch::before(metrics.clone());
    let sends_mails = settings.mail.transport != MailTransport::None;
    probes.extend(sends_mails.then(|| mails.clone() as Arc<dyn HealthProbe>));
    probes.extend(redis.clone().map(|redis| redis as Arc<dyn HealthProbe>));
    let sightings = Arc::new(SightingMemory::new(room(settings.cache.sessions)));
    let (providers, newest_secrets) = sign_in_providers(settings, metrics.clone())?;
    let providers = Arc::new(providers);
    metrics.watch_providers(&names(&providers));
    let (exposition, observer) = (metrics.clone(), metrics.clone());
    let around = Around { sealer, sightings, limiter, probes, exposition, observer, mail_observer: mails, providers };
    let services = over(settings, opened, signer, around)?;
    let traces = traces(settings, &metrics)?;
    let parts = Parts {
        services: services.clone(),
        store,
        clock,
        redis,
        watch,
        news,
        metrics: metrics.clone(),
        providers: Arc::new(CheckEnabled { services: services.clone(), metrics: metrics.clone() }),
        of_providers,
        secret_files: newest_secrets.map(|newest| newest as Arc<dyn SecretFiles>),
        traces: traces.clone().map(|traces| traces as Arc<dyn TraceQueue>),
        ships: settings.audit.ship_to.is_some(),
        mails: sends_mails.then(|| services.clone() as Arc<dyn MailCheck>),
        tenant,
        trim: Arc::new(trim_memory()),
    };
    Ok(Serving { services, metrics, traces, jobs: jobs::list(&parts), board })
}

/// What [`jobs`] calls a second after the start, and then again and again.
fn trim_memory() -> impl Fn() + Send + Sync {
    let started = std::sync::Once::new();
    move || {
        started.call_once(heap_trim::unmap_startup_code);
        heap_trim::trim();
    }
}

fn names(providers: &SignInProviders) -> Vec<ProviderName> {
    let enabled = providers.configured.iter().filter(|configured| configured.provider.enabled);
    enabled.map(|configured| configured.provider.name.clone()).collect()
}

/// Shows the pools and the runtime in the metrics.
fn show(metrics: &Metrics, database: Arc<dyn ConnectionPools>, redis: Option<&Arc<Redis>>, backend: &Handle) {
    let redis = redis.map(|redis| redis.clone() as Arc<dyn ConnectionPools>);
    metrics.watch_pools([database].into_iter().chain(redis).collect());
    metrics.watch_runtime(backend);
}

/// The same ports, with caches in front of the frequent ones.
fn cached(opened: OpenedStore, caching: &Caching, sizes: &Cache) -> OpenedStore {
    OpenedStore {
        session_states: remembering(opened.session_states, caching, sizes.sessions),
        client_states: remembering(opened.client_states, caching, sizes.clients),
        users: remembering(opened.users, caching, sizes.users),
        roles: remembering(opened.roles, caching, sizes.roles),
        // All of them are one entry.
        providers: remembering(opened.providers, caching, 1),
        ..opened
    }
}

fn remembering<T: Cacheable>(
    lookup: Arc<dyn Lookup<T::Key, T>>,
    caching: &Caching,
    entries: u64,
) -> Arc<dyn Lookup<T::Key, T>> {
    Arc::new(CachedLookup::new(lookup, caching.clone(), entries))
}

fn room(entries: u64) -> usize {
    usize::try_from(entries).unwrap_or(usize::MAX)
}

/// The metrics of a server, all of them at zero.
pub(super) fn metrics() -> Arc<Metrics> {
    let known = doorward_http::known_routes().into_iter();
    let known = known.map(|it| metrics::Route { method: it.method, pattern: it.pattern, status: it.status });
    Metrics::new(&known.collect::<Vec<_>>())
}

/// The use cases for REST, with metrics; long work runs on threads of this runtime.
#[must_use]
pub fn app(services: &Arc<Services>, metrics: &Metrics, backend: &Handle) -> App {
    App {
        accounts: services.clone(),
        authentication: Arc::new(CountedAuthentication::new(services.clone(), metrics)),
        sessions: services.clone(),
        roles: services.clone(),
        client_apps: services.clone(),
        client_tokens: Arc::new(CountedClientTokens::new(services.clone(), metrics)),
        providers: services.clone(),
        provider_registry: services.clone(),
        identities: services.clone(),
        second_factors: services.clone(),
        audit_log: Arc::new(VerifiedAside::new(services.clone(), backend.clone())),
        audit_trail: services.clone(),
        admission: services.clone(),
        owner_mails: services.clone(),
        system: services.clone(),
    }
}

/// Measures every request, and records some.
pub struct RequestFigures {
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The traces, if there is a collector for them.
    pub traces: Option<Arc<Traces>>,
}

impl RequestObserver for RequestFigures {
    fn begun(&self, caller: CallerTrace<'_>) -> Option<Trace> {
        self.traces.as_ref()?.begin(caller)
    }

    fn answered(&self, request: Answered<'_>) {
        self.metrics.answered(request.method, request.route, request.status, request.took);
    }
}

/// Checks that Redis answers and accepts writes; returns how long it took. None if the settings name no Redis.
///
/// # Errors
/// If it does not.
pub async fn check_redis(settings: &Settings) -> Result<Option<Duration>, Failure> {
    let Some(redis) = redis(settings, LocalBus::new())? else { return Ok(None) };
    let checked = redis.check().await.map_err(|error| {
        let next = "check that Redis runs at the address in redis.url, that no firewall blocks the connection, and that \
                    its user may write; until then, this node works without Redis";
        Failure::of(&*error, next)
    });
    checked.map(Some)
}

fn redis(settings: &Settings, local: Arc<LocalBus>) -> Result<Option<Arc<Redis>>, Failure> {
    let Some(url) = &settings.redis.url else { return Ok(None) };
    let authorities = settings.redis.ca_file.as_deref().map(std::fs::read).transpose().map_err(|error| {
        Failure::failed(format!("the certificate authorities of Redis can't be read: {error}"), "mend redis.ca_file")
    })?;
    let password = settings.redis.sentinel_password.as_ref().map(doorward_ports::Secret::expose);
    let sentinels = settings.redis.sentinel_master.as_deref().map(|master| Sentinels { master, password });
    let address = Address { url: url.expose(), authorities: authorities.as_deref(), sentinels };
    let redis = Redis::new(address, Timing::default(), local, Arc::new(OsRandom))
        .map_err(|error| Failure::of(&error, "mend redis.url, or redis.ca_file"))?;
    Ok(Some(Arc::new(redis)))
}

/// The bus that the store publishes to: first this process, then the other nodes. Messages from other nodes or from the
/// database go only to this process.
fn telling(local: Arc<LocalBus>, redis: Option<&Redis>) -> Arc<dyn RevocationBus> {
    let Some(redis) = redis else { return local };
    let both = LocalBus::new();
    both.subscribe(local);
    both.subscribe(redis.bus());
    both
}

/// The rate limiter: for all nodes if there is a Redis.
fn limiter(redis: Option<&Redis>, observer: Arc<dyn Observer>) -> Arc<dyn RateLimiter> {
    match redis {
        Some(redis) => redis.limiter(alone(), observer),
        None => alone(),
    }
}
