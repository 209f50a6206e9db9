//! Traces: which requests are recorded, and how their spans get to a collector. `docs/features/traces.md` explains them
//! to operators.
//!
//! A request never waits for any of it. Its spans are collected in memory, go into a bounded queue when the request has
//! ended, and are sent from there in batches. While a collector can't be reached, the queue fills, and then no further
//! request is recorded.
mod collector;
mod message;
mod queue;
#[cfg(test)]
mod tests;

pub use collector::NotSent;

use crate::metrics::{Metrics, SpanOutcome};
use collector::Collector;
use doorward_domain::{SpanId, TraceId};
use doorward_ports::Secret;
use doorward_ports::outbound::{Clock, Random};
use doorward_ports::trace::{CallerTrace, EndedTrace, Trace, TraceSink, TraceStart};
use queue::Queue;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// As many spans are sent together.
const BATCH: usize = 512;

/// How the collector is reached.
#[derive(Clone, Copy)]
pub struct CollectorOptions<'a> {
    /// Its URL, without `/v1/traces`.
    pub endpoint: &'a str,
    /// Headers for it, such as its key.
    pub headers: &'a [(String, Secret)],
    /// The certificate authorities that are trusted, as PEM; none: those of browsers.
    pub authorities: Option<&'a [u8]>,
}

impl CollectorOptions<'_> {
    /// Checks them without connecting.
    ///
    /// # Errors
    /// If one is not valid; the text says which, without its value.
    pub fn check(&self) -> Result<(), TracingError> {
        Collector::new(self).map(drop)
    }

    /// Sends an export without spans, and returns how long the answer took.
    ///
    /// # Errors
    /// If an option is not valid, or the collector does not accept it.
    pub async fn probe(&self) -> Result<Duration, ProbeError> {
        let collector = Collector::new(self)?;
        let began = Instant::now();
        collector.send(message::export(&Resource(Vec::new()), &[])).await?;
        Ok(began.elapsed())
    }
}

/// Where traces go, and which.
pub struct TracingOptions<'a> {
    /// Where they go.
    pub collector: CollectorOptions<'a>,
    /// The share of requests that are recorded, from 0 to 1.
    pub sampling: f64,
    /// Attributes of this process, such as the name of the service.
    pub resource: Vec<(String, String)>,
}

/// Why traces can't be sent as the options say.
#[derive(Debug, thiserror::Error)]
pub enum TracingError {
    /// Not a URL with a host.
    #[error("the URL of the collector of traces is not valid")]
    Url,
    /// A header that HTTP does not allow. Its value is not shown.
    #[error("the header `{0}` for the collector of traces is not valid")]
    Header(String),
    /// The text of the authorities can't be used.
    #[error("the certificate authorities of the collector of traces can't be read: {0}")]
    Authorities(#[from] doorward_tls::AuthoritiesError),
}

/// Why a collector can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// An option is not valid.
    #[error(transparent)]
    Options(#[from] TracingError),
    /// It was not reached, or refuses what is sent.
    #[error(transparent)]
    NotSent(#[from] NotSent),
}

/// The attributes of this process.
struct Resource(Vec<(String, String)>);

/// The adapters that traces need, and the metrics that count them.
pub struct TracingTools {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for ids and for the choice of requests.
    pub random: Arc<dyn Random>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
}

/// The traces of this process.
pub struct Traces {
    collector: Collector,
    resource: Resource,
    sampling: f64,
    tools: TracingTools,
    queue: Queue,
    enough: Notify,
    /// The last export has failed.
    in_trouble: AtomicBool,
}

impl Traces {
    /// Traces by these options. Nothing is connected yet.
    ///
    /// # Errors
    /// As [`CollectorOptions::check`].
    pub fn new(options: TracingOptions<'_>, tools: TracingTools) -> Result<Arc<Self>, TracingError> {
        Ok(Arc::new(Self {
            collector: Collector::new(&options.collector)?,
            resource: Resource(options.resource),
            sampling: options.sampling,
            tools,
            queue: Queue::default(),
            enough: Notify::new(),
            in_trouble: AtomicBool::new(false),
        }))
    }

    /// Begins the trace of a request, if it is to be recorded.
    ///
    /// A trusted caller decides this itself. For all others it is drawn by lot, and not by the id of the trace, which the
    /// caller has chosen: nobody outside can make this service record more than the operator wants.
    pub fn begin(self: &Arc<Self>, caller: CallerTrace<'_>) -> Option<Trace> {
        let decided = caller.parent.filter(|_| caller.trusted).map(|parent| parent.sampled);
        if !decided.unwrap_or_else(|| self.draw()) {
            return None;
        }
        if self.queue.is_full() {
            self.count(SpanOutcome::Dropped, 1);
            return None;
        }
        let id = caller.parent.map_or_else(|| self.unused(TraceId::of), |parent| parent.trace);
        let start = TraceStart {
            id,
            parent: caller.parent.map(|parent| parent.span),
            state: caller.state.filter(|_| caller.trusted && caller.parent.is_some()).map(str::to_owned),
            first: self.unused(SpanId::of),
            at: self.tools.clock.now(),
        };
        Some(Trace::begin(start, self.clone()))
    }

    fn draw(&self) -> bool {
        if self.sampling <= 0.0 || self.sampling >= 1.0 {
            return self.sampling >= 1.0;
        }
        let mut bytes = [0; 4];
        self.tools.random.fill(&mut bytes);
        f64::from(u32::from_be_bytes(bytes)) < self.sampling * f64::from(u32::MAX)
    }

    fn unused<const N: usize, Id>(&self, id: impl Fn([u8; N]) -> Option<Id>) -> Id {
        loop {
            let mut bytes = [0; N];
            self.tools.random.fill(&mut bytes);
            if let Some(id) = id(bytes) {
                return id;
            }
        }
    }

    /// Sends all traces that wait. It stops at the first failure; what has failed for the moment is sent next time.
    ///
    /// # Errors
    /// If the collector can't be reached, or refuses them.
    pub async fn export(&self) -> Result<(), NotSent> {
        let exported = self.export_all().await;
        self.in_trouble.store(exported.is_err(), Ordering::Relaxed);
        exported
    }

    async fn export_all(&self) -> Result<(), NotSent> {
        while let Some(batch) = self.queue.take(BATCH) {
            let spans = batch.spans();
            let sent = self.collector.send(message::export(&self.resource, batch.traces())).await;
            self.tools.metrics.exported_traces(sent.is_ok());
            match sent {
                Ok(rejected) => {
                    let rejected = rejected.min(spans);
                    batch.done();
                    self.count(SpanOutcome::Sent, spans - rejected);
                    self.count(SpanOutcome::Refused, rejected);
                }
                Err(error) if error.is_temporary() => return Err(error),
                Err(error) => {
                    batch.done();
                    self.count(SpanOutcome::Refused, spans);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Waits until a whole batch is ready. While the collector can't be reached, this does not happen.
    pub async fn enough(&self) {
        self.enough.notified().await;
    }

    fn count(&self, outcome: SpanOutcome, spans: usize) {
        self.tools.metrics.spans(outcome, spans);
    }
}

impl TraceSink for Traces {
    fn ended(&self, trace: EndedTrace) {
        let spans = trace.spans.len();
        if spans == 0 {
            return;
        }
        match self.queue.push(trace) {
            None => self.count(SpanOutcome::Dropped, spans),
            Some(waiting) if waiting >= BATCH && !self.in_trouble.load(Ordering::Relaxed) => self.enough.notify_one(),
            Some(_) => {}
        }
    }
}
