//! The spans of one request: what it did, when, and inside of what.
//!
//! A front end gets the [`Trace`] of a request that is recorded, and no trace for all others. Whoever works for the
//! request begins a [`Span`] in it; a span that begins while another is open is inside of it. So nothing must be passed
//! from function to function or from thread to thread, except the trace itself.
//!
//! Spans contain no personal data, no secret and no id of a person: only names from the code, statements without their
//! arguments, statuses and numbers.
use doorward_domain::{SpanId, Timestamp, TraceId, TraceParent};
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The largest number of recorded spans of a request; further ones are only counted.
pub const MOST_SPANS: usize = 512;

/// The kind of a span, as OpenTelemetry defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// The handling of a request.
    Server,
    /// A request to another system, with the wait for its answer.
    Client,
    /// Anything inside of this process.
    Internal,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// Text.
    Text(Cow<'static, str>),
    /// A number.
    Number(i64),
}

impl From<&'static str> for AttributeValue {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<u16> for AttributeValue {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

/// What a caller says of the trace that its request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallerTrace<'a> {
    /// The `traceparent`, if it is well formed.
    pub parent: Option<TraceParent>,
    /// The `tracestate`.
    pub state: Option<&'a str>,
    /// Whether the caller is trusted to decide which requests are recorded.
    pub trusted: bool,
}

/// How a trace begins in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStart {
    /// The trace.
    pub id: TraceId,
    /// The span of the caller, if the caller has begun the trace.
    pub parent: Option<SpanId>,
    /// The `tracestate` of the caller.
    pub state: Option<String>,
    /// The id of the first span in this process.
    pub first: SpanId,
    /// The time.
    pub at: Timestamp,
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanRecord {
    /// Its id.
    pub id: SpanId,
    /// The span that it is inside of; of the first span: the one of the caller.
    pub parent: Option<SpanId>,
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its kind.
    pub kind: SpanKind,
    /// When it began, counted from the beginning of the trace.
    pub began: Duration,
    /// When it ended, counted likewise.
    pub ended: Duration,
    /// What else is known of it.
    pub attributes: Vec<(&'static str, AttributeValue)>,
    /// Whether what it describes has failed.
    pub failed: bool,
}

/// The spans of a request, all of which have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedTrace {
    /// How it began.
    pub start: TraceStart,
    /// The spans, in the order in which they began.
    pub spans: Vec<SpanRecord>,
    /// How many more there were, which were too many to be recorded.
    pub omitted: usize,
}

/// Receives the traces of requests that have ended. It never waits and never fails.
pub trait TraceSink: Send + Sync {
    /// Receives a trace.
    fn ended(&self, trace: EndedTrace);
}

/// The trace of one request that is recorded. Clones are the same trace; when the last one is dropped, the sink receives
/// it.
#[derive(Clone)]
pub struct Trace(Arc<Recording>);

struct Recording {
    start: TraceStart,
    begun: Instant,
    spans: Mutex<Spans>,
    sink: Arc<dyn TraceSink>,
}

#[derive(Default)]
struct Spans {
    records: Vec<SpanRecord>,
    /// For each span: the index of the one that it is inside of, and whether it is open.
    places: Vec<(Option<usize>, bool)>,
    /// The span that the next one will be inside of.
    innermost: Option<usize>,
    omitted: usize,
}

impl Trace {
    /// Begins a trace, for this sink.
    #[must_use]
    pub fn begin(start: TraceStart, sink: Arc<dyn TraceSink>) -> Self {
        Self(Arc::new(Recording { start, begun: Instant::now(), spans: Mutex::default(), sink }))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> TraceId {
        self.0.start.id
    }

    /// Begins a span inside of the innermost one that is open.
    pub fn span(&self, name: impl Into<Cow<'static, str>>, kind: SpanKind) -> Span {
        let began = self.0.begun.elapsed();
        let mut spans = self.0.spans();
        let index = spans.records.len();
        if index >= MOST_SPANS {
            spans.omitted += 1;
            return Span::NONE;
        }
        let place = spans.innermost;
        let parent = place.map_or(self.0.start.parent, |index| Some(spans.records[index].id));
        let id = self.0.start.first.plus(index as u64);
        let (name, attributes) = (name.into(), Vec::new());
        spans.records.push(SpanRecord { id, parent, name, kind, began, ended: began, attributes, failed: false });
        spans.places.push((place, true));
        spans.innermost = Some(index);
        drop(spans);
        Span(Some((self.clone(), index)))
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({})", self.id())
    }
}

impl Recording {
    fn spans(&self) -> MutexGuard<'_, Spans> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let Spans { records, omitted, .. } = std::mem::take(&mut *self.spans());
        self.sink.ended(EndedTrace { start: self.start.clone(), spans: records, omitted });
    }
}

impl Spans {
    fn end(&mut self, index: usize) {
        self.places[index].1 = false;
        // Spans of work that runs beside each other need not end in the opposite order.
        while let Some(innermost) = self.innermost
            && let (outer, false) = self.places[innermost]
        {
            self.innermost = outer;
        }
    }
}

