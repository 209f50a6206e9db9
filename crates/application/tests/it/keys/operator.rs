use super::nodes::with_another_sealing_key;
use super::nodes::{list, load, node, published, signed_by, signing, states, stored, two_nodes};
use crate::world::{HOME, PASSWORD, SECOND, World, code, operator, refusal};
use doorward_domain::{AuditOutcome, KeyState};
use doorward_ports::ErrorCode;
use doorward_ports::inbound::Begins;
use serde_json::json;

const NO_KEY: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

#[tokio::test]
async fn what_a_revoked_key_signed_is_refused_on_every_node_and_a_new_key_signs() {
    let nodes = two_nodes().await;
    let stolen = signing(&nodes[0]).await;
    let tokens = nodes[0].person("ann").await.tokens;
    nodes[1].identify(&tokens).await.unwrap();
    let revoked = nodes[0].keys().revoke(&operator(), stolen.as_str()).await.unwrap();
    assert_eq!((revoked.key.state, revoked.key.accepted_until), (KeyState::Revoked, Some(nodes[0].now())));
    load(&nodes).await;
    for node in &nodes {
        assert_eq!(code(node.identify(&tokens).await), ErrorCode::InvalidToken);
        assert_eq!(code(node.refresh(&tokens).await), ErrorCode::InvalidToken);
        assert_eq!(published(node), [revoked.successor.clone().unwrap().record.id]);
    }
    let fresh = nodes[1].sign_in(HOME, "ann", PASSWORD).await.unwrap();
    assert_eq!(signed_by(&fresh), revoked.successor.unwrap().record.id);
    nodes[0].identify(&fresh).await.unwrap();
}

#[tokio::test]
async fn when_the_next_key_is_there_already_it_takes_the_revoked_ones_place() {
    let nodes = two_nodes().await;
    let stolen = signing(&nodes[0]).await;
    let next = nodes[0].keys().rotate(&operator(), Begins::Published).await.unwrap().record.id;
    let revoked = nodes[0].keys().revoke(&operator(), stolen.as_str()).await.unwrap();
    assert_eq!(revoked.successor, None);
    load(&nodes).await;
    assert_eq!(signed_by(&nodes[0].person("ann").await.tokens), next);
}

#[tokio::test]
async fn a_key_that_has_not_begun_is_revoked_and_the_present_one_goes_on() {
    let nodes = two_nodes().await;
    let present = signing(&nodes[0]).await;
    let tokens = nodes[0].person("ann").await.tokens;
    let next = nodes[0].keys().rotate(&operator(), Begins::AtOnce).await.unwrap().record.id;
    nodes[0].keys().revoke(&operator(), next.as_str()).await.unwrap();
    nodes[0].advance(3 * SECOND);
    load(&nodes).await;
    nodes[1].identify(&tokens).await.unwrap();
    assert_eq!((signing(&nodes[0]).await, published(&nodes[0])), (present.clone(), vec![present]));
}

#[tokio::test]
async fn the_private_half_of_a_revoked_key_is_gone() {
    let [one, _] = two_nodes().await;
    let stolen = signing(&one).await;
    one.keys().revoke(&operator(), stolen.as_str()).await.unwrap();
    let keys = stored(&one).await;
    assert_eq!(keys.iter().find(|key| key.record.id == stolen).unwrap().sealed, None);
    assert_eq!(keys.len(), 2, "the row stays, so that it stays revoked");
}

/// With trouble of its own, too, a node must not go on accepting it.
#[tokio::test]
async fn a_revocation_is_felt_also_where_the_new_key_cannot_be_opened() {
    let [one, other] = two_nodes().await;
    let stranger = with_another_sealing_key(&other);
    let stolen = signing(&one).await;
    let tokens = one.person("ann").await.tokens;
    stranger.identify(&tokens).await.unwrap();
    one.keys().revoke(&operator(), stolen.as_str()).await.unwrap();
    assert_eq!(code(stranger.keys().load(&operator()).await), ErrorCode::SealingKeyMismatch);
    assert_eq!(code(stranger.identify(&tokens).await), ErrorCode::InvalidToken);
    load(std::slice::from_ref(&one)).await;
    let fresh = one.sign_in(HOME, "ann", PASSWORD).await.unwrap();
    stranger.identify(&fresh).await.unwrap();
}

