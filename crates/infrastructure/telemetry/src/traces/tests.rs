use super::*;
use doorward_domain::TraceParent;
use doorward_ports::outbound::Exposition;
use doorward_ports::trace::SpanKind;
use doorward_testkit::collector::{Answer, Collector as Receiver, ReceivedSpan};
use doorward_testkit::exposition::Samples;
use doorward_testkit::{SeededRandom, VirtualClock};
use prost::Message;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const KEY: &str = "marked-secret-4711";

struct World {
    traces: Arc<Traces>,
    metrics: Arc<Metrics>,
}

impl World {
    fn sending_to(endpoint: &str, sampling: f64) -> Self {
        Self::with(endpoint, sampling, None).unwrap()
    }

    fn with(endpoint: &str, sampling: f64, authorities: Option<&[u8]>) -> Result<Self, TracingError> {
        let metrics = Metrics::new(&[]);
        let headers = [("x-key".to_owned(), Secret::new(KEY.to_owned()))];
        let collector = CollectorOptions { endpoint, headers: &headers, authorities };
        let resource = vec![("service.name".to_owned(), "doorward".to_owned())];
        let tools = TracingTools {
            clock: Arc::new(VirtualClock::default()),
            random: Arc::new(SeededRandom::new(11)),
            metrics: metrics.clone(),
        };
        let traces = Traces::new(TracingOptions { collector, sampling, resource }, tools)?;
        Ok(Self { traces, metrics })
    }

    /// A request with this many spans, and how many it has recorded.
    fn request(&self, spans: usize) -> usize {
        let Some(trace) = self.traces.begin(CallerTrace::default()) else { return 0 };
        let _request = trace.span("GET /x", SpanKind::Server);
        (1..spans).for_each(|_| drop(trace.span("SELECT", SpanKind::Client)));
        spans
    }

    fn count(&self, series: &str) -> f64 {
        Samples::read(&self.metrics.text()).value(&format!("doorward_trace_{series}\"}}"))
    }

    fn spans(&self, outcome: &str) -> f64 {
        self.count(&format!("spans_total{{outcome=\"{outcome}"))
    }
}

fn parent(sampled: bool) -> TraceParent {
    let flags = if sampled { "01" } else { "00" };
    TraceParent::parse(&format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}")).unwrap()
}

fn a_dead_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn as_many_requests_are_recorded_as_the_share_says() {
    for (sampling, expected) in [(0.0, 0..=0), (0.1, 900..=1100), (0.5, 4800..=5200), (1.0, 10_000..=10_000)] {
        let world = World::sending_to(&a_dead_address(), sampling);
        let recorded = (0..10_000).filter(|_| world.traces.draw()).count();
        assert!(expected.contains(&recorded), "{recorded} of 10,000 at {sampling}");
    }
}

#[test]
fn a_trusted_caller_decides_and_any_other_does_not() {
    let begin = |sampling, sampled, trusted| {
        let caller = CallerTrace { parent: Some(parent(sampled)), state: None, trusted };
        World::sending_to(&a_dead_address(), sampling).traces.begin(caller).is_some()
    };
    assert!(begin(0.0, true, true) && !begin(1.0, false, true), "the proxy has decided");
    assert!(!begin(0.0, true, false) && begin(1.0, false, false), "the lot has decided");
}

#[tokio::test]
async fn the_trace_of_a_caller_is_continued_and_its_state_kept_if_it_is_trusted() {
    let receiver = Receiver::start();
    let world = World::sending_to(&receiver.url(), 1.0);
    for trusted in [true, false] {
        let caller = CallerTrace { parent: Some(parent(true)), state: Some("vendor=1"), trusted };
        drop(world.traces.begin(caller).unwrap().span("GET /x", SpanKind::Server));
    }
    world.traces.export().await.unwrap();
    let spans = receiver.spans();
    let seen = spans.iter().map(|it| (it.trace.as_str(), it.parent.as_deref(), it.state.as_str()));
    let (trace, caller) = ("0af7651916cd43dd8448eb211c80319c", Some("b7ad6b7169203331"));
    assert_eq!(seen.collect::<Vec<_>>(), [(trace, caller, "vendor=1"), (trace, caller, "")]);
    assert_ne!(spans[0].id, spans[1].id);
}

#[tokio::test]
async fn spans_arrive_with_the_headers_and_the_name_of_the_service() {
    let receiver = Receiver::start();
    let world = World::sending_to(&format!("{}/base/", receiver.url()), 1.0);
    world.request(3);
    world.request(1);
    world.traces.export().await.unwrap();
    let exports = receiver.exports();
    let [export] = &*exports else { panic!("one request") };
    assert_eq!(export.line, "POST /base/v1/traces HTTP/1.1");
    assert_eq!(export.headers["content-type"], "application/x-protobuf");
    assert_eq!(export.headers["x-key"], KEY);
    assert_eq!(export.headers["host"], receiver.address().to_string());
    let spans = receiver.spans();
    let of = |trace: &str| spans.iter().filter(|span| span.trace == trace).count();
    assert_eq!((spans.len(), of(&spans[0].trace), of(&spans[3].trace)), (4, 3, 1));
    assert!(spans.iter().all(|span: &ReceivedSpan| span.resource["service.name"] == "doorward"));
    assert_eq!((world.spans("sent"), world.count("exports_total{outcome=\"success")), (4.0, 1.0));
    world.request(1);
    world.traces.export().await.unwrap();
    assert_eq!(receiver.spans().len(), 5, "over the same connection");
}

