//! The messages of OTLP 1 that Doorward sends and reads, as far as it fills them: `opentelemetry/proto/trace/v1/trace.proto`
//! and `collector/trace/v1/trace_service.proto`. The tests decode them with the published definitions.
use super::Resource as OfProcess;
use doorward_ports::trace::{AttributeValue, EndedTrace, SpanKind, SpanRecord, TraceStart};
use prost::{Message, Oneof};

const SAMPLED: u32 = 0x1;
/// The next bit says whether the parent is in another process.
const PARENT_IS_KNOWN: u32 = 0x100;
const PARENT_IS_REMOTE: u32 = 0x200;
const STATUS_ERROR: i32 = 2;
const NANOS_A_MICRO: u64 = 1000;

#[derive(Clone, PartialEq, Message)]
pub struct ExportRequest {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

#[derive(Clone, PartialEq, Message)]
struct Scope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    trace_state: String,
    #[prost(bytes = "vec", tag = "4")]
    parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
    #[prost(fixed32, tag = "16")]
    flags: u32,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 3")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Value {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(int64, tag = "3")]
    Number(i64),
}

/// The answer of a collector.
#[derive(Clone, PartialEq, Message)]
pub struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    pub partial_success: Option<PartialSuccess>,
}

/// What a collector did not accept of an export.
#[derive(Clone, PartialEq, Message)]
pub struct PartialSuccess {
    #[prost(int64, tag = "1")]
    pub rejected_spans: i64,
}

/// The export of these traces of this process.
pub fn export(resource: &OfProcess, traces: &[EndedTrace]) -> Vec<u8> {
    let attributes = resource.0.iter().map(|(key, value)| text(key, value.clone())).collect();
    let scope = Scope { name: "doorward".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans: traces.iter().flat_map(spans).collect() }];
    let resource = Some(Resource { attributes });
    ExportRequest { resource_spans: vec![ResourceSpans { resource, scope_spans }] }.encode_to_vec()
}

fn spans(trace: &EndedTrace) -> impl Iterator<Item = Span> + '_ {
    let mut omitted = (trace.omitted > 0).then(|| {
        let value = Value::Number(i64::try_from(trace.omitted).unwrap_or(i64::MAX));
        KeyValue { key: "doorward.omitted_spans".to_owned(), value: Some(AnyValue { value: Some(value) }) }
    });
    trace.spans.iter().map(move |record| {
        let mut span = span(&trace.start, record);
        span.attributes.extend(omitted.take());
        span
    })
}

fn span(start: &TraceStart, record: &SpanRecord) -> Span {
    let begun = u64::try_from(start.at.as_micros()).unwrap_or(0).saturating_mul(NANOS_A_MICRO);
    let at = |offset: std::time::Duration| begun + u64::try_from(offset.as_nanos()).unwrap_or(0);
    let remote = record.parent.is_some() && record.parent == start.parent;
    Span {
        trace_id: start.id.bytes().to_vec(),
        span_id: record.id.bytes().to_vec(),
        trace_state: start.state.clone().unwrap_or_default(),
        parent_span_id: record.parent.map(|parent| parent.bytes().to_vec()).unwrap_or_default(),
        name: record.name.clone().into_owned(),
        kind: match record.kind {
            SpanKind::Internal => 1,
            SpanKind::Server => 2,
            SpanKind::Client => 3,
        },
        start_time_unix_nano: at(record.began),
        end_time_unix_nano: at(record.ended),
        attributes: record.attributes.iter().map(|(key, value)| attribute(key, value)).collect(),
        status: record.failed.then_some(Status { code: STATUS_ERROR }),
        flags: SAMPLED | PARENT_IS_KNOWN | if remote { PARENT_IS_REMOTE } else { 0 },
    }
}

fn attribute(key: &str, value: &AttributeValue) -> KeyValue {
    match value {
        AttributeValue::Text(value) => text(key, value.clone().into_owned()),
        AttributeValue::Number(number) => {
            KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(Value::Number(*number)) }) }
        }
    }
}