#[tokio::test]
async fn the_only_key_that_could_sign_is_not_retired() {
    let [one, _] = two_nodes().await;
    let only = signing(&one).await;
    let refused = refusal(one.keys().retire(&operator(), only.as_str()).await);
    assert_eq!(refused.code, ErrorCode::OnlySigningKey);
    assert!(refused.detail.contains("doorward keys rotate"), "{}", refused.detail);
    assert_eq!(states(&one).await, [KeyState::Signing]);
}

#[tokio::test]
async fn a_retired_key_signs_no_longer_and_what_it_signed_is_accepted() {
    let nodes = two_nodes().await;
    let old = signing(&nodes[0]).await;
    let tokens = nodes[0].person("ann").await.tokens;
    let next = nodes[0].keys().rotate(&operator(), Begins::Published).await.unwrap().record.id;
    let retired = nodes[0].keys().retire(&operator(), old.as_str()).await.unwrap();
    assert_eq!(retired.state, KeyState::Retired);
    load(&nodes).await;
    nodes[1].identify(&tokens).await.unwrap();
    assert_eq!(signed_by(&nodes[1].sign_in(HOME, "ann", PASSWORD).await.unwrap()), next);
}

#[tokio::test]
async fn a_key_that_there_is_not_is_not_found() {
    let [one, _] = two_nodes().await;
    for kid in ["", "copper", "*", NO_KEY] {
        assert_eq!(code(one.keys().retire(&operator(), kid).await), ErrorCode::KeyNotFound);
        assert_eq!(code(one.keys().revoke(&operator(), kid).await), ErrorCode::KeyNotFound);
    }
    assert_eq!(states(&one).await, [KeyState::Signing]);
}

#[tokio::test]
async fn every_change_is_audited_once_and_twice_is_no_error() {
    let [one, _] = two_nodes().await;
    let first = signing(&one).await;
    one.journal.take();
    let next = one.keys().rotate(&operator(), Begins::Published).await.unwrap().record.id;
    for _ in 0..2 {
        one.keys().retire(&operator(), first.as_str()).await.unwrap();
    }
    for _ in 0..2 {
        one.keys().revoke(&operator(), first.as_str()).await.unwrap();
    }
    let lines = one.journal.lines();
    let told: Vec<_> = lines.iter().map(|line| (line.action, line.subject.clone().unwrap())).collect();
    let expected = [("key.rotated", &next), ("key.retired", &first), ("key.revoked", &first)];
    assert_eq!(told, expected.map(|(action, id)| (action, format!("key:{id}"))));
    assert!(lines.iter().all(|line| line.actor == "operator" && line.outcome == AuditOutcome::Success));
    assert_eq!(lines[0].details["algorithm"], json!("EdDSA"));
}

#[tokio::test]
async fn nobody_but_the_operator_sees_or_changes_keys() {
    let world = World::new().await;
    let node = node(&world);
    node.keys().prepare(&operator()).await.unwrap();
    let admin = node.admin("ann").await.caller;
    let id = signing(&node).await;
    let keys = node.keys();
    let answers = [
        keys.list(&admin).await.map(drop),
        keys.rotate(&admin, Begins::Published).await.map(drop),
        keys.retire(&admin, id.as_str()).await.map(drop),
        keys.revoke(&admin, id.as_str()).await.map(drop),
        keys.prepare(&admin).await,
        keys.rotate_when_due(&admin).await.map(drop),
        keys.load(&admin).await,
    ];
    let codes: Vec<_> = answers.into_iter().map(|answer| answer.map_err(|error| error.code)).collect();
    assert_eq!(codes, vec![Err(ErrorCode::PermissionDenied); 7]);
    assert_eq!(list(&node).await.len(), 1);
}
