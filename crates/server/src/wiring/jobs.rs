//! The list of what the server does in the background.
use super::operator::operator;
use crate::jobs::{Job, Tenant};
use doorward_application::Services;
use doorward_memory::{KeyNews, RevocationWatch};
use doorward_ports::inbound::{Keys, System};
use doorward_ports::outbound::{Clock, Store};
use doorward_redis::Redis;
use doorward_telemetry::metrics::Metrics;
use std::sync::Arc;
use std::time::Duration;

/// What the jobs work with.
pub(super) struct Parts {
    pub services: Arc<Services>,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub redis: Option<Arc<Redis>>,
    pub watch: Arc<RevocationWatch>,
    pub news: Arc<KeyNews>,
    pub metrics: Arc<Metrics>,
    pub tenant: Tenant,
}

/// Every job. They stop in the opposite order, so that what others rely on stands first.
pub(super) fn list(parts: &Parts) -> Vec<Job> {
    let services = &parts.services;
    let of_redis = parts.redis.iter().flat_map(|redis| [carry_messages(redis.clone()), keep_connection(redis.clone())]);
    let others = [
        read_revocations(parts.watch.clone()),
        load_signing_keys(services.clone(), parts.news.clone()),
        count_sessions(parts),
        record_last_seen(services.clone()),
        rotate_signing_keys(services.clone()).on_one_node(&parts.tenant),
        clean_up(services.clone()).on_one_node(&parts.tenant),
    ];
    of_redis.chain(others).collect()
}

/// It tells by itself when Redis can't be reached, as does health.
fn carry_messages(redis: Arc<Redis>) -> Job {
    let carry = move || {
        let redis = redis.clone();
        async move { redis.carry_messages().await }
    };
    Job::lasting("redis_messages", carry)
        .failing("other nodes are not told of revocations: they read them in the database, within a second")
}

fn keep_connection(redis: Arc<Redis>) -> Job {
    let keep = move || {
        let redis = redis.clone();
        async move { redis.keep_connection().await }
    };
    Job::lasting("redis_connection", keep)
        .failing("this node does without what is kept in Redis, and counts limits alone")
}

fn read_revocations(watch: Arc<RevocationWatch>) -> Job {
    let read = move || {
        let watch = watch.clone();
        async move { watch.read().await }
    };
    Job::every(RevocationWatch::EVERY, "read_revocations", read).failing(
        "revocations can't be read: until they can, every request asks the database; see whether it answers \
         (`doorward doctor`)",
    )
}

/// At all news of keys, and twice a second whether there is news or not: they begin and end by time alone, and no news is that
/// a key was revoked while nothing could be read. While they can't be read those at hand stay: nobody is signed out by a fault
/// of the database, and nobody gets in, for every request needs the database too.
fn load_signing_keys(services: Arc<Services>, news: Arc<KeyNews>) -> Job {
    let load = move || {
        let services = services.clone();
        async move { services.load(&operator(&services)).await }
    };
    let heard = move || {
        let news = news.clone();
        async move { news.heard().await }
    };
    Job::every(Duration::from_millis(500), "load_signing_keys", load).woken_by(heard).failing(
        "signing keys can't be read: those in use stay in use; see whether the database answers (`doorward doctor`), and \
         whether secrets.sealing_key is the one that they were sealed with",
    )
}

/// On each node, for its own metrics; at most one part in a hundred of one connection's time, however many sessions there are.
fn count_sessions(parts: &Parts) -> Job {
    let (store, clock, metrics) = (parts.store.clone(), parts.clock.clone(), parts.metrics.clone());
    let count = move || {
        let (store, clock, metrics) = (store.clone(), clock.clone(), metrics.clone());
        async move { metrics.count_sessions(&*store, clock.now()).await }
    };
    Job::every(Duration::from_secs(30), "count_sessions", count).resting(100).failing(
        "live sessions can't be counted: doorward_sessions_active shows the last figure; see whether the database answers \
         (`doorward doctor`)",
    )
}

fn record_last_seen(services: Arc<Services>) -> Job {
    let record = move || {
        let services = services.clone();
        async move { services.record_sightings(&operator(&services)).await.map(drop) }
    };
    Job::every(Duration::from_secs(5), "record_last_seen", record).once_more_at_the_end().failing(
        "the use of sessions can't be recorded: until it can, they may end as idle; see whether the database can be written \
         to (`doorward doctor`)",
    )
}

fn rotate_signing_keys(services: Arc<Services>) -> Job {
    let rotate = move || {
        let services = services.clone();
        async move {
            if let Some(key) = services.rotate_when_due(&operator(&services)).await? {
                tracing::info!(kid = key.record.id.as_str(), "made the next signing key");
            }
            doorward_ports::Result::Ok(())
        }
    };
    Job::every(HOUR, "rotate_signing_keys", rotate).failing(
        "the next signing key could not be made: the one before goes on signing; see whether the database can be written to \
         (`doorward doctor`)",
    )
}

fn clean_up(services: Arc<Services>) -> Job {
    let tidy = move || {
        let services = services.clone();
        async move {
            let tidied = services.tidy(&operator(&services)).await?;
            tracing::debug!(?tidied, "removed what nobody needs any more");
            doorward_ports::Result::Ok(())
        }
    };
    Job::every(HOUR, "clean_up", tidy).failing(
        "what nobody needs any more could not be removed: it takes room until it is; see whether the database can be \
         written to (`doorward doctor`)",
    )
}

const HOUR: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests;
