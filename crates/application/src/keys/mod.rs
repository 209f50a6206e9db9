//! The keys that tokens are signed with: kept in the store for all nodes, their private halves sealed.
mod end;
mod load;
mod make;
mod stored;

use crate::Services;
use async_trait::async_trait;
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{Begins, KeyRevoked, KeyView, Keys};
use doorward_ports::{Caller, Result};
use std::time::Duration;

/// Longer than clocks of our nodes may differ, and than a change takes to be felt: so much longer than any token lives is
/// a retired key accepted.
const MARGIN: Duration = Duration::from_mins(5);

impl Services {
    /// For how long a retired key is accepted.
    fn longest_token_life(&self) -> Duration {
        self.policies.lifetimes.access_ttl.max(self.policies.lifetimes.refresh_ttl) + MARGIN
    }
}

#[async_trait]
impl Keys for Services {
    async fn list(&self, caller: &Caller) -> Result<Vec<KeyView>> {
        access::authorize(caller, Operation::ListKeys)?;
        let stored = self.tools.store.read().await?.signing_keys().all().await?;
        let ring = stored::ring(&stored);
        Ok(ring.keys().iter().map(|key| stored::view(self, &ring, key)).collect())
    }

    async fn rotate(&self, caller: &Caller, begins: Begins) -> Result<KeyView> {
        make::rotate(self, caller, begins).await
    }

    async fn retire(&self, caller: &Caller, kid: &str) -> Result<KeyView> {
        end::retire(self, caller, kid).await
    }

    async fn revoke(&self, caller: &Caller, kid: &str) -> Result<KeyRevoked> {
        end::revoke(self, caller, kid).await
    }

    async fn prepare(&self, caller: &Caller) -> Result<()> {
        make::prepare(self, caller).await
    }

    async fn rotate_when_due(&self, caller: &Caller) -> Result<Option<KeyView>> {
        make::rotate_when_due(self, caller).await
    }

    async fn load(&self, caller: &Caller) -> Result<()> {
        access::authorize(caller, Operation::ListKeys)?;
        load::load(self).await
    }
}
