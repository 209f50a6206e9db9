//! The span of a request, by OpenTelemetry's semantic conventions for HTTP servers.
use crate::context::Context;
use crate::shared::Shared;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use doorward_domain::TraceParent;
use doorward_ports::trace::{CallerTrace, Span, SpanKind, Trace};

/// Polled by machines all day long, and of no interest to anybody who looks for a request.
const NEVER_TRACED: [&str; 4] = ["/health", "/health/live", "/health/ready", "/metrics"];
/// W3C Trace Context §3.3.1.5: no more must be passed on.
const LONGEST_STATE: usize = 512;
/// The methods that the conventions know; all others are `_OTHER`.
const KNOWN_METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// The trace that a request belongs to.
pub(crate) struct Traced {
    /// The trace, if it is recorded.
    pub(crate) trace: Option<Trace>,
    /// The span of the request.
    span: Span,
}

impl Traced {
    /// Begins the span of a request, if the request is to be recorded.
    pub(crate) fn begin(shared: &Shared, context: &Context, headers: &HeaderMap, route: Option<&str>) -> Self {
        let caller = caller_trace(headers, context.by_proxy);
        let is_traced = !route.is_some_and(|route| NEVER_TRACED.contains(&route));
        let trace = if is_traced { shared.observer.begun(caller) } else { None };
        let span = trace.as_ref().map_or(Span::NONE, |trace| begin_span(trace, shared, &context.method, route));
        context.trace.set(trace.as_ref().map(Trace::id).or(caller.parent.map(|parent| parent.trace)));
        Self { trace, span }
    }

    /// The request was answered with this status.
    pub(crate) fn answered(self, status: StatusCode) {
        self.span.set("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.span.failed(status.as_str().to_owned());
        }
    }
}

fn caller_trace(headers: &HeaderMap, trusted: bool) -> CallerTrace<'_> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let parent = text("traceparent").and_then(|value| TraceParent::parse(value).ok());
    let state = text("tracestate").filter(|state| state.len() <= LONGEST_STATE);
    CallerTrace { parent, state, trusted }
}

/// The path itself is left out, although the conventions want it: people put into it what they like.
fn begin_span(trace: &Trace, shared: &Shared, method: &Method, route: Option<&str>) -> Span {
    let known = KNOWN_METHODS.into_iter().find(|known| *known == method.as_str());
    let name = match route {
        Some(route) => format!("{} {route}", known.unwrap_or("HTTP")),
        None => known.unwrap_or("HTTP").to_owned(),
    };
    let span = trace.span(name, SpanKind::Server);
    span.set("http.request.method", known.unwrap_or("_OTHER"));
    if let Some(route) = route {
        span.set("http.route", route.to_owned());
    }
    span.set("url.scheme", if shared.options.secure { "https" } else { "http" });
    span.set("server.address", shared.host.clone());
    span
}
