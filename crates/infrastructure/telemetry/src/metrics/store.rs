use super::Metrics;
use super::families::Families;
use async_trait::async_trait;
use doorward_domain::{
    AuditAction, AuditEventId, AuditOutcome, GrantId, LOCAL_PROVIDER, Session, SessionId, Timestamp, UserId,
};
use doorward_ports::outbound::{
    AfterCommit, Audit, AuditEvent, AuditRead, ClientApps, ClientAppsRead, ClientStates, Exchange, Guard, LiveClient,
    LiveSession, ReadWork, Roles, RolesRead, SessionStates, Sessions, SessionsRead, SignInAttempts, SigningKeys,
    SigningKeysRead, Store, StoreError, Users, UsersRead, WriteWork,
};
use prometheus::{Histogram, HistogramTimer, HistogramVec, IntCounter, IntCounterVec};
use std::sync::Arc;

/// From a statement on a local file to a wait that is given up.
const BUCKETS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What the store does, and what was committed to its audit log.
pub struct StoreFigures {
    opening_read: Histogram,
    opening_snapshot: Histogram,
    opening_write: Histogram,
    read: Histogram,
    snapshot: Histogram,
    write: Histogram,
    commit: Histogram,
    exchange: Histogram,
    ping: Histogram,
    session_state: Histogram,
    client_state: Histogram,
    audited: IntCounterVec,
    registered: IntCounter,
}

impl StoreFigures {
    pub fn new(families: &Families<'_>) -> Self {
        let took = families.durations_by(
            "doorward_store_operation_duration_seconds",
            "How long the database took: to lend a connection and begin (open_*), for the statements (read, snapshot, \
             write), to make it durable (commit); to exchange a refresh token, all of it (exchange).",
            BUCKETS,
            &["operation"],
        );
        let audited = families.counters(
            "doorward_audit_events_total",
            "Lines that this node has committed to the audit log.",
            &["action", "outcome"],
        );
        for action in AuditAction::ALL {
            for outcome in [AuditOutcome::Success, AuditOutcome::Failure] {
                audited.with_label_values(&[action.as_str(), outcome.as_str()]);
            }
        }
        let registered = families.counters(
            "doorward_registrations_total",
            "Accounts that people have made for themselves, by the provider that vouches (local is the password).",
            &["provider"],
        );
        let registered = registered.with_label_values(&[LOCAL_PROVIDER]);
        Self::of(&took, audited, registered)
    }

    fn of(took: &HistogramVec, audited: IntCounterVec, registered: IntCounter) -> Self {
        let of = |operation: &str| took.with_label_values(&[operation]);
        Self {
            opening_read: of("open_read"),
            opening_snapshot: of("open_snapshot"),
            opening_write: of("open_write"),
            read: of("read"),
            snapshot: of("snapshot"),
            write: of("write"),
            commit: of("commit"),
            exchange: of("exchange"),
            ping: of("ping"),
            session_state: of("session_state"),
            client_state: of("client_state"),
            audited,
            registered,
        }
    }

    /// Registrations are counted here, because only the audit log tells of those whose answer hides them.
    fn committed(&self, lines: &[(AuditAction, AuditOutcome)]) {
        for (action, outcome) in lines {
            self.audited.with_label_values(&[action.as_str(), outcome.as_str()]).inc();
            if (*action, *outcome) == (AuditAction::UserRegistered, AuditOutcome::Success) {
                self.registered.inc();
            }
        }
    }
}

/// Also when it is given up or fails: that is when somebody wants to know how long it took.
async fn timed<T>(histogram: &Histogram, operation: impl Future<Output = T>) -> T {
    let _timer = histogram.start_timer();
    operation.await
}

/// A store, measured, whose audit lines are counted once they are committed.
pub struct MeasuredStore {
    inner: Arc<dyn Store>,
    figures: Arc<StoreFigures>,
}

impl MeasuredStore {
    /// Measures this one.
    pub fn new(inner: Arc<dyn Store>, metrics: &Metrics) -> Self {
        Self { inner, figures: metrics.store.clone() }
    }
}

