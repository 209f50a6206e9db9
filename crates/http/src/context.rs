use crate::address::{self, Trusted};
use crate::shared::Shared;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};
use doorward_domain::CorrelationId;
use doorward_ports::Origin;
use doorward_ports::inbound::Standing;
use std::cell::Cell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;

pub(crate) const CORRELATION_ID: &str = "x-correlation-id";
/// Real ones are under 300; what follows is of no use to a person who looks at his sessions.
const LONGEST_USER_AGENT: usize = 512;

/// What is known of a request before any route takes it.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) correlation_id: CorrelationId,
    /// The client's address, through trusted proxies.
    pub(crate) address: Option<IpAddr>,
    /// Whether the request comes from this machine, through nothing that could be a proxy.
    pub(crate) local: bool,
    /// As it was sent: `HEAD`, also where `GET` answers it.
    pub(crate) method: Method,
    pub(crate) path: String,
    /// How the caller stands, where they were counted.
    pub(crate) standing: Cell<Option<Standing>>,
}

impl Context {
    /// Reads it off a request and leaves it there for the handlers.
    pub(crate) fn attach(request: &ServiceRequest, shared: &Shared) -> Rc<Self> {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let options = &shared.options;
        let trusted = Trusted { proxies: &options.trusted_proxies, header: options.client_address_header };
        let client = address::client(peer, request.headers(), &trusted);
        if client.ignored && !shared.warned_of_proxy.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                peer = peer.map(tracing::field::display),
                "a Forwarded or X-Forwarded-For header came from an address that is not in http.trusted_proxies and was \
                 ignored; if that is your proxy, list it there (told once)"
            );
        }
        let context = Rc::new(Self {
            correlation_id: correlation_id(request.headers()).unwrap_or_else(|| shared.app.system.correlation_id()),
            local: client.address.is_some_and(|address| address.is_loopback()) && !client.passed_on,
            address: client.address,
            method: request.method().clone(),
            path: request.path().to_owned(),
            standing: Cell::new(None),
        });
        request.extensions_mut().insert(Rc::clone(&context));
        context
    }

    /// The one that `attach` left.
    pub(crate) fn of(request: &HttpRequest) -> Rc<Self> {
        let context = request.extensions().get::<Rc<Self>>().map(Rc::clone);
        context.expect("the envelope is the outermost layer and attaches a context to every request")
    }

    /// Where the call comes from, for the use cases.
    pub(crate) fn origin(&self, headers: &HeaderMap) -> Origin {
        Origin { address: self.address, user_agent: user_agent(headers), correlation_id: self.correlation_id.clone() }
    }
}

fn correlation_id(headers: &HeaderMap) -> Option<CorrelationId> {
    CorrelationId::parse(headers.get(CORRELATION_ID)?.to_str().ok()?).ok()
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get("user-agent")?.as_bytes()).into_owned();
    Some(text.chars().take(LONGEST_USER_AGENT).collect())
}
