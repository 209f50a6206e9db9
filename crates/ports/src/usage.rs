//! What one request uses of the adapters: how long it waits for them, and how many statements it sends.
//!
//! A front end begins a [`Usage`] for each request, and runs the request [`during`](Usage::during) it. Adapters find it
//! by themselves: they begin a [`PortCall`] where the caller waits for them, and count each statement. The usage is
//! bound to the task. Work that an adapter does elsewhere, in a task or a thread of its own, has none, unless the
//! adapter takes it along: a [`PortCall`] that was begun before keeps it, and [`Usage::current`] with
//! [`Usage::during`] continue it.
use crate::trace::{Span, SpanKind, Trace};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

tokio::task_local! {
    static CURRENT: Option<Arc<Usage>>;
}

/// What a caller of a port waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// The database.
    Store,
    /// What this process remembers.
    Cache,
    /// What nodes share in Redis.
    Redis,
    /// The turn of a password in the queue of the hashing threads.
    HashQueue,
    /// The hash of a password.
    Hash,
    /// An identity provider.
    Provider,
}

impl CallKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Store, Self::Cache, Self::Redis, Self::HashQueue, Self::Hash, Self::Provider];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Cache => "cache",
            Self::Redis => "redis",
            Self::HashQueue => "hash_queue",
            Self::Hash => "hash",
            Self::Provider => "provider",
        }
    }
}

impl CallKind {
    /// Begins the span of a call. A cache answers faster than a span is recorded: what it has to ask for has spans.
    fn span(self, trace: &Trace, name: &'static str) -> Span {
        match self {
            Self::Cache => Span::NONE,
            Self::Store => trace.span(format!("store {name}"), SpanKind::Internal),
            Self::HashQueue => trace.span("password hash queue", SpanKind::Internal),
            Self::Hash => trace.span("password hash", SpanKind::Internal),
            Self::Provider => trace.span(format!("provider {name}"), SpanKind::Client),
            Self::Redis => {
                let span = trace.span(format!("redis {name}"), SpanKind::Client);
                span.set("db.system.name", "redis");
                span
            }
        }
    }
}

/// What one request has used so far. It has no lock: reading it while the request runs may miss the newest call.
#[derive(Default)]
pub struct Usage {
    /// In nanoseconds, by [`CallKind`].
    waited: [AtomicU64; CallKind::ALL.len()],
    statements: AtomicU64,
    /// The trace of the request, if it is recorded.
    trace: Option<Trace>,
    cache_hits: AtomicU64,
    cache_misses: AtomicU64,
}

impl Usage {
    /// The usage of a request, with its trace if the request is recorded.
    #[must_use]
    pub fn of_request(trace: Option<Trace>) -> Arc<Self> {
        Arc::new(Self { trace, ..Self::default() })
    }

    /// Runs the work, whose port calls and statements are counted here; with none, they are not counted.
    pub fn during<W: Future>(usage: Option<Arc<Self>>, work: W) -> impl Future<Output = W::Output> {
        CURRENT.scope(usage, work)
    }

    /// The usage of the request that this task works for, if it works for one.
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Clone::clone).ok().flatten()
    }

    /// As [`Self::during`], for work that does not wait.
    pub fn during_here<T>(usage: Option<Arc<Self>>, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(usage, work)
    }

    /// The trace of the request that this task works for, if the request is recorded.
    #[must_use]
    pub fn trace() -> Option<Trace> {
        CURRENT.try_with(|usage| usage.as_ref()?.trace.clone()).ok().flatten()
    }

    /// Begins a span of the request that this task works for. The name is one of a few.
    pub fn span(name: &'static str) -> Span {
        Self::trace().map_or(Span::NONE, |trace| trace.span(name, SpanKind::Internal))
    }

    /// Counts one statement to a database for the current request. The begin and the end of a transaction are no
    /// statements: they belong to no single request where several share a commit.
    pub fn count_statement() {
        Self::with_current(|usage| add(&usage.statements, 1));
    }

    /// Counts one answer of a cache in this process for the current request: whether it had the value.
    pub fn count_cache_answer(hit: bool) {
        Self::with_current(|usage| add(if hit { &usage.cache_hits } else { &usage.cache_misses }, 1));
    }

    /// How long the request has waited for calls of this kind, in all.
    #[must_use]
    pub fn waited(&self, kind: CallKind) -> Duration {
        Duration::from_nanos(self.waited[kind as usize].load(Ordering::Relaxed))
    }

    /// How many statements it has sent.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How many values were in a cache of this process.
    #[must_use]
    pub fn cache_hits(&self) -> u64 {
        self.cache_hits.load(Ordering::Relaxed)
    }

    /// How many were not.
    #[must_use]
    pub fn cache_misses(&self) -> u64 {
        self.cache_misses.load(Ordering::Relaxed)
    }

    fn with_current(count: impl FnOnce(&Self)) {
        // Outside of a request, nothing is counted.
        let _ = CURRENT.try_with(|usage| usage.as_deref().map(count));
    }

    fn add(&self, kind: CallKind, waited: Duration) {
        add(&self.waited[kind as usize], u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX));
    }
}