/// An open span, which ends when it is dropped. Of a request that is not recorded, it is nothing.
#[derive(Debug, Default)]
#[must_use = "the span ends when this is dropped"]
pub struct Span(Option<(Trace, usize)>);

impl Span {
    /// A span that is not recorded.
    pub const NONE: Self = Self(None);

    #[cfg(test)]
    pub(crate) const fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    /// Adds what is known of it.
    pub fn set(&self, key: &'static str, value: impl Into<AttributeValue>) {
        self.change(|record| record.attributes.push((key, value.into())));
    }

    /// What it describes has failed, for this reason: a name from the code.
    pub fn failed(&self, reason: impl Into<AttributeValue>) {
        self.change(|record| {
            record.failed = true;
            record.attributes.push(("error.type", reason.into()));
        });
    }

    fn change(&self, change: impl FnOnce(&mut SpanRecord)) {
        if let Some((trace, index)) = &self.0 {
            change(&mut trace.0.spans().records[*index]);
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some((trace, index)) = &self.0 else { return };
        let ended = trace.0.begun.elapsed();
        let mut spans = trace.0.spans();
        spans.records[*index].ended = ended;
        spans.end(*index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Kept(Mutex<Vec<EndedTrace>>);

    impl TraceSink for Kept {
        fn ended(&self, trace: EndedTrace) {
            self.0.lock().unwrap().push(trace);
        }
    }

    fn a_trace(sink: &Arc<Kept>) -> Trace {
        let start = TraceStart {
            id: TraceId::of([7; 16]).unwrap(),
            parent: SpanId::of([9; 8]),
            state: None,
            first: SpanId::of([1; 8]).unwrap(),
            at: Timestamp::EPOCH,
        };
        Trace::begin(start, sink.clone())
    }

    /// Each span with the name of the one that it is inside of.
    fn tree(sink: &Kept) -> Vec<(String, String)> {
        let trace = sink.0.lock().unwrap().pop().unwrap();
        let named = |id| trace.spans.iter().find(|span| span.id == id).map(|span| span.name.to_string());
        let outer = |span: &SpanRecord| named(span.parent.unwrap()).unwrap_or_else(|| "the caller's".to_owned());
        trace.spans.iter().map(|span| (span.name.to_string(), outer(span))).collect()
    }

    fn inside(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, outer)| ((*name).to_owned(), (*outer).to_owned())).collect()
    }

    #[test]
    fn a_span_is_inside_of_the_innermost_open_one() {
        let sink = Arc::<Kept>::default();
        let trace = a_trace(&sink);
        let request = trace.span("request", SpanKind::Server);
        drop(trace.span("first", SpanKind::Internal));
        let second = trace.span("second", SpanKind::Internal);
        let clone = trace.clone();
        std::thread::spawn(move || drop(clone.span("statement", SpanKind::Client))).join().unwrap();
        drop((second, request, trace));
        let expected =
            [("request", "the caller's"), ("first", "request"), ("second", "request"), ("statement", "second")];
        assert_eq!(tree(&sink), inside(&expected));
    }

    #[test]
    fn spans_that_end_in_another_order_lead_back_to_one_that_is_open() {
        let sink = Arc::<Kept>::default();
        let trace = a_trace(&sink);
        let request = trace.span("request", SpanKind::Server);
        let (one, other) = (trace.span("one", SpanKind::Internal), trace.span("other", SpanKind::Internal));
        drop(one);
        let within = trace.span("within", SpanKind::Internal);
        drop((other, within));
        drop(trace.span("after", SpanKind::Internal));
        drop((request, trace));
        let expected = [
            ("request", "the caller's"),
            ("one", "request"),
            ("other", "one"),
            ("within", "other"),
            ("after", "request"),
        ];
        assert_eq!(tree(&sink), inside(&expected));
    }

    #[test]
    fn the_sink_receives_a_trace_once_when_nobody_can_add_to_it() {
        let sink = Arc::<Kept>::default();
        let trace = a_trace(&sink);
        let span = trace.span("request", SpanKind::Server);
        span.set("http.route", "/");
        span.failed(500_u16);
        drop(trace);
        assert!(sink.0.lock().unwrap().is_empty(), "a span is open");
        drop(span);
        let trace = sink.0.lock().unwrap().pop().unwrap();
        assert_eq!((trace.spans.len(), trace.omitted), (1, 0));
        let span = &trace.spans[0];
        assert!(span.failed && span.began <= span.ended, "{span:?}");
        let attributes = [("http.route", "/".into()), ("error.type", AttributeValue::Number(500))];
        assert_eq!(span.attributes, attributes);
    }

    #[test]
    fn one_request_can_record_only_so_many_spans() {
        let sink = Arc::<Kept>::default();
        let trace = a_trace(&sink);
        for _ in 0..MOST_SPANS + 3 {
            drop(trace.span("statement", SpanKind::Client));
        }
        drop(trace);
        let trace = sink.0.lock().unwrap().pop().unwrap();
        assert_eq!((trace.spans.len(), trace.omitted), (MOST_SPANS, 3));
    }
}
