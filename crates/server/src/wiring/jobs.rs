//! The list of background jobs.
use super::mail::{MailCheck, check_mail_server, send_mails};
use super::operator::operator;
use super::provider_secrets::SecretFiles;
use super::providers::ProviderCheck;
use super::shipping::ship_audit_log;
use super::traces::{TraceQueue, send_traces};
use crate::jobs::{Job, Tenant};
use doorward_application::Services;
use doorward_memory::{News, RevocationWatch};
use doorward_ports::inbound::{AuditLog, Keys, Sealing, System};
use doorward_ports::outbound::{Clock, Store};
use doorward_redis::Redis;
use doorward_telemetry::metrics::Metrics;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The tools of the jobs.
pub(super) struct Parts {
    pub services: Arc<Services>,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub redis: Option<Arc<Redis>>,
    pub watch: Arc<RevocationWatch>,
    pub news: Arc<News>,
    pub metrics: Arc<Metrics>,
    pub providers: Arc<dyn ProviderCheck>,
    pub of_providers: Arc<News>,
    /// The files with client secrets of providers, if there are any.
    pub secret_files: Option<Arc<dyn SecretFiles>>,
    /// Where traces go, if there is a collector for them.
    pub traces: Option<Arc<dyn TraceQueue>>,
    /// Whether the audit log is shipped.
    pub ships: bool,
    /// The check of the mail server, if mails are sent.
    pub mails: Option<Arc<dyn MailCheck>>,
    pub tenant: Tenant,
    /// Returns freed memory to the system.
    pub trim: Arc<dyn Fn() + Send + Sync>,
}

/// All jobs. They stop in the reverse order, so jobs that others need come first.
pub(super) fn list(parts: &Parts) -> Vec<Job> {
    let services = &parts.services;
    let of_traces = parts.traces.iter().map(|traces| send_traces(traces.clone()));
    let of_redis = parts.redis.iter().flat_map(|redis| [carry_messages(redis.clone()), keep_connection(redis.clone())]);
    let of_providers = [check_providers(parts.providers.clone(), parts.of_providers.clone())];
    let of_secrets = parts.secret_files.iter().map(|files| read_provider_secrets(files.clone()));
    let ship = || ship_audit_log(services.clone(), parts.metrics.clone()).on_one_node(&parts.tenant);
    let of_shipping = parts.ships.then(ship);
    let of_mails =
        parts.mails.iter().flat_map(|check| [send_mails(services.clone()), check_mail_server(check.clone())]);
    let others = [
        read_revocations(parts.watch.clone()),
        seal_audit_log(services.clone()),
        load_sealing_keys(services.clone()),
        load_signing_keys(services.clone(), parts.news.clone()),
        count_sessions(parts),
        record_last_seen(services.clone()),
        return_memory(parts.trim.clone()),
        rotate_signing_keys(services.clone()).on_one_node(&parts.tenant),
        clean_up(services.clone()).on_one_node(&parts.tenant),
        prune_audit_log(services.clone()).on_one_node(&parts.tenant),
    ];
    of_traces
        .chain(of_redis)
        .chain(of_providers)
        .chain(of_secrets)
        .chain(of_shipping)
        .chain(of_mails)
        .chain(others)
        .collect()
}

/// It reports itself when Redis can't be reached, and so does health.
fn carry_messages(redis: Arc<Redis>) -> Job {
    let carry = move || {
        let redis = redis.clone();
        async move { redis.carry_messages().await }
    };
    Job::lasting("redis_messages", carry)
        .failing("this node can't send revocations to other nodes: they read them in the database, within one second")
}

fn keep_connection(redis: Arc<Redis>) -> Job {
    let keep = move || {
        let redis = redis.clone();
        async move { redis.keep_connection().await }
    };
    Job::lasting("redis_connection", keep).failing("this node works without Redis, and counts rate limits alone")
}

fn read_revocations(watch: Arc<RevocationWatch>) -> Job {
    let read = move || {
        let watch = watch.clone();
        async move { watch.read().await }
    };
    Job::every(RevocationWatch::EVERY, "read_revocations", read).failing(
        "revocations can't be read: meanwhile, every request asks the database; check whether it answers \
         (`doorward doctor`)",
    )
}

/// It runs on each node, without a lease: to take and return one would write to the disk at each run. Of several nodes, the
/// store lets one continue the chain at a time.
fn seal_audit_log(services: Arc<Services>) -> Job {
    let seal = move || {
        let services = services.clone();
        async move { services.seal(&operator(&services)).await.map(drop) }
    };
    Job::every(Duration::from_millis(500), "seal_audit_log", seal).once_more_at_the_end().failing(
        "audit lines can't be sealed: they are written meanwhile, but could be changed unnoticed; check whether the database \
         accepts writes (`doorward doctor`), and whether secrets.sealing_key is the key that has sealed the audit key",
    )
}

/// The job runs at every message about keys, and twice a second without one: keys begin and end by time, and a message
/// can be lost while the database can't be read. While the keys can't be read, the current ones stay in use: a failure
/// of the database signs nobody out, and lets nobody in, because every request needs the database too.
fn load_signing_keys(services: Arc<Services>, news: Arc<News>) -> Job {
    let load = move || {
        let services = services.clone();
        async move { Keys::load(&*services, &operator(&services)).await }
    };
    let heard = move || {
        let news = news.clone();
        async move { news.heard().await }
    };
    Job::every(Duration::from_millis(500), "load_signing_keys", load).woken_by(heard).failing(
        "signing keys can't be read: the current keys stay in use; check whether the database answers (`doorward doctor`), and \
         whether secrets.sealing_key is the key that has sealed them",
    )
}

