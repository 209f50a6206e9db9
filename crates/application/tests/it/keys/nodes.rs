use crate::world::{World, header, operator, sealer, token_settings};
use doorward_application::KeyPolicy;
use doorward_crypto::{JwtSigner, LocalKeyPairs};
use doorward_domain::{KeyId, KeyState};
use doorward_ports::inbound::{KeyView, TokenPair};
use doorward_ports::outbound::StoredKey;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Not the one that the world seals with.
pub const OTHER_SEALING_KEY: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

/// A node that has not started yet: it has no key at hand.
pub fn node(world: &World) -> World {
    node_by(world, |_| {})
}

pub fn node_by(world: &World, change: impl FnOnce(&mut KeyPolicy)) -> World {
    world.changed(|tools, policies| {
        let ring = Arc::new(JwtSigner::keyless(&token_settings()));
        tools.signer = ring.clone();
        tools.keys = ring;
        change(&mut policies.keys);
    })
}

/// The same node with another sealing key.
pub fn with_another_sealing_key(node: &World) -> World {
    node.changed(|tools, _| tools.sealer = Arc::new(sealer(OTHER_SEALING_KEY)))
}

/// The same node with another data folder.
pub fn with_folder(node: &World, folder: &Path) -> World {
    node.changed(|tools, _| tools.key_pairs = Arc::new(LocalKeyPairs::new(folder)))
}

/// Two nodes that have started.
pub async fn two_nodes() -> [World; 2] {
    two_nodes_by(|_| {}).await
}

pub async fn two_nodes_by(change: impl Fn(&mut KeyPolicy)) -> [World; 2] {
    let world = World::new().await;
    let nodes = [node_by(&world, &change), node_by(&world, &change)];
    for node in &nodes {
        node.keys().prepare(&operator()).await.unwrap();
    }
    nodes
}

pub async fn load(nodes: &[World]) {
    for node in nodes {
        node.keys().load(&operator()).await.unwrap();
    }
}

pub async fn list(world: &World) -> Vec<KeyView> {
    world.keys().list(&operator()).await.unwrap()
}

pub async fn states(world: &World) -> Vec<KeyState> {
    list(world).await.into_iter().map(|key| key.state).collect()
}

pub async fn stored(world: &World) -> Vec<StoredKey> {
    world.store().read().await.unwrap().signing_keys().all().await.unwrap()
}

/// The key that signs.
pub async fn signing(world: &World) -> KeyId {
    list(world).await.into_iter().find(|key| key.state == KeyState::Signing).unwrap().record.id
}

/// The key that has signed a token.
pub fn signed_by(tokens: &TokenPair) -> KeyId {
    header(&tokens.access_token)["kid"].as_str().unwrap().parse().unwrap()
}

pub fn published(world: &World) -> Vec<KeyId> {
    let keys = world.system().public_keys().0;
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().parse().unwrap()).collect()
}

pub const LONGEST_LIFE: Duration = Duration::from_secs(7 * 86_400 + 5 * 60);