fn add(total: &AtomicU64, more: u64) {
    total.fetch_add(more, Ordering::Relaxed);
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Usage");
        for kind in CallKind::ALL {
            shown.field(kind.as_str(), &self.waited(kind));
        }
        shown.field("statements", &self.statements()).finish_non_exhaustive()
    }
}

/// One call of a port, from its beginning until it is dropped: done, failed or given up. Its time counts for the request
/// of the task that began it, also if it ends in another one.
///
/// This is the only place where a port call begins and ends, for whoever reports each of them. A unit of work is one call
/// for as long as it is open.
#[derive(Debug)]
#[must_use = "the call ends when this is dropped"]
pub struct PortCall {
    kind: CallKind,
    name: &'static str,
    begun: Instant,
    usage: Option<Arc<Usage>>,
    /// Ends with the call.
    _span: Span,
}

impl PortCall {
    /// Begins a call. The name is one of a few: an operation of the port, never an id.
    pub fn begin(kind: CallKind, name: &'static str) -> Self {
        Self::begin_for(Usage::current(), kind, name)
    }

    /// Ends this call and begins the next of the same request.
    pub fn then(self, kind: CallKind, name: &'static str) -> Self {
        let usage = self.usage.clone();
        // Its span is not around the next one.
        drop(self);
        Self::begin_for(usage, kind, name)
    }

    /// The time since it began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn begin_for(usage: Option<Arc<Usage>>, kind: CallKind, name: &'static str) -> Self {
        let trace = usage.as_ref().and_then(|usage| usage.trace.as_ref());
        let span = trace.map_or(Span::NONE, |trace| kind.span(trace, name));
        Self { kind, name, begun: Instant::now(), usage, _span: span }
    }
}

