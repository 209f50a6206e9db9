use doorward_ports::inbound::{Accounts, Admission, Authentication, ClientApps, ClientTokens, Roles, Sessions, System};
use ipnet::IpNet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The inbound ports that the routes ask.
#[derive(Clone)]
pub struct App {
    /// Accounts, one's own and everybody's.
    pub accounts: Arc<dyn Accounts>,
    /// Signing in and out.
    pub authentication: Arc<dyn Authentication>,
    /// Where accounts are signed in.
    pub sessions: Arc<dyn Sessions>,
    /// Roles and permissions.
    pub roles: Arc<dyn Roles>,
    /// Client apps.
    pub client_apps: Arc<dyn ClientApps>,
    /// Tokens as OAuth clients deal with them.
    pub client_tokens: Arc<dyn ClientTokens>,
    /// Who may come in, and how often.
    pub admission: Arc<dyn Admission>,
    /// The service itself.
    pub system: Arc<dyn System>,
}

/// The one header that names a client's address. Proxies pass the other on as the client made it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddressHeader {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// How this service is reached, and by whom.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The address under which people reach the service, without a slash at its end; the only source of links.
    pub public_url: String,
    /// Web origins whose pages may call the API; empty allows none.
    pub allowed_origins: Vec<String>,
    /// Reverse proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// In which header they give it.
    pub client_address_header: ClientAddressHeader,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// Whether whoever connects is at this machine: the service listens on it alone, is reached as on it, and no proxy is
    /// listed that could stand before it for others.
    pub loopback: bool,
    /// Whether people reach the service by HTTPS.
    pub secure: bool,
    /// Whether browsers get the tokens in cookies.
    pub session_cookie: bool,
}

/// Whether the node still takes requests. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Says to load balancers, by `/health/ready`, that the node is going away.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the node is going away.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