#[async_trait]
impl Store for MeasuredStore {
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError> {
        let inner = timed(&self.figures.opening_write, self.inner.write()).await?;
        let held = self.figures.write.start_timer();
        Ok(Box::new(Writing { inner, lines: Vec::new(), figures: self.figures.clone(), held }))
    }

    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        let inner = timed(&self.figures.opening_read, self.inner.read()).await?;
        Ok(Box::new(Reading { inner, _held: self.figures.read.start_timer() }))
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        let inner = timed(&self.figures.opening_snapshot, self.inner.snapshot()).await?;
        Ok(Box::new(Reading { inner, _held: self.figures.snapshot.start_timer() }))
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        timed(&self.figures.exchange, self.inner.exchange(id, exchange)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        timed(&self.figures.ping, self.inner.ping()).await
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        self.inner.try_write().await
    }
}

/// The timer tells its time when this is dropped, like the work itself.
struct Reading {
    inner: Box<dyn ReadWork>,
    _held: HistogramTimer,
}

impl ReadWork for Reading {
    fn users(&mut self) -> &mut dyn UsersRead {
        self.inner.users()
    }

    fn roles(&mut self) -> &mut dyn RolesRead {
        self.inner.roles()
    }

    fn sessions(&mut self) -> &mut dyn SessionsRead {
        self.inner.sessions()
    }

    fn client_apps(&mut self) -> &mut dyn ClientAppsRead {
        self.inner.client_apps()
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeysRead {
        self.inner.signing_keys()
    }

    fn audit(&mut self) -> &mut dyn AuditRead {
        self.inner.audit()
    }
}

struct Writing {
    inner: Box<dyn WriteWork>,
    /// What the audit log was told, to be counted once it is durable.
    lines: Vec<(AuditAction, AuditOutcome)>,
    figures: Arc<StoreFigures>,
    held: HistogramTimer,
}

#[async_trait]
impl WriteWork for Writing {
    fn users(&mut self) -> &mut dyn Users {
        self.inner.users()
    }

    fn roles(&mut self) -> &mut dyn Roles {
        self.inner.roles()
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self.inner.sessions()
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeys {
        self.inner.signing_keys()
    }

    fn attempts(&mut self) -> &mut dyn SignInAttempts {
        self.inner.attempts()
    }

    fn client_apps(&mut self) -> &mut dyn ClientApps {
        self.inner.client_apps()
    }

    fn audit(&mut self) -> &mut dyn Audit {
        self
    }

    async fn guard(&mut self, guard: Guard) -> Result<(), StoreError> {
        self.inner.guard(guard).await
    }

    async fn purge_revocations(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.inner.purge_revocations(before, limit).await
    }

    fn after_commit(&mut self, action: AfterCommit) {
        self.inner.after_commit(action);
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { mut inner, lines, figures, held } = *self;
        held.observe_duration();
        if !lines.is_empty() {
            let figures = figures.clone();
            inner.after_commit(Box::new(move || figures.committed(&lines)));
        }
        timed(&figures.commit, inner.commit()).await
    }
}

#[async_trait]
impl AuditRead for Writing {
    async fn of_account(
        &mut self,
        account: UserId,
        after: Option<AuditEventId>,
        limit: usize,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        self.inner.audit().of_account(account, after, limit).await
    }
}

#[async_trait]
impl Audit for Writing {
    async fn append(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        self.inner.audit().append(event).await?;
        self.lines.push((event.action, event.outcome));
        Ok(())
    }

    async fn erase_personal(&mut self, account: UserId) -> Result<(), StoreError> {
        self.inner.audit().erase_personal(account).await
    }
}

/// The database's answers on whether sessions hold, measured. Put it beneath the caches.
pub struct MeasuredSessionStates {
    inner: Arc<dyn SessionStates>,
    figures: Arc<StoreFigures>,
}

impl MeasuredSessionStates {
    /// Measures this one.
    pub fn new(inner: Arc<dyn SessionStates>, metrics: &Metrics) -> Self {
        Self { inner, figures: metrics.store.clone() }
    }
}

#[async_trait]
impl SessionStates for MeasuredSessionStates {
    async fn live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        timed(&self.figures.session_state, self.inner.live(id, now)).await
    }
}

/// The database's answers on whether client apps' tokens hold, measured. Put it beneath the caches.
pub struct MeasuredClientStates {
    inner: Arc<dyn ClientStates>,
    figures: Arc<StoreFigures>,
}

impl MeasuredClientStates {
    /// Measures this one.
    pub fn new(inner: Arc<dyn ClientStates>, metrics: &Metrics) -> Self {
        Self { inner, figures: metrics.store.clone() }
    }
}

#[async_trait]
impl ClientStates for MeasuredClientStates {
    async fn live(&self, grant: GrantId) -> Result<Option<LiveClient>, StoreError> {
        timed(&self.figures.client_state, self.inner.live(grant)).await
    }
}
