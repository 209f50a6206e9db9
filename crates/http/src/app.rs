use doorward_ports::inbound::{
    Accounts, Admission, AuditLog, AuditTrail, Authentication, ClientApps, ClientTokens, Identities, OwnerMails,
    ProviderRegistry, Providers, Roles, SecondFactors, Sessions, System,
};
use ipnet::IpNet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The inbound ports that routes call.
#[derive(Clone)]
pub struct App {
    /// Accounts: the caller's own and all others.
    pub accounts: Arc<dyn Accounts>,
    /// Signing in and out.
    pub authentication: Arc<dyn Authentication>,
    /// The sessions of accounts.
    pub sessions: Arc<dyn Sessions>,
    /// Roles and permissions.
    pub roles: Arc<dyn Roles>,
    /// Client apps.
    pub client_apps: Arc<dyn ClientApps>,
    /// Tokens for OAuth clients.
    pub client_tokens: Arc<dyn ClientTokens>,
    /// Signing in with providers.
    pub providers: Arc<dyn Providers>,
    /// The configured providers.
    pub provider_registry: Arc<dyn ProviderRegistry>,
    /// The identities at providers of accounts.
    pub identities: Arc<dyn Identities>,
    /// Second factors.
    pub second_factors: Arc<dyn SecondFactors>,
    /// The chain of the audit log.
    pub audit_log: Arc<dyn AuditLog>,
    /// The audit log.
    pub audit_trail: Arc<dyn AuditTrail>,
    /// What owners do by mail.
    pub owner_mails: Arc<dyn OwnerMails>,
    /// Admission and rate limits.
    pub admission: Arc<dyn Admission>,
    /// The service itself.
    pub system: Arc<dyn System>,
}

impl App {
    /// Those that the fields of GraphQL call.
    pub(crate) fn graphql(&self) -> doorward_graphql::Ports {
        doorward_graphql::Ports {
            accounts: self.accounts.clone(),
            authentication: self.authentication.clone(),
            sessions: self.sessions.clone(),
            roles: self.roles.clone(),
            providers: self.providers.clone(),
            identities: self.identities.clone(),
            second_factors: self.second_factors.clone(),
            audit_trail: self.audit_trail.clone(),
            owner_mails: self.owner_mails.clone(),
            admission: self.admission.clone(),
        }
    }
}

/// The header in which trusted proxies name the IP address of a caller. The other header is ignored, because proxies
/// pass on what a caller has written into it.
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
    /// The URL at which people reach the service, without a slash at its end; the only source of links.
    pub public_url: String,
    /// The web origins whose pages may call the API; empty allows none.
    pub allowed_origins: Vec<String>,
    /// The reverse proxies that may name the IP address of a caller.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they name it.
    pub client_address_header: ClientAddressHeader,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// Whether all callers are on this machine: the service listens only on loopback, its public URL is loopback, and
    /// no proxy is listed that could pass on requests of others.
    pub loopback: bool,
    /// Whether people reach the service with HTTPS.
    pub secure: bool,
    /// Whether browsers get the tokens in cookies.
    pub session_cookie: bool,
    /// What the operator decides about GraphQL.
    pub graphql: doorward_graphql::Options,
}

/// Whether the node still accepts requests. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Reports to load balancers, at `/health/ready`, that the node is stopping.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the node is stopping.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
