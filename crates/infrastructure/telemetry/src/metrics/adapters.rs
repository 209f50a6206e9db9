use super::Metrics;
use super::families::{Families, whole};
use doorward_domain::RateClass;
use doorward_ports::outbound::{CacheTier, Observer};
use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};
use std::time::Duration;

/// The known caches. Another one would be counted too, only a little slower. Rate limits are counted at the shared
/// tier, or, as a miss there, by each node.
const CACHES: [&str; 7] = ["sessions", "clients", "users", "roles", "providers", "tokens", "rate_limits"];
/// Those that are bounded by a number of entries, and tell of it.
const BOUNDED: [&str; 5] = ["sessions", "clients", "users", "roles", "providers"];
const TIERS: [CacheTier; 2] = [CacheTier::Memory, CacheTier::Shared];
/// One hash takes about a quarter of a second with the default cost, and several in lock-step somewhat longer.
const HASHING: &[f64] = &[0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0];

/// The metrics of adapters, from the port `Observer`.
pub struct Adapters {
    caches: IntCounterVec,
    known_caches: [[Answers; TIERS.len()]; CACHES.len()],
    entries: IntGaugeVec,
    evictions: IntCounterVec,
    rate_limited: [IntCounter; RateClass::ALL.len()],
    hashing: Histogram,
    waiting: IntGauge,
    room: IntGauge,
    refused: IntCounter,
}

/// The lookups of one cache in one tier.
struct Answers {
    hits: IntCounter,
    misses: IntCounter,
}

impl Adapters {
    pub fn new(families: &Families<'_>) -> Self {
        let caches = families.counters(
            "doorward_cache_requests_total",
            "Lookups in caches. After a miss in memory, the shared tier is asked; after a miss there, the database.",
            &["cache", "tier", "result"],
        );
        let entries =
            families.gauges("doorward_cache_entries", "Entries that a cache in this process holds.", &["cache"]);
        let evictions = families.counters(
            "doorward_cache_evictions_total",
            "Entries that a cache in this process let go, because their time was over or others needed the room.",
            &["cache"],
        );
        for cache in BOUNDED {
            entries.with_label_values(&[cache]);
            evictions.with_label_values(&[cache]);
        }
        let limited = families.counters(
            "doorward_rate_limited_total",
            "Requests that were answered with 429, by the class of their rate limit.",
            &["class"],
        );
        Self {
            known_caches: CACHES.map(|cache| TIERS.map(|tier| Answers::of(&caches, cache, tier))),
            caches,
            entries,
            evictions,
            rate_limited: RateClass::ALL.map(|class| limited.with_label_values(&[class.as_str()])),
            hashing: families.durations(
                "doorward_password_hash_duration_seconds",
                "Time to hash or compare a password, without the time in the queue.",
                HASHING,
            ),
            waiting: families.gauge("doorward_password_hash_queue_depth", "Passwords in the queue."),
            room: families.gauge(
                "doorward_password_hash_queue_capacity",
                "The largest number of passwords in the queue; one more is refused.",
            ),
            refused: families.counter(
                "doorward_password_hash_refused_total",
                "Passwords that were refused, because the queue was full or their turn did not come in time.",
            ),
        }
    }
}

impl Answers {
    fn of(caches: &IntCounterVec, cache: &str, tier: CacheTier) -> Self {
        let counter = |result| caches.with_label_values(&[cache, tier.as_str(), result]);
        Self { hits: counter("hit"), misses: counter("miss") }
    }

    fn count(&self, hit: bool) {
        if hit { &self.hits } else { &self.misses }.inc();
    }
}

impl Observer for Metrics {
    fn cache_asked(&self, cache: &'static str, tier: CacheTier, hit: bool) {
        let adapters = &self.adapters;
        match CACHES.iter().position(|known| *known == cache) {
            Some(known) => adapters.known_caches[known][tier as usize].count(hit),
            None => Answers::of(&adapters.caches, cache, tier).count(hit),
        }
    }

    fn cache_holds(&self, cache: &'static str, entries: u64) {
        self.adapters.entries.with_label_values(&[cache]).set(i64::try_from(entries).unwrap_or(i64::MAX));
    }

    fn cache_evicted(&self, cache: &'static str) {
        self.adapters.evictions.with_label_values(&[cache]).inc();
    }

    fn rate_limited(&self, class: RateClass) {
        self.adapters.rate_limited[class as usize].inc();
    }

    fn password_hashed(&self, took: Duration) {
        self.adapters.hashing.observe(took.as_secs_f64());
    }

    fn passwords_waiting(&self, count: usize) {
        self.adapters.waiting.set(whole(count));
    }

    fn passwords_fit(&self, count: usize) {
        self.adapters.room.set(whole(count));
    }

    fn password_refused(&self) {
        self.adapters.refused.inc();
    }
}
