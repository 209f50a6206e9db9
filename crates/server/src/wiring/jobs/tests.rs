//! Each job of the real list is killed by a panic of a port, and lives again.
use super::{Parts, list, operator};
use crate::jobs::tests::Outcomes;
use crate::jobs::{Board, Job, Jobs, Tenant};
use crate::wiring::mail::MailCheck;
use crate::wiring::provider_secrets::SecretFiles;
use crate::wiring::providers::ProviderCheck;
use crate::wiring::traces::TraceQueue;
use async_trait::async_trait;
use doorward_crypto::{JwtSigner, SystemClock};
use doorward_domain::{Session, SessionId, Timestamp};
use doorward_memory::{Freshness, LocalBus, News, RevocationWatch};
use doorward_ports::inbound::{AuditLog, AuditShipping, Roles};
use doorward_ports::outbound::{
    AuditDestination, AuditReaders, AuditStep, Exchange, JobOutcome, Lease, LeaseTerm, LogPosition, NotDelivered,
    Random, ReadWork, Revocation, RevocationLog, SealedEvent, Sighting, Sightings, Store, StoreError, WriteWork,
};
use doorward_redis::{Address, Redis, Timing};
use doorward_sql_testing::TestDatabase;
use doorward_telemetry::traces::NotSent;
use doorward_testbed::{Bed, role, token_settings};
use doorward_testkit::{SeededRandom, VirtualClock};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

const ISSUER: &str = "https://id.example.com";
const RETENTION: Duration = Duration::from_hours(24);

/// Stands before a port, and panics at the first call of any.
struct Trap<P: ?Sized> {
    sprung: Arc<AtomicBool>,
    port: Arc<P>,
}

impl<P: ?Sized> Trap<P> {
    fn before(port: Arc<P>, sprung: &Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self { sprung: sprung.clone(), port })
    }

    fn port(&self) -> &P {
        assert!(self.sprung.swap(true, Ordering::SeqCst), "as the test wants it");
        &self.port
    }
}

#[async_trait]
impl Store for Trap<dyn Store> {
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError> {
        self.port().write().await
    }

    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        self.port().read().await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        self.port().snapshot().await
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        self.port().exchange(id, exchange).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.port().ping().await
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        self.port().try_write().await
    }
}

#[async_trait]
impl RevocationLog for Trap<dyn RevocationLog> {
    async fn end(&self) -> Result<LogPosition, StoreError> {
        self.port().end().await
    }

    async fn since(&self, after: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError> {
        self.port().since(after).await
    }
}

impl Sightings for Trap<dyn Sightings> {
    fn note(&self, session: SessionId, at: Timestamp) {
        self.port().note(session, at);
    }

    fn take(&self) -> Vec<Sighting> {
        self.port().take()
    }
}

#[async_trait]
impl Lease for Trap<dyn Lease> {
    async fn take(&self, name: &str, term: &LeaseTerm) -> Result<bool, StoreError> {
        self.port().take(name, term).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.port().release(name, holder).await
    }
}

#[async_trait]
impl AuditReaders for Trap<dyn AuditReaders> {
    async fn place(&self, reader: &str) -> Result<i64, StoreError> {
        self.port().place(reader).await
    }

    async fn advance(&self, reader: &str, step: AuditStep) -> Result<bool, StoreError> {
        self.port().advance(reader, step).await
    }
}

#[async_trait]
impl AuditDestination for Trap<()> {
    async fn deliver(&self, _: &[SealedEvent]) -> Result<(), NotDelivered> {
        self.port();
        Ok(())
    }
}

impl Random for Trap<SeededRandom> {
    fn fill(&self, buffer: &mut [u8]) {
        self.port().fill(buffer);
    }
}

#[async_trait]
impl TraceQueue for Trap<()> {
    async fn export(&self) -> Result<(), NotSent> {
        self.port();
        Ok(())
    }

