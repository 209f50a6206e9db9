use crate::outbound::AccountKey;
use doorward_domain::{
    AssuranceLevel, AuditActor, Client, ClientId, CorrelationId, Network, PermissionSet, RoleName, SessionId,
    Timestamp, UserId,
};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Where a call comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address; none for the CLI.
    pub address: Option<IpAddr>,
    /// What the client says of itself, as it came.
    pub user_agent: Option<String>,
    /// Ties together what the call causes.
    pub correlation_id: CorrelationId,
}

/// Roles, and what they allow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Rights {
    /// The roles that are held.
    pub roles: BTreeSet<RoleName>,
    /// What these allow, all together.
    pub permissions: PermissionSet,
}

/// Somebody who holds a live session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The OAuth client that the session was made for.
    pub client: Client,
    /// When the owner last proved who he is.
    pub authenticated_at: Timestamp,
    /// How long ago that was when this call came.
    pub authenticated_ago: Duration,
    /// How sure it is that they are the owner.
    pub level: AssuranceLevel,
    /// What the account may do, as of now.
    pub rights: Arc<Rights>,
}

/// A client app that acts on its own account.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    /// The app.
    pub id: ClientId,
    /// What the app may do, as of now.
    pub rights: Arc<Rights>,
}

/// On whose behalf a call is made.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Nobody known.
    Anonymous,
    /// Somebody signed in.
    User(SignedIn),
    /// A client app, on its own account.
    Client(ServiceAccount),
    /// Whoever runs the binary on the machine itself: may do everything.
    Operator,
}

impl Actor {
    /// As an audit line names them.
    #[must_use]
    pub fn audited(&self) -> AuditActor {
        match self {
            Self::Anonymous => AuditActor::Anonymous,
            Self::User(signed_in) => AuditActor::User(signed_in.user),
            Self::Client(service) => AuditActor::Client(service.id.clone()),
            Self::Operator => AuditActor::Operator,
        }
    }

    /// What they may do, as far as permissions say so.
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
    /// On whose behalf.
    pub actor: Actor,
    /// From where.
    pub origin: Origin,
}

impl Caller {
    /// What stands for him where there is no account yet: his own account, his client app, or the network he comes from.
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