#[tokio::test]
async fn a_busy_collector_gets_the_same_spans_later() {
    let receiver = Receiver::start();
    let world = World::sending_to(&receiver.url(), 1.0);
    world.request(2);
    receiver.answer(Answer::With(503, Vec::new()));
    let busy = world.traces.export().await.unwrap_err();
    assert_eq!(busy.to_string(), "the collector is not ready: it answered 503 Service Unavailable");
    assert_eq!(world.spans("sent") + world.spans("dropped") + world.spans("refused"), 0.0);
    receiver.answer(Answer::With(200, Vec::new()));
    world.traces.export().await.unwrap();
    assert_eq!((receiver.spans().len(), world.spans("sent")), (2, 2.0));
    assert_eq!(world.count("exports_total{outcome=\"failure"), 1.0);
}

#[tokio::test]
async fn what_a_collector_refuses_is_counted_and_not_sent_again() {
    let receiver = Receiver::start();
    let world = World::sending_to(&receiver.url(), 1.0);
    world.request(2);
    receiver.answer(Answer::With(401, KEY.into()));
    let refused = world.traces.export().await.unwrap_err().to_string();
    assert_eq!(refused, "the collector refused the traces: it answered 401 Unauthorized");
    assert_eq!(world.spans("refused"), 2.0);
    receiver.answer(Answer::With(200, partial(3)));
    world.request(5);
    world.traces.export().await.unwrap();
    assert_eq!((world.spans("refused"), world.spans("sent")), (5.0, 2.0));
}

fn partial(rejected_spans: i64) -> Vec<u8> {
    let partial_success = Some(message::PartialSuccess { rejected_spans });
    message::ExportResponse { partial_success }.encode_to_vec()
}

#[tokio::test]
async fn while_nobody_listens_the_queue_fills_once_and_no_more_is_recorded() {
    let world = World::sending_to(&a_dead_address(), 1.0);
    let mut recorded = 0;
    for _ in 0..2000 {
        recorded += world.request(10);
    }
    assert!((7680..7700).contains(&recorded), "{recorded}");
    let error = world.traces.export().await.unwrap_err().to_string();
    assert!(error.starts_with("the collector can't be reached: ") && !error.contains(KEY), "{error}");
    assert!(world.spans("dropped") >= 1000.0, "{}", world.spans("dropped"));
    // What is in the queue waits for the collector; nothing is lost by the attempt.
    assert_eq!(world.request(1), 0);
    assert_eq!(world.spans("sent") + world.spans("refused"), 0.0);
}

#[tokio::test]
async fn a_whole_batch_wakes_the_sender_but_not_while_the_collector_is_in_trouble() {
    let receiver = Receiver::start();
    let world = World::sending_to(&receiver.url(), 1.0);
    world.request(BATCH);
    world.traces.enough().await;
    receiver.answer(Answer::With(503, Vec::new()));
    world.traces.export().await.unwrap_err();
    world.request(BATCH);
    let woken = tokio::time::timeout(Duration::from_millis(50), world.traces.enough());
    assert!(woken.await.is_err(), "it would ask a dead collector for each request");
}

#[tokio::test]
async fn a_probe_succeeds_where_the_collector_accepts_what_is_sent() {
    let receiver = Receiver::start();
    let headers = [("x-key".to_owned(), Secret::new(KEY.to_owned()))];
    let url = receiver.url();
    let options = CollectorOptions { endpoint: &url, headers: &headers, authorities: None };
    options.probe().await.unwrap();
    let exports = receiver.exports();
    assert_eq!(exports.len(), 1);
    assert_eq!(exports[0].headers["x-key"], KEY);
    assert!(receiver.spans().is_empty());
    receiver.answer(Answer::With(401, Vec::new()));
    assert!(matches!(options.probe().await, Err(ProbeError::NotSent(NotSent::Refused(_)))));
}

#[test]
fn what_can_not_be_sent_is_refused_without_its_value() {
    let error = |endpoint, authorities| World::with(endpoint, 1.0, authorities).err().unwrap().to_string();
    assert!(error("https://collector", Some(b"no certificate")).contains("it contains no certificate in PEM"));
    assert!(error("/v1", None).contains("not valid"));
    let headers = [("x-key".to_owned(), Secret::new("a\nb".to_owned()))];
    let options = CollectorOptions { endpoint: "http://collector", headers: &headers, authorities: None };
    assert_eq!(options.check().unwrap_err().to_string(), "the header `x-key` for the collector of traces is not valid");
}

/// Encrypts for the receiver. Returns the URL, and its authority as PEM.
async fn encrypted(receiver: &Receiver) -> (String, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![cert.der().clone()], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let behind = receiver.address();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate ends the handshake.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut plain = TcpStream::connect(behind).await.unwrap();
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut plain).await });
            }
        }
    });
    (url, cert.pem())
}

#[tokio::test]
async fn an_https_collector_must_have_a_certificate_of_a_trusted_authority() {
    let receiver = Receiver::start();
    let (url, authority) = encrypted(&receiver).await;
    let trusting = World::with(&url, 1.0, Some(authority.as_bytes())).unwrap();
    trusting.request(1);
    trusting.traces.export().await.unwrap();
    assert_eq!(receiver.spans().len(), 1);
    let distrusting = World::sending_to(&url, 1.0);
    distrusting.request(1);
    let error = distrusting.traces.export().await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
    assert_eq!(receiver.exports().len(), 1);
}
