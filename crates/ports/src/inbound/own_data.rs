use super::{Activity, SessionView};
use crate::Result;
use async_trait::async_trait;
use doorward_domain::{Factor, Identity, Network, Timestamp, User};

/// All that Doorward has about the owner of an account. What proves who they are is not part of it: hashes, seeds and tokens.
pub struct OwnData {
    /// When it was read.
    pub exported_at: Timestamp,
    /// The account.
    pub user: User,
    /// Whether it has a password.
    pub has_password: bool,
    /// Its identities at providers, oldest first.
    pub identities: Vec<Identity>,
    /// Its second factors, oldest first.
    pub factors: Vec<Factor>,
    /// The number of its recovery codes that are not used.
    pub recovery_codes_left: usize,
    /// Its live sessions, newest first.
    pub sessions: Vec<SessionView>,
    /// The networks from which the owner has signed in, each with the last time.
    pub networks: Vec<(Network, Timestamp)>,
    /// What the owner did, and what concerns the account, newest first.
    pub activity: Box<dyn ActivityExport>,
}

/// The activity of an export, which is read part by part.
#[async_trait]
pub trait ActivityExport: Send {
    /// Reads the next part; nothing if all was read. Between two parts, nothing is held in the database.
    async fn next(&mut self) -> Result<Vec<Activity>>;
}