fn text(key: &str, value: String) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(Value::Text(value)) }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_domain::{SpanId, Timestamp, TraceId};
    use opentelemetry_proto::tonic::collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    };
    use opentelemetry_proto::tonic::common::v1::any_value::Value as Published;
    use std::time::Duration;

    fn a_trace() -> EndedTrace {
        let [first, caller] = [[1; 8], [9; 8]].map(|bytes| SpanId::of(bytes).unwrap());
        let start = TraceStart {
            id: TraceId::of([7; 16]).unwrap(),
            parent: Some(caller),
            state: Some("vendor=1".to_owned()),
            first,
            at: Timestamp::from_seconds(1_700_000_000),
        };
        let request = SpanRecord {
            id: first,
            parent: Some(caller),
            name: "GET /x".into(),
            kind: SpanKind::Server,
            began: Duration::ZERO,
            ended: Duration::from_nanos(1_500),
            attributes: vec![("http.route", "/x".into()), ("http.response.status_code", 503_u16.into())],
            failed: true,
        };
        let within = SpanRecord {
            id: first.plus(1),
            parent: Some(first),
            name: "SELECT".into(),
            kind: SpanKind::Client,
            failed: false,
            attributes: Vec::new(),
            ..request.clone()
        };
        EndedTrace { start, spans: vec![request, within], omitted: 2 }
    }

    /// The published definitions read the same values that were written.
    #[test]
    fn the_published_definitions_read_what_is_sent() {
        let resource = OfProcess(vec![("service.name".to_owned(), "doorward".to_owned())]);
        let sent = export(&resource, &[a_trace()]);
        let read = ExportTraceServiceRequest::decode(&*sent).unwrap();
        let [resource] = &*read.resource_spans else { panic!("{read:?}") };
        let name = resource.resource.as_ref().unwrap().attributes[0].value.clone().unwrap();
        assert_eq!(name.value, Some(Published::StringValue("doorward".to_owned())));
        let [scope] = &*resource.scope_spans else { panic!("{read:?}") };
        assert_eq!(scope.scope.as_ref().unwrap().name, "doorward");
        let [request, within] = &*scope.spans else { panic!("{read:?}") };
        assert_eq!((&*request.trace_id, &*request.span_id), (&[7; 16][..], &[1; 8][..]));
        assert_eq!((&*request.parent_span_id, &*request.trace_state), (&[9; 8][..], "vendor=1"));
        assert_eq!((&*request.name, request.kind), ("GET /x", 2));
        assert_eq!(request.start_time_unix_nano, 1_700_000_000_000_000_000);
        assert_eq!(request.end_time_unix_nano, 1_700_000_000_000_001_500);
        assert_eq!(request.status.as_ref().unwrap().code, 2);
        let values = request.attributes.iter().map(|it| (it.key.as_str(), it.value.clone().unwrap().value.unwrap()));
        let expected = [
            ("http.route", Published::StringValue("/x".to_owned())),
            ("http.response.status_code", Published::IntValue(503)),
            ("doorward.omitted_spans", Published::IntValue(2)),
        ];
        assert_eq!(values.collect::<Vec<_>>(), expected);
        assert_eq!((request.flags, within.flags), (0x301, 0x101));
        assert_eq!((within.parent_span_id == request.span_id, within.kind), (true, 3));
        assert!(within.attributes.is_empty() && within.status.is_none());
    }

    #[test]
    fn the_answer_of_a_collector_is_read() {
        let partial = ExportTracePartialSuccess { rejected_spans: 3, error_message: "too old".to_owned() };
        let answer = ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec();
        let read = ExportResponse::decode(&*answer).unwrap();
        assert_eq!(read.partial_success.map(|partial| partial.rejected_spans), Some(3));
        assert_eq!(ExportResponse::decode(&[][..]).unwrap().partial_success, None);
    }
}
