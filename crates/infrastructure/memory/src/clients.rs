use crate::alike::Alike;
use crate::tiers::{Memo, Remembering, Tiers};
use async_trait::async_trait;
use doorward_domain::GrantId;
use doorward_ports::Rights;
use doorward_ports::outbound::{ClientStates, LiveClient, Revocation, StoreError};
use std::sync::Arc;

/// Remembers which client apps' own tokens hold.
pub struct ClientMemory {
    asked: Arc<dyn ClientStates>,
    tiers: Tiers<LiveClient>,
}

/// Forgotten when the app changes in any way, and when what a role allows changes.
impl Memo for LiveClient {
    type Key = GrantId;
    const CACHE: &'static str = "clients";

    fn concerning(key: &GrantId, _: Option<&Self>) -> [Revocation; 2] {
        [Revocation::Client(*key); 2]
    }

    fn sharing(self, rights: &Alike<Rights>) -> Self {
        Self { rights: rights.one(self.rights), ..self }
    }
}

impl ClientMemory {
    /// Remembers at most so many of the apps that it had to ask about.
    #[must_use]
    pub fn new(asked: Arc<dyn ClientStates>, common: Remembering, capacity: usize) -> Self {
        Self { asked, tiers: Tiers::new(common, capacity) }
    }
}

#[async_trait]
impl ClientStates for ClientMemory {
    async fn live(&self, grant: GrantId) -> Result<Option<LiveClient>, StoreError> {
        self.tiers.answer(&grant, |_| true, || self.asked.live(grant)).await
    }
}