    async fn enough(&self) {
        std::future::pending::<()>().await;
    }
}

#[async_trait]
impl ProviderCheck for Trap<()> {
    async fn check(&self) -> doorward_ports::Result<()> {
        self.port();
        Ok(())
    }
}

#[async_trait]
impl SecretFiles for Trap<()> {
    async fn read_again(&self) -> doorward_ports::Result<()> {
        self.port();
        Ok(())
    }
}

#[async_trait]
impl MailCheck for Trap<()> {
    async fn check(&self) -> doorward_ports::Result<()> {
        self.port();
        Ok(())
    }
}

/// Nobody listens there: how long to wait until the next try is drawn by lot.
fn no_redis(sprung: &Arc<AtomicBool>) -> Redis {
    let random = Trap::before(Arc::new(SeededRandom::new(1)), sprung);
    Redis::new(Address::at("redis://127.0.0.1:1"), Timing::default(), LocalBus::new(), random).unwrap()
}

/// The real list over ports with a trap before each, and before leases where the test says so.
async fn trapped(leases: bool) -> (Vec<Job>, Bed) {
    let (jobs, bed, sprung) = untrapped(leases).await;
    sprung.store(false, Ordering::SeqCst);
    (jobs, bed)
}

/// The same, with all traps sprung.
async fn untrapped(leases: bool) -> (Vec<Job>, Bed, Arc<AtomicBool>) {
    let sprung = Arc::new(AtomicBool::new(true));
    let database = TestDatabase::sqlite().await;
    let lease = database.open().lease;
    let lease = if leases { Trap::before(lease, &sprung) } else { lease };
    let bed = Bed::watched(database, Arc::new(()), VirtualClock::default(), ISSUER);
    let log = bed.revocations.clone();
    let bed = bed.changed(|tools, policies| {
        tools.store = Trap::before(tools.store.clone(), &sprung);
        tools.sightings = Trap::before(tools.sightings.clone(), &sprung);
        tools.audit_readers = Trap::before(tools.audit_readers.clone(), &sprung);
        tools.audit_destination = Some(Trap::before(Arc::new(()), &sprung));
        // No key is given, and one is due from time to time: else that job has nothing to do.
        let keyless = Arc::new(JwtSigner::keyless(&token_settings(ISSUER)));
        (tools.signer, tools.keys) = (keyless.clone(), keyless);
        policies.keys.rotate_every = Some(Duration::from_hours(24));
        // Likewise.
        policies.audit_retention = Some(RETENTION);
    });
    let log = Trap::before(log, &sprung);
    let watch = RevocationWatch::new(log, LocalBus::new(), Freshness::stale(), Duration::from_mins(1));
    let parts = Parts {
        services: bed.services(),
        store: bed.tools.store.clone(),
        clock: Arc::new(SystemClock),
        redis: Some(Arc::new(no_redis(&sprung))),
        watch: Arc::new(watch),
        news: News::of(Revocation::Keys),
        metrics: crate::wiring::serving::metrics(),
        providers: Trap::before(Arc::new(()), &sprung),
        of_providers: News::of(Revocation::Providers),
        secret_files: Some(Trap::before(Arc::new(()), &sprung)),
        traces: Some(Trap::before(Arc::new(()), &sprung)),
        ships: true,
        mails: Some(Trap::before(Arc::new(()), &sprung)),
        tenant: Tenant::new(lease, Arc::new(SystemClock), &SeededRandom::new(2)),
        trim: {
            let trap = Trap::before(Arc::new(()), &sprung);
            Arc::new(move || *trap.port())
        },
    };
    (list(&parts), bed, sprung)
}

async fn names() -> Vec<&'static str> {
    trapped(false).await.0.iter().map(Job::name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_job_that_is_killed_by_a_panic_lives_again() {
    let names = names().await;
    assert!(names.contains(&"read_revocations") && names.contains(&"load_signing_keys"), "{names:?}");
    for name in names {
        for leases in [false, true] {
            // The database lives as long as the bed.
            let (jobs, _bed) = trapped(leases).await;
            lives_again(jobs.into_iter().find(|job| job.name() == name).unwrap()).await;
        }
    }
}

async fn lives_again(job: Job) {
    let name = job.name();
    assert_eq!(lives(job, 2).await[..2], [JobOutcome::Panic, JobOutcome::Success], "{name}");
}

/// What came of so many runs, or more.
async fn lives(job: Job, runs: usize) -> Vec<JobOutcome> {
    let (name, heard) = (job.name(), Arc::new(Outcomes::default()));
    let jobs = Jobs::start(vec![job], &Board::new(Arc::new(SystemClock), heard.clone()), &Handle::current());
    let lives = async {
        while heard.all().len() < runs {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), lives).await.is_ok(), "{name} is dead");
    jobs.stop().await;
    heard.all()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_audit_lines_are_deleted_by_a_job() {
    let (jobs, bed, _) = untrapped(false).await;
    let services = bed.services();
    services.create(&operator(&services), role("support", &[])).await.unwrap();
    services.seal(&operator(&services)).await.unwrap();
    // While they wait to be shipped, they are not deleted.
    AuditShipping::ship(&*services, &operator(&services)).await.unwrap();
    bed.clock.advance(RETENTION + Duration::from_secs(1));
    let heard = lives(jobs.into_iter().find(|job| job.name() == "prune_audit_log").unwrap(), 1).await;
    assert_eq!(heard[0], JobOutcome::Success);
    let anchor = bed.tools.store.read().await.unwrap().audit_chain().anchor().await.unwrap();
    assert_eq!(anchor.map(|anchor| anchor.seq), Some(1));
}

#[tokio::test]
async fn no_two_jobs_have_one_name() {
    let names = names().await;
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
}

#[tokio::test]
async fn each_job_has_a_row_in_its_page() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/features/jobs.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(rows, names().await);
}