/// It runs on each node. A new sealing key seals only when every node has said here that it knows the key.
fn load_sealing_keys(services: Arc<Services>) -> Job {
    let load = move || {
        let services = services.clone();
        async move { Sealing::load(&*services, &operator(&services)).await }
    };
    Job::every(Duration::from_millis(500), "load_sealing_keys", load).failing(
        "sealing keys can't be read: the keys that this node knows stay in use; check whether the database answers \
         (`doorward doctor`), and whether this node has all keys that `doorward secrets status` lists",
    )
}

/// It runs on each node, for its own metrics; it uses at most one percent of the time of one connection, however many
/// sessions there are.
fn count_sessions(parts: &Parts) -> Job {
    let (store, clock, metrics) = (parts.store.clone(), parts.clock.clone(), parts.metrics.clone());
    let count = move || {
        let (store, clock, metrics) = (store.clone(), clock.clone(), metrics.clone());
        async move { metrics.count_sessions(&*store, clock.now()).await }
    };
    Job::every(Duration::from_secs(30), "count_sessions", count).resting(100).failing(
        "live sessions can't be counted: doorward_sessions_active shows the last count; check whether the database answers \
         (`doorward doctor`)",
    )
}

/// It runs on each node, because each one has its own files. What stands in a file is compared, not its time: a mounted secret is
/// replaced by a link to another file.
fn read_provider_secrets(files: Arc<dyn SecretFiles>) -> Job {
    let read = move || {
        let files = files.clone();
        async move { files.read_again().await }
    };
    Job::every(Duration::from_secs(10), "read_provider_secrets", read).failing(
        "a file with the client secret of a provider can't be read: the last secret stays in use; check the file that \
         `doorward config show` names for it",
    )
}

/// It runs on each node, because each one calls providers itself, and at every message about providers. A provider that does
/// not answer is no failure of the job: `GET /auth/providers` shows it.
fn check_providers(providers: Arc<dyn ProviderCheck>, news: Arc<News>) -> Job {
    let check = move || {
        let providers = providers.clone();
        async move { providers.check().await }
    };
    let heard = move || {
        let news = news.clone();
        async move { news.heard().await }
    };
    Job::every(Duration::from_mins(1), "check_providers", check).woken_by(heard).failing(
        "whether providers answer is not known, because the providers in the database can't be read; check whether the \
         database answers (`doorward doctor`)",
    )
}

fn record_last_seen(services: Arc<Services>) -> Job {
    let record = move || {
        let services = services.clone();
        async move { services.record_sightings(&operator(&services)).await.map(drop) }
    };
    Job::every(Duration::from_secs(5), "record_last_seen", record).once_more_at_the_end().failing(
        "the last use of sessions can't be recorded: meanwhile, sessions may end as idle; check whether the database accepts \
         writes (`doorward doctor`)",
    )
}

/// The workers of the server build what they serve in this time after the start, and free more of it than they keep.
const BUILDING: Duration = Duration::from_secs(1);

fn return_memory(trim: Arc<dyn Fn() + Send + Sync>) -> Job {
    let built = Instant::now() + BUILDING;
    let once_built = move || async move {
        match built.checked_duration_since(Instant::now()) {
            Some(rest) => tokio::time::sleep(rest).await,
            None => std::future::pending().await,
        }
    };
    let run = move || {
        let trim = trim.clone();
        async move {
            // A panic of the thread is a panic of the run; its only other error is the end of the runtime.
            let trimmed = tokio::task::spawn_blocking(move || trim()).await;
            trimmed.map_err(|error| match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(stopped) => stopped,
            })
        }
    };
    Job::every(Duration::from_secs(5), "return_memory", run)
        .woken_by(once_built)
        .failing("freed memory is not returned to the system: this process may use as much as at its busiest time")
}

fn rotate_signing_keys(services: Arc<Services>) -> Job {
    let rotate = move || {
        let services = services.clone();
        async move {
            if let Some(key) = services.rotate_when_due(&operator(&services)).await? {
                tracing::info!(kid = key.record.id.as_str(), "created the next signing key");
            }
            doorward_ports::Result::Ok(())
        }
    };
    Job::every(HOUR, "rotate_signing_keys", rotate).failing(
        "could not create the next signing key: the current key still signs; check whether the database accepts writes \
         (`doorward doctor`)",
    )
}

fn clean_up(services: Arc<Services>) -> Job {
    let tidy = move || {
        let services = services.clone();
        async move {
            let tidied = services.tidy(&operator(&services)).await?;
            tracing::debug!(?tidied, "deleted expired data");
            doorward_ports::Result::Ok(())
        }
    };
    Job::every(HOUR, "clean_up", tidy).failing(
        "could not delete expired data: it uses space meanwhile; check whether the database accepts writes \
         (`doorward doctor`)",
    )
}

fn prune_audit_log(services: Arc<Services>) -> Job {
    let prune = move || {
        let services = services.clone();
        async move {
            let pruned = services.prune_expired(&operator(&services)).await?;
            if pruned.lines > 0 {
                tracing::info!(lines = pruned.lines, to = pruned.to, "deleted expired audit lines");
            }
            doorward_ports::Result::Ok(())
        }
    };
    Job::every(HOUR, "prune_audit_log", prune).failing(
        "could not delete expired audit lines: they are kept longer than audit.retention; if the reason is a damaged log, see \
         `doorward audit verify`, otherwise check whether the database accepts writes (`doorward doctor`)",
    )
}

const HOUR: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests;
