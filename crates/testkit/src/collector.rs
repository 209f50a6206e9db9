//! A collector of traces: what a service has sent, as others read it.
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// A collector of traces that speaks OTLP over HTTP, and reads it with the published definitions.
#[derive(Debug, Clone)]
pub struct Collector {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    answer: Answer,
    exports: Vec<Export>,
}

/// How the collector answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With this status and body.
    With(u16, Vec<u8>),
    /// Not at all.
    Never,
}

/// One request to the collector.
#[derive(Debug, Clone)]
pub struct Export {
    /// The first line of the request.
    pub line: String,
    /// Its headers, with names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Vec<u8>,
    /// Whether it was answered with success.
    pub accepted: bool,
}

/// A span as the collector has read it.
#[derive(Debug, Clone)]
pub struct ReceivedSpan {
    /// The trace, in hexadecimal.
    pub trace: String,
    /// The span.
    pub id: String,
    /// The span that it is inside of.
    pub parent: Option<String>,
    /// The `tracestate`.
    pub state: String,
    /// Its name.
    pub name: String,
    /// The number of its kind: 1 internal, 2 server, 3 client.
    pub kind: i32,
    /// When it began, in nanoseconds since 1970.
    pub began: u64,
    /// When it ended.
    pub ended: u64,
    /// Its attributes; numbers as text.
    pub attributes: BTreeMap<String, String>,
    /// Whether its status is an error.
    pub failed: bool,
    /// The attributes of the process that has sent it.
    pub resource: BTreeMap<String, String>,
}

impl Collector {
    /// Starts one on a free port, which accepts everything.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { answer: Answer::With(200, Vec::new()), exports: Vec::new() }));
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = shared.clone();
                thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL, without `/v1/traces`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers like this from now on.
    pub fn answer(&self, answer: Answer) {
        lock(&self.state).answer = answer;
    }

    /// All requests so far.
    #[must_use]
    pub fn exports(&self) -> Vec<Export> {
        lock(&self.state).exports.clone()
    }

    /// All spans that it has accepted so far.
    #[must_use]
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.exports().iter().filter(|export| export.accepted).flat_map(spans).collect()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap()
}

/// Serves one connection until its client closes it.
fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    while let Some(mut export) = read(&mut reader) {
        let answer = lock(state).answer.clone();
        export.accepted = matches!(answer, Answer::With(200..=299, _));
        lock(state).exports.push(export);
        let Answer::With(status, body) = answer else {
            // It waits until the client gives up.
            let _ = reader.read(&mut [0]);
            return;
        };
        let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n", body.len());
        if reader.get_mut().write_all(&[head.into_bytes(), body].concat()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Export> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Export { line: line.trim_end().to_owned(), headers, body, accepted: false })
}

fn spans(export: &Export) -> Vec<ReceivedSpan> {
    let request = ExportTraceServiceRequest::decode(&*export.body).unwrap();
    let mut spans = Vec::new();
    for of_process in request.resource_spans {
        let resource = values(&of_process.resource.unwrap_or_default().attributes);
        for span in of_process.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(received(span, resource.clone()));
        }
    }
    spans
}

fn received(span: Span, resource: BTreeMap<String, String>) -> ReceivedSpan {
    ReceivedSpan {
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: (!span.parent_span_id.is_empty()).then(|| hex(&span.parent_span_id)),
        state: span.trace_state,
        name: span.name,
        kind: span.kind,
        began: span.start_time_unix_nano,
        ended: span.end_time_unix_nano,
        attributes: values(&span.attributes),
        failed: span.status.is_some_and(|status| status.code == 2),
        resource,
    }
}

fn values(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &any_value::Value| match value {
        any_value::Value::StringValue(text) => text.clone(),
        any_value::Value::IntValue(number) => number.to_string(),
        other => panic!("{other:?} is not sent by Doorward"),
    };
    let value = |it: &KeyValue| text(it.value.as_ref().unwrap().value.as_ref().unwrap());
    attributes.iter().map(|it| (it.key.clone(), value(it))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