impl Drop for PortCall {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        tracing::trace!(kind = self.kind.as_str(), name = self.name, ?took, "port call");
        if let Some(usage) = &self.usage {
            usage.add(self.kind, took);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{EndedTrace, TraceSink, TraceStart};
    use doorward_domain::{SpanId, Timestamp, TraceId};
    use std::sync::Mutex;
    use std::thread;

    const A_WHILE: Duration = Duration::from_millis(2);

    /// Takes a while, without a sleep.
    fn work() {
        let begun = Instant::now();
        while begun.elapsed() < A_WHILE {
            thread::yield_now();
        }
    }

    #[tokio::test]
    async fn a_call_counts_for_the_request_of_its_task_by_its_kind() {
        let usage = Arc::<Usage>::default();
        let request = async {
            let call = PortCall::begin(CallKind::HashQueue, "queue");
            work();
            let _hash = call.then(CallKind::Hash, "hash");
            tokio::task::yield_now().await;
            work();
            Usage::count_statement();
        };
        Usage::during(Some(usage.clone()), request).await;
        for kind in CallKind::ALL {
            let waits = [CallKind::HashQueue, CallKind::Hash].contains(&kind);
            assert_eq!(usage.waited(kind) >= A_WHILE, waits, "{usage:?}");
            assert_eq!(usage.waited(kind).is_zero(), !waits, "{usage:?}");
        }
        assert_eq!(usage.statements(), 1);
    }

    #[tokio::test]
    async fn a_call_that_ends_in_a_thread_counts_for_the_request_that_began_it() {
        let usage = Arc::<Usage>::default();
        let call = Usage::during(Some(usage.clone()), async { PortCall::begin(CallKind::Store, "write") }).await;
        thread::spawn(move || {
            work();
            assert!(Usage::current().is_none(), "a thread has none of its own");
            Usage::count_statement();
            drop(call);
        })
        .join()
        .unwrap();
        assert!(usage.waited(CallKind::Store) >= A_WHILE, "{usage:?}");
        assert_eq!(usage.statements(), 0);
    }

    #[tokio::test]
    async fn work_elsewhere_counts_if_it_takes_the_usage_along() {
        let usage = Arc::<Usage>::default();
        let request = async {
            let taken_along = Usage::current();
            let elsewhere = async {
                Usage::count_statement();
                Usage::count_cache_answer(true);
                Usage::count_cache_answer(false);
            };
            tokio::spawn(Usage::during(taken_along, elsewhere)).await.unwrap();
            tokio::spawn(async { Usage::count_statement() }).await.unwrap();
        };
        Usage::during(Some(usage.clone()), request).await;
        assert_eq!((usage.statements(), usage.cache_hits(), usage.cache_misses()), (1, 1, 1));
    }

    #[tokio::test]
    async fn requests_that_take_turns_on_one_thread_do_not_mix() {
        let requests = (0..32_u64).map(|number| {
            let usage = Arc::<Usage>::default();
            let request = async move {
                for _ in 0..number {
                    Usage::count_statement();
                    tokio::task::yield_now().await;
                }
            };
            let running = tokio::spawn(Usage::during(Some(usage.clone()), request));
            (number, usage, running)
        });
        for (number, usage, running) in requests.collect::<Vec<_>>() {
            running.await.unwrap();
            assert_eq!(usage.statements(), number);
        }
    }

    #[derive(Default)]
    struct Kept(Mutex<Vec<EndedTrace>>);

    impl TraceSink for Kept {
        fn ended(&self, trace: EndedTrace) {
            self.0.lock().unwrap().push(trace);
        }
    }

    #[tokio::test]
    async fn the_calls_of_a_recorded_request_are_spans_one_after_the_other() {
        let sink = Arc::<Kept>::default();
        let start = TraceStart {
            id: TraceId::of([1; 16]).unwrap(),
            parent: None,
            state: None,
            first: SpanId::of([1; 8]).unwrap(),
            at: Timestamp::EPOCH,
        };
        let usage = Usage::of_request(Some(Trace::begin(start, sink.clone())));
        Usage::during(Some(usage), async {
            let _use_case = Usage::span("sign_in");
            let queued = PortCall::begin(CallKind::HashQueue, "queue");
            drop(queued.then(CallKind::Hash, "hash"));
            drop(PortCall::begin(CallKind::Cache, "users"));
            let written = PortCall::begin(CallKind::Store, "write");
            tokio::spawn(async move { drop(written) }).await.unwrap();
            drop(PortCall::begin(CallKind::Redis, "get"));
            drop(PortCall::begin(CallKind::Provider, "token"));
        })
        .await;
        let trace = sink.0.lock().unwrap().pop().unwrap();
        let names: Vec<_> = trace.spans.iter().map(|span| &*span.name).collect();
        assert_eq!(
            names,
            ["sign_in", "password hash queue", "password hash", "store write", "redis get", "provider token"]
        );
        let outer: Vec<_> = trace.spans[1..].iter().map(|span| span.parent).collect();
        assert_eq!(outer, vec![Some(trace.spans[0].id); 5]);
    }

    #[tokio::test]
    async fn a_request_that_is_not_recorded_has_no_spans() {
        let usage = Usage::of_request(None);
        assert!(!Usage::during(Some(usage), async { Usage::span("sign_in").is_recorded() }).await);
        assert!(!Usage::span("sign_in").is_recorded(), "outside of a request");
    }
}
