use super::nodes::{
    LONGEST_LIFE, list, load, node_by, published, signed_by, signing, states, stored, two_nodes, two_nodes_by,
};
use crate::world::{DAY, HOME, MICROSECOND, MINUTE, PASSWORD, SECOND, World, operator};
use doorward_domain::KeyState;
use doorward_ports::inbound::{Begins, KeyView, TokenPair};

async fn rotate(node: &World, begins: Begins) -> KeyView {
    node.keys().rotate(&operator(), begins).await.unwrap()
}

async fn sign_in(node: &World) -> TokenPair {
    node.sign_in(HOME, "ann", PASSWORD).await.unwrap()
}

/// Every minute from before a rotation until long after it, a token is made on each node and tried on the other; those that
/// have not expired are tried again.
#[tokio::test]
async fn through_a_rotation_no_token_is_refused_on_any_node() {
    let nodes = two_nodes().await;
    nodes[0].account("ann").await;
    let first = signing(&nodes[0]).await;
    let mut recent: Vec<TokenPair> = Vec::new();
    for minute in 0..30 {
        if minute == 5 {
            rotate(&nodes[0], Begins::Published).await;
        }
        load(&nodes).await;
        for node in &nodes {
            recent.push(sign_in(node).await);
        }
        // An access token lives for a quarter of an hour.
        let alive = recent.len().saturating_sub(2 * 15);
        for tokens in &recent[alive..] {
            for node in &nodes {
                node.identify(tokens).await.unwrap_or_else(|refused| panic!("in minute {minute}: {refused}"));
            }
        }
        nodes[0].advance(MINUTE);
    }
    assert_eq!(signed_by(&recent[0]), first);
    assert_ne!(signed_by(recent.last().unwrap()), first);
}

#[tokio::test]
async fn the_next_key_is_published_for_as_long_as_is_set_before_it_signs() {
    let nodes = two_nodes_by(|keys| keys.publish_ahead = 20 * MINUTE).await;
    nodes[0].account("ann").await;
    let first = signing(&nodes[0]).await;
    let next = rotate(&nodes[0], Begins::Published).await;
    assert_eq!((next.state, next.record.signs_from), (KeyState::Upcoming, nodes[0].now().plus(20 * MINUTE)));
    load(&nodes).await;
    assert!(nodes.iter().all(|node| published(node) == [first.clone(), next.record.id.clone()]));
    nodes[0].advance(20 * MINUTE - MICROSECOND);
    load(&nodes).await;
    assert_eq!(signed_by(&sign_in(&nodes[1]).await), first);
    nodes[0].advance(MICROSECOND);
    load(&nodes).await;
    assert_eq!(signed_by(&sign_in(&nodes[1]).await), next.record.id);
}

#[tokio::test]
async fn a_retired_key_is_published_until_the_last_token_it_signed_has_expired() {
    let nodes = two_nodes().await;
    let first = signing(&nodes[0]).await;
    nodes[0].account("ann").await;
    let next = rotate(&nodes[0], Begins::Published).await.record;
    nodes[0].advance(10 * MINUTE - MICROSECOND);
    load(&nodes).await;
    let last = sign_in(&nodes[0]).await;
    assert_eq!(signed_by(&last), first);
    let until = list(&nodes[0]).await[0].accepted_until.unwrap();
    assert_eq!(until, next.signs_from.plus(LONGEST_LIFE));
    nodes[0].advance(7 * DAY - SECOND);
    load(&nodes).await;
    nodes[1].refresh(&last).await.unwrap();
    nodes[0].advance(6 * MINUTE);
    load(&nodes).await;
    assert_eq!(published(&nodes[0]), [next.id]);
    assert_eq!(states(&nodes[0]).await, [KeyState::Expired, KeyState::Signing]);
}

#[tokio::test]
async fn a_key_that_is_to_begin_at_once_leaves_every_node_the_time_to_learn_it() {
    let nodes = two_nodes().await;
    nodes[0].account("ann").await;
    let next = rotate(&nodes[0], Begins::AtOnce).await.record;
    assert_eq!(next.signs_from, nodes[0].now().plus(2 * SECOND));
    load(&nodes).await;
    nodes[0].advance(2 * SECOND);
    load(&nodes).await;
    let tokens = sign_in(&nodes[0]).await;
    assert_eq!(signed_by(&tokens), next.id);
    nodes[1].identify(&tokens).await.unwrap();
}

#[tokio::test]
async fn the_private_half_of_a_key_that_counts_no_more_goes_with_the_next_rotation() {
    let [one, _] = two_nodes().await;
    rotate(&one, Begins::AtOnce).await;
    one.advance(2 * SECOND);
    one.advance(LONGEST_LIFE);
    assert!(stored(&one).await.iter().all(|key| key.sealed.is_some()));
    rotate(&one, Begins::AtOnce).await;
    assert_eq!(stored(&one).await.iter().map(|key| key.sealed.is_some()).collect::<Vec<_>>(), [false, true, true]);
}

#[tokio::test]
async fn keys_are_not_rotated_by_time_unless_that_is_set() {
    let [one, _] = two_nodes().await;
    one.advance(10_000 * DAY);
    assert_eq!(one.keys().rotate_when_due(&operator()).await.unwrap(), None);
}

async fn a_crowd_rotates(world: World) {
    let monthly = node_by(&world, |keys| keys.rotate_every = Some(30 * DAY));
    monthly.keys().prepare(&operator()).await.unwrap();
    world.advance(30 * DAY - MICROSECOND);
    assert_eq!(monthly.keys().rotate_when_due(&operator()).await.unwrap(), None);
    world.advance(MICROSECOND);
    for round in 2..4 {
        let crowd: Vec<_> = (0..32)
            .map(|_| {
                let node = monthly.clone();
                tokio::spawn(async move { node.keys().rotate_when_due(&operator()).await.unwrap().is_some() })
            })
            .collect();
        let mut made = 0;
        for member in crowd {
            made += usize::from(member.await.unwrap());
        }
        assert_eq!((made, list(&world).await.len()), (1, round));
        world.advance(30 * DAY);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_a_key_is_due_one_of_32_nodes_makes_the_next() {
    a_crowd_rotates(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_a_key_is_due_one_of_32_nodes_makes_the_next_also_on_postgres() {
    a_crowd_rotates(World::on_postgres(|_| {}).await).await;
}
