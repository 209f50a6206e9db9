use super::nodes::{list, load, node, node_by, published, signed_by, signing, states, stored, two_nodes};
use super::nodes::{with_another_sealing_key, with_folder};
use crate::world::{HOME, MINUTE, PASSWORD, PUBLISHED_KEY, World, code, operator};
use doorward_domain::{KeyAlgorithm, KeyState};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::Begins;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_first_start_makes_a_key_of_the_chosen_algorithm_that_signs_at_once() {
    for algorithm in KeyAlgorithm::ALL {
        let world = World::new().await;
        let node = node_by(&world, |keys| keys.algorithm = algorithm);
        node.keys().prepare(&operator()).await.unwrap();
        let keys = list(&node).await;
        assert_eq!(keys.len(), 1);
        assert_eq!(
            (keys[0].record.algorithm, keys[0].state, keys[0].accepted_until),
            (algorithm, KeyState::Signing, None)
        );
        assert_eq!(signed_by(&node.person("ann").await.tokens), keys[0].record.id);
    }
}

#[tokio::test]
async fn a_restart_finds_the_key_and_makes_no_other() {
    let [one, _] = two_nodes().await;
    let tokens = one.person("ann").await.tokens;
    let again = node(&one);
    again.keys().prepare(&operator()).await.unwrap();
    again.identify(&tokens).await.unwrap();
    assert_eq!(list(&again).await.len(), 1);
}

async fn a_crowd_starts(world: World) {
    let crowd: Vec<_> = (0..32)
        .map(|_| {
            let node = node(&world);
            tokio::spawn(async move {
                node.keys().prepare(&operator()).await.unwrap();
                published(&node)
            })
        })
        .collect();
    let mut published = BTreeSet::new();
    for member in crowd {
        published.extend(member.await.unwrap());
    }
    assert_eq!(published, BTreeSet::from([signing(&world).await]));
    assert_eq!(list(&world).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_nodes_that_start_at_once_one_makes_the_key() {
    a_crowd_starts(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_nodes_that_start_at_once_one_makes_the_key_also_on_postgres() {
    a_crowd_starts(World::on_postgres(|_| {}).await).await;
}

#[tokio::test]
async fn tokens_of_an_earlier_version_stay_valid() {
    let world = World::new().await;
    let tokens = world.person("ann").await.tokens;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("signing-key.pem"), PUBLISHED_KEY).unwrap();
    let node = with_folder(&node(&world), folder.path());
    node.keys().prepare(&operator()).await.unwrap();
    node.identify(&tokens).await.unwrap();
    assert_eq!(signed_by(&node.refresh(&tokens).await.unwrap()), signed_by(&tokens));
    assert_eq!(states(&node).await, [KeyState::Signing]);
}

#[tokio::test]
async fn the_key_of_an_earlier_version_is_taken_over_once_and_not_again() {
    let folder = tempfile::tempdir().unwrap();
    let [one, _] = two_nodes().await;
    std::fs::write(folder.path().join("signing-key.pem"), PUBLISHED_KEY).unwrap();
    with_folder(&node(&one), folder.path()).keys().prepare(&operator()).await.unwrap();
    assert_eq!(list(&one).await.len(), 1);
}

#[tokio::test]
async fn a_damaged_key_of_an_earlier_version_ends_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("signing-key.pem"), "nonsense").unwrap();
    let world = World::new().await;
    let refused = with_folder(&node(&world), folder.path()).keys().prepare(&operator()).await.unwrap_err();
    assert!(refused.detail.contains("signing-key.pem"), "{refused}");
    assert_eq!(stored(&world).await, []);
}

#[tokio::test]
async fn another_algorithm_is_adopted_by_a_rotation_that_is_published_first() {
    let [one, _] = two_nodes().await;
    let first = signing(&one).await;
    let chosen = |world: &World| node_by(world, |keys| keys.algorithm = KeyAlgorithm::Es256);
    for _ in 0..2 {
        let node = chosen(&one);
        node.keys().prepare(&operator()).await.unwrap();
        assert_eq!(states(&node).await, [KeyState::Signing, KeyState::Upcoming], "asked twice, it is made once");
        assert_eq!(published(&node).len(), 2);
    }
    let node = chosen(&one);
    one.advance(10 * MINUTE);
    load(std::slice::from_ref(&node)).await;
    let tokens = node.person("ann").await.tokens;
    assert_ne!(signed_by(&tokens), first);
}

#[tokio::test]
async fn private_keys_are_sealed_in_the_store() {
    let [one, _] = two_nodes().await;
    let keys = stored(&one).await;
    let sealed = keys[0].sealed.as_ref().unwrap();
    assert!(!String::from_utf8_lossy(sealed).contains("PRIVATE KEY"));
    let public = keys[0].public.0.as_object().unwrap();
    assert!(!public.contains_key("d"));
}

#[tokio::test]
async fn a_node_with_another_sealing_key_does_not_start_and_is_told_what_to_do() {
    let [one, _] = two_nodes().await;
    let stranger = with_another_sealing_key(&node(&one));
    let refused = stranger.keys().prepare(&operator()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::SealingKeyMismatch);
    assert!(refused.detail.contains("sealing.key") && refused.detail.contains("secrets.sealing_key"), "{refused}");
}

/// It could seal what no other node could open.
#[tokio::test]
async fn a_command_with_another_sealing_key_makes_no_key() {
    let [one, _] = two_nodes().await;
    let before = stored(&one).await;
    let stranger = with_another_sealing_key(&node(&one));
    for begins in [Begins::Published, Begins::AtOnce] {
        assert_eq!(code(stranger.keys().rotate(&operator(), begins).await), ErrorCode::SealingKeyMismatch);
    }
    assert_eq!(stored(&one).await, before);
}

#[tokio::test]
async fn the_key_of_the_settings_signs_alone_and_stored_keys_verify() {
    let [one, _] = two_nodes().await;
    let tokens = one.person("ann").await.tokens;
    // The world itself has its key from the settings; it needs no sealing key of the others.
    let given = with_another_sealing_key(&with_given_key(&one));
    given.keys().prepare(&operator()).await.unwrap();
    given.identify(&tokens).await.unwrap();
    let fresh = given.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    assert_eq!(Some(signed_by(&fresh)), given.given_key());
    let refused = given.keys().rotate(&operator(), Begins::Published).await;
    assert_eq!(code(refused), ErrorCode::SigningKeyGiven);
    let own = given.given_key().unwrap();
    assert_eq!(code(given.keys().revoke(&operator(), own.as_str()).await), ErrorCode::SigningKeyGiven);
    assert_eq!(given.keys().rotate_when_due(&operator()).await.unwrap(), None);
}

fn with_given_key(world: &World) -> World {
    world.changed(|tools, _| {
        let ring = std::sync::Arc::new(crate::world::signer());
        tools.signer = ring.clone();
        tools.keys = ring;
    })
}

#[tokio::test]
async fn where_the_settings_give_the_key_no_other_is_made() {
    let world = World::new().await;
    world.keys().prepare(&operator()).await.unwrap();
    assert_eq!(stored(&world).await, []);
}
