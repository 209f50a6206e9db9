//! The signing keys: kept in the store for all nodes, with sealed private keys.
mod end;
mod load;
mod make;
mod stored;

use crate::{Policies, Services};
use async_trait::async_trait;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{Begins, KeyRevoked, KeyView, Keys};
use doorward_ports::{Caller, Result};
use std::time::Duration;

/// Longer than the difference between the clocks of nodes, and than a change takes to reach them: a retired key is
/// accepted for this time longer than the longest life of a token.
const MARGIN: Duration = Duration::from_mins(5);

/// How long a retired key is accepted.
fn longest_token_life(policies: &Policies) -> Duration {
    policies.lifetimes.access_ttl.max(policies.lifetimes.refresh_ttl) + MARGIN
}

#[async_trait]
impl Keys for Services {
    async fn list(&self, caller: &Caller) -> Result<Vec<KeyView>> {
        let act = self.authorize(caller, Operation::ListKeys)?;
        let ring = stored::ring(&stored::all(&act).await?);
        Ok(ring.keys().iter().map(|key| stored::view(&act, &ring, key)).collect())
    }

    async fn rotate(&self, caller: &Caller, begins: Begins) -> Result<KeyView> {
        make::rotate(self.authorize(caller, Operation::RotateKeys)?, begins).await
    }

    async fn retire(&self, caller: &Caller, kid: &str) -> Result<KeyView> {
        end::retire(self.authorize(caller, Operation::RetireKey)?, kid).await
    }

    async fn revoke(&self, caller: &Caller, kid: &str) -> Result<KeyRevoked> {
        end::revoke(self.authorize(caller, Operation::RevokeKey)?, kid).await
    }

    async fn prepare(&self, caller: &Caller) -> Result<()> {
        make::prepare(self.authorize(caller, Operation::RotateKeys)?).await
    }

    async fn rotate_when_due(&self, caller: &Caller) -> Result<Option<KeyView>> {
        make::rotate_when_due(self.authorize(caller, Operation::RotateKeys)?).await
    }

    async fn load(&self, caller: &Caller) -> Result<()> {
        load::load(&self.authorize(caller, Operation::ListKeys)?).await
    }
}
