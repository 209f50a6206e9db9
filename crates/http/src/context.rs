use crate::address::{self, Trusted};
use crate::shared::Shared;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};
use doorward_domain::{Client, CorrelationId, Language, TraceId, UserId};
use doorward_ports::inbound::RateLimitState;
use doorward_ports::{Actor, Origin};
use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;

pub(crate) const CORRELATION_ID: &str = "x-correlation-id";
/// Real ones have less than 300 bytes; the rest is of no use in a list of sessions.
const LONGEST_USER_AGENT: usize = 512;

/// What is known of a request before a route handles it.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) correlation_id: CorrelationId,
    /// The IP address of the caller, through trusted proxies.
    pub(crate) address: Option<IpAddr>,
    /// Whether the request comes from this machine, and no proxy has passed it on.
    pub(crate) local: bool,
    /// Whether a trusted proxy has passed it on.
    pub(crate) by_proxy: bool,
    /// The method as it was sent: `HEAD`, even if `GET` answers it.
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The trace that the request belongs to: the recorded one, or the one that the caller names.
    pub(crate) trace: Cell<Option<TraceId>>,
    /// The rate-limit state of the caller, if the request was counted.
    pub(crate) rate_limit: Cell<Option<RateLimitState>>,
    /// The account that the request comes from, or has authenticated; for the log.
    pub(crate) user: Cell<Option<UserId>>,
    /// The OAuth client that the request comes from; for the log.
    pub(crate) client: RefCell<Option<Client>>,
    /// The code of the refusal; for the log.
    pub(crate) code: Cell<Option<&'static str>>,
}

impl Context {
    /// Reads it from a request and attaches it for the handlers.
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
            by_proxy: client.by_proxy,
            method: request.method().clone(),
            path: request.path().to_owned(),
            trace: Cell::default(),
            rate_limit: Cell::default(),
            user: Cell::default(),
            client: RefCell::default(),
            code: Cell::default(),
        });
        request.extensions_mut().insert(Rc::clone(&context));
        context
    }

    /// The context that `attach` has attached.
    pub(crate) fn of(request: &HttpRequest) -> Rc<Self> {
        let context = request.extensions().get::<Rc<Self>>().map(Rc::clone);
        context.expect("the envelope is the outermost layer and attaches a context to every request")
    }

    /// Notes who the caller is.
    pub(crate) fn comes_from(&self, actor: &Actor) {
        match actor {
            Actor::User(signed_in) => {
                self.user.set(Some(signed_in.user));
                self.client.replace(Some(signed_in.client.clone()));
            }
            Actor::Client(service) => drop(self.client.replace(Some(Client::from(&service.id)))),
            Actor::Anonymous | Actor::Operator => {}
        }
    }

    /// The origin of the request, for the use cases.
    pub(crate) fn origin(&self, headers: &HeaderMap) -> Origin {
        Origin {
            address: self.address,
            user_agent: user_agent(headers),
            correlation_id: self.correlation_id.clone(),
            language: language(headers),
        }
    }
}

fn correlation_id(headers: &HeaderMap) -> Option<CorrelationId> {
    CorrelationId::parse(headers.get(CORRELATION_ID)?.to_str().ok()?).ok()
}

/// The language that the caller asks for, of those that texts for people have.
pub(crate) fn language(headers: &HeaderMap) -> Option<Language> {
    Language::accepted(headers.get("accept-language")?.to_str().ok()?)
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8_lossy(headers.get("user-agent")?.as_bytes()).into_owned();
    Some(text.chars().take(LONGEST_USER_AGENT).collect())
}
