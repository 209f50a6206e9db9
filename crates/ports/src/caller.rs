use crate::outbound::AccountKey;
use doorward_domain::{
    AssuranceLevel, AuditActor, Client, ClientId, CorrelationId, Language, Network, PermissionSet, RoleName, SessionId,
    Timestamp, UserId,
};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The origin of a request.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The IP address of the caller; none for the CLI.
    pub address: Option<IpAddr>,
    /// The `User-Agent` of the caller, unchanged.
    pub user_agent: Option<String>,
    /// The id that connects everything that the request causes.
    pub correlation_id: CorrelationId,
    /// The language that the caller asks for, of those that mails have; none if they ask for none of these.
    pub language: Option<Language>,
}

/// Roles and their permissions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Rights {
    /// The roles.
    pub roles: BTreeSet<RoleName>,
    /// The permissions of all these roles.
    pub permissions: PermissionSet,
}

/// A caller with a live session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The OAuth client of the session.
    pub client: Client,
    /// When the owner last authenticated.
    pub authenticated_at: Timestamp,
    /// The time from then to this request.
    pub authenticated_ago: Duration,
    /// The assurance level of the session.
    pub level: AssuranceLevel,
    /// Whether the account must have a second factor, and the session has shown none.
    pub must_enrol: bool,
    /// Whether the account must have another password, and the session can do nothing else until then.
    pub must_change_password: bool,
    /// The current rights of the account.
    pub rights: Arc<Rights>,
}

/// A client app with its own token.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    /// The app.
    pub id: ClientId,
    /// The current rights of the app.
    pub rights: Arc<Rights>,
}

/// Who calls.
#[derive(Debug, Clone)]
pub enum Actor {
    /// An unknown caller.
    Anonymous,
    /// A user with a session.
    User(SignedIn),
    /// A client app with its own token.
    Client(ServiceAccount),
    /// The operator at the command line, who may do everything.
    Operator,
}

impl Actor {
    /// The form for an audit line.
    #[must_use]
    pub fn audited(&self) -> AuditActor {
        match self {
            Self::Anonymous => AuditActor::Anonymous,
            Self::User(signed_in) => AuditActor::User(signed_in.user),
            Self::Client(service) => AuditActor::Client(service.id.clone()),
            Self::Operator => AuditActor::Operator,
        }
    }

    /// The permissions of the actor, if permissions restrict it.
    #[must_use]
    pub fn permissions(&self) -> Option<&PermissionSet> {
        match self {
            Self::User(signed_in) => Some(&signed_in.rights.permissions),
            Self::Client(service) => Some(&service.rights.permissions),
            Self::Anonymous | Self::Operator => None,
        }
    }
}

/// Who calls, and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who calls.
    pub actor: Actor,
    /// The origin of the request.
    pub origin: Origin,
}

impl Caller {
    /// The key of the queue for work without an account of its own: the caller's account, the client app, or the
    /// network of the request.
    #[must_use]
    pub fn key(&self) -> AccountKey {
        match &self.actor {
            Actor::User(signed_in) => AccountKey::of_user(signed_in.user),
            Actor::Client(service) => AccountKey::of_name(service.id.as_ref()),
            Actor::Anonymous | Actor::Operator => {
                let network = self.origin.address.map(|address| Network::of(address).to_string());
                AccountKey::of_name(&network.unwrap_or_default())
            }
        }
    }

    /// The caller's own account, if there is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match &self.actor {
            Actor::User(signed_in) => Some(signed_in.user),
            Actor::Anonymous | Actor::Client(_) | Actor::Operator => None,
        }
    }
}
