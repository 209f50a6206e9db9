use crate::{Activity, Factor, Identity, Session, User};
use doorward_domain::{Network, Timestamp};
use doorward_ports::inbound;
use serde::Serialize;

/// All data about the owner of an account, without what proves who they are.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnData {
    /// When it was exported.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub exported_at: Timestamp,
    /// The account.
    pub account: User,
    /// Whether the account has a password.
    pub has_password: bool,
    /// The identities at providers that sign in to the account, oldest first.
    pub identities: Vec<Identity>,
    /// The second factors, oldest first.
    pub factors: Vec<Factor>,
    /// The number of recovery codes that are not used.
    pub recovery_codes_left: usize,
    /// The live sessions, newest first.
    pub sessions: Vec<Session>,
    /// The networks from which the owner has signed in.
    pub networks: Vec<KnownNetwork>,
    /// What the owner did, and what concerns the account, newest first.
    pub activity: Vec<Activity>,
}

/// A network from which the owner of an account has signed in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnownNetwork {
    /// The network: a /24 of IPv4, or a /64 of IPv6.
    #[cfg_attr(feature = "openapi", schema(value_type = String, examples("203.0.113.0/24")))]
    pub network: Network,
    /// When the owner last signed in from it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_seen_at: Timestamp,
}

impl OwnData {
    /// What is known at once; and the activity, which is read part by part.
    #[must_use]
    pub fn begin(data: inbound::OwnData) -> (Self, Box<dyn inbound::ActivityExport>) {
        let known = |(network, last_seen_at)| KnownNetwork { network, last_seen_at };
        let begun = Self {
            exported_at: data.exported_at,
            account: data.user.into(),
            has_password: data.has_password,
            identities: data.identities.into_iter().map(Identity::from).collect(),
            factors: data.factors.into_iter().map(Factor::from).collect(),
            recovery_codes_left: data.recovery_codes_left,
            sessions: data.sessions.into_iter().map(Session::from).collect(),
            networks: data.networks.into_iter().map(known).collect(),
            activity: Vec::new(),
        };
        (begun, data.activity)
    }
}
