//! The sealing keys: which one seals, how a new one takes its place while nodes run, and what they have sealed.
//!
//! The store says which key is the current one; the keys themselves come from files, settings or an external system
//! ([`doorward_ports::outbound::SealingRing`]). A key seals only when every running node has said that it knows it.
mod announced;
mod node;
mod retire;
mod rotate;
mod status;
mod stored;
mod values;

pub(crate) use announced::Announced;

use crate::Services;
use async_trait::async_trait;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{Rotation, Sealing, SealingKeyView, SealingStatus};
use doorward_ports::{Caller, Result};

#[async_trait]
impl Sealing for Services {
    async fn status(&self, caller: &Caller) -> Result<SealingStatus> {
        status::status(&self.authorize(caller, Operation::ListSealingKeys)?).await
    }

    async fn prepare(&self, caller: &Caller) -> Result<()> {
        node::prepare(self.authorize(caller, Operation::RotateSealingKey)?).await
    }

    async fn load(&self, caller: &Caller) -> Result<()> {
        node::load(self.authorize(caller, Operation::RotateSealingKey)?, self.announced()).await
    }

    async fn stop(&self, caller: &Caller) -> Result<()> {
        node::stop(self.authorize(caller, Operation::RotateSealingKey)?, self.announced()).await
    }

    async fn begin(&self, caller: &Caller) -> Result<Rotation> {
        rotate::begin(self.authorize(caller, Operation::RotateSealingKey)?).await
    }

    async fn advance(&self, caller: &Caller, rotation: Rotation) -> Result<Rotation> {
        rotate::advance(self.authorize(caller, Operation::RotateSealingKey)?, rotation).await
    }

    async fn retire(&self, caller: &Caller, id: &str) -> Result<SealingKeyView> {
        retire::retire(self.authorize(caller, Operation::RetireSealingKey)?, id).await
    }
}
