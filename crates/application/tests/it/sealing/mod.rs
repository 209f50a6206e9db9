//! The sealing keys: which one seals, and how a new one takes its place while nodes run.
mod retire;
mod rotate;
mod start;

use crate::keys::nodes::node;
use crate::world::{MICROSECOND, World, operator, sealer_of};
use doorward_crypto::Sealer;
use doorward_domain::SealingKeyId;
use doorward_ports::Result;
use doorward_ports::inbound::{Rotation, RotationStep, SealingStatus};
use std::path::Path;
use std::sync::Arc;

/// The same service as another process, with a sealer of its own.
pub fn with_sealer(world: &World, sealer: Sealer) -> World {
    let sealer = Arc::new(sealer);
    node(world).changed(|tools, _| {
        tools.sealer = sealer.clone();
        tools.sealing_ring = sealer;
    })
}

/// Another process that shares the folder with sealing keys.
pub fn sharing(world: &World, folder: &Path) -> World {
    with_sealer(world, sealer_of(&[], folder))
}

pub async fn start(node: &World) -> Result<()> {
    node.sealing().prepare(&operator()).await?;
    node.sealing().load(&operator()).await
}

pub async fn load(nodes: &[World]) {
    for node in nodes {
        node.sealing().load(&operator()).await.unwrap();
    }
}

pub async fn status(world: &World) -> SealingStatus {
    world.sealing().status(&operator()).await.unwrap()
}

/// The states of the keys, the oldest first, and how many values each has sealed.
pub async fn states(world: &World) -> Vec<(&'static str, i64)> {
    status(world).await.keys.into_iter().map(|key| (key.state.as_str(), key.values)).collect()
}

/// Some values of each kind that an operator can make without a provider: signing keys, and an audit key.
pub async fn having_values(world: &World) {
    world.keys().prepare(&operator()).await.unwrap();
    world.audit_log().seal(&operator()).await.unwrap();
}

/// Whether a process that starts now can open everything.
pub async fn opens_all(world: &World) {
    let fresh = node(world);
    fresh.keys().load(&operator()).await.unwrap();
    fresh.audit_log().head(&operator()).await.unwrap();
    assert_eq!(status(world).await.strangers, []);
}

/// Begins a rotation, later than the last one.
pub async fn begin(world: &World) -> Result<Rotation> {
    world.advance(MICROSECOND);
    world.sealing().begin(&operator()).await
}

/// A whole rotation, in which no node has to be waited for.
pub async fn rotated(world: &World) -> Result<Rotation> {
    let rotation = begin(world).await?;
    finished(world, rotation).await
}

/// The rotation at its end.
pub async fn finished(world: &World, mut rotation: Rotation) -> Result<Rotation> {
    while rotation.step != RotationStep::Done {
        rotation = world.sealing().advance(&operator(), rotation).await?;
        if let RotationStep::Waiting(nodes) = rotation.step {
            assert_eq!(nodes, 0, "a node would have to be waited for");
        }
    }
    Ok(rotation)
}

pub async fn current(world: &World) -> SealingKeyId {
    let status = status(world).await;
    status.keys.into_iter().find(|key| key.state.as_str() == "current").unwrap().record.id
}
