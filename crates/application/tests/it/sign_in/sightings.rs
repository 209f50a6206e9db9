//! When a session was last seen, and that one who uses it is never taken for idle.
use crate::world::{DAY, MICROSECOND, MINUTE, Person, SECOND, World, code, operator};
use doorward_domain::{SEEN_EVERY, Timestamp};
use doorward_ports::ErrorCode;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
const IDLE: Duration = Duration::from_mins(5);
/// What a session may be idle for beyond `idle_ttl`.
const SLACK: Duration = Duration::from_mins(2);
/// What passes at most between a use and its record: how often a server records.
const ON_THE_WAY: Duration = Duration::from_secs(5);

async fn world(idle_ttl: Option<Duration>) -> World {
    let by = World::by(|policies| {
        policies.lifetimes.idle_ttl = idle_ttl;
        policies.lifetimes.access_ttl = 30 * DAY;
        policies.lifetimes.refresh_ttl = 60 * DAY;
    });
    by.await
}

async fn record(world: &World) -> usize {
    world.system().record_sightings(&operator()).await.unwrap()
}

async fn last_seen(world: &World, person: &Person) -> Timestamp {
    world.live(person.id()).await[0].last_seen_at
}

#[tokio::test]
async fn a_use_is_seen_once_it_is_recorded() {
    let world = world(None).await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let signed_in = last_seen(&world, &bob).await;
    world.advance(HOUR);
    let used = world.now();
    world.identify(&ann.tokens).await.unwrap();
    assert!(last_seen(&world, &ann).await < used, "no request waits for it");
    world.advance(SECOND);
    assert_eq!(record(&world).await, 1);
    assert_eq!((last_seen(&world, &ann).await, last_seen(&world, &bob).await), (used, signed_in));
}

#[tokio::test]
async fn a_session_is_recorded_once_a_minute_on_however_many_nodes_it_is_used() {
    let here = world(None).await;
    let there = here.neighbour();
    let ann = here.person("ann").await;
    record(&here).await;
    let mut recorded = Vec::new();
    for second in 0..600 {
        here.advance(SECOND);
        let node = if second % 2 == 0 { &here } else { &there };
        node.identify(&ann.tokens).await.unwrap();
        if record(&here).await + record(&there).await > 0 {
            recorded.push(here.now());
        }
    }
    assert!(recorded.is_sorted_by(|a, b| a.plus(SEEN_EVERY) <= *b), "{recorded:?}");
    assert!(recorded.len() >= 5, "{recorded:?}");
}

#[tokio::test]
async fn a_token_that_is_refused_is_no_use() {
    let world = world(None).await;
    let ann = world.person("ann").await;
    record(&world).await;
    world.auth().sign_out(&ann.caller, None).await.unwrap();
    world.advance(HOUR);
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(record(&world).await, 0);
}

#[tokio::test]
async fn a_session_that_ends_before_its_use_is_recorded_stays_ended() {
    let world = world(Some(HOUR)).await;
    let ann = world.person("ann").await;
    world.advance(HOUR);
    let caller = world.identify(&ann.tokens).await.unwrap();
    world.auth().sign_out(&caller, None).await.unwrap();
    assert_eq!(record(&world).await, 0);
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_session_in_use_is_never_idle_and_one_out_of_use_is_also_to_a_node_that_remembers_it() {
    let world = world(Some(30 * MINUTE)).await.remembering().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let bobs_last_use = world.now();
    for _ in 0..60 {
        world.advance(10 * MINUTE);
        world.identify(&ann.tokens).await.unwrap();
        record(&world).await;
    }
    let last_use = world.now();
    world.clock.set(last_use.plus(30 * MINUTE));
    world.identify(&ann.tokens).await.unwrap();
    record(&world).await;
    world.advance(30 * MINUTE + SLACK);
    assert_eq!(code(world.identify(&ann.tokens).await), ErrorCode::InvalidToken);
    assert_eq!(code(world.refresh(&ann.tokens).await), ErrorCode::InvalidToken);
    world.clock.set(bobs_last_use.plus(30 * MINUTE + SLACK).minus(MICROSECOND));
    world.identify(&bob.tokens).await.unwrap();
    world.advance(MICROSECOND);
    assert_eq!(code(world.identify(&bob.tokens).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn more_sessions_than_are_recorded_at_once_are_recorded_all() {
    let world = world(None).await.changed(|tools, _| {
        tools.sightings = std::sync::Arc::new(doorward_memory::SightingMemory::new(10_000));
    });
    let ann = world.person("ann").await;
    record(&world).await;
    let (noted, mut ids) = (world.noting(), vec![ann.tokens.session]);
    for _ in 0..600 {
        world.advance(Duration::from_millis(1));
        ids.push(world.sign_in(crate::world::HOME, "ann", crate::world::PASSWORD).await.unwrap().session);
    }
    world.advance(HOUR);
    ids.iter().for_each(|&id| noted.note(id, world.now()));
    assert_eq!(record(&world).await, 601);
}

/// One request: on which of two nodes, and how long after the one before.
type Use = (usize, Duration);

fn uses() -> impl Strategy<Value = Vec<Use>> {
    let within = |range: std::ops::Range<u64>| range.prop_map(Duration::from_millis);
    let idle = u64::try_from(IDLE.as_millis()).unwrap();
    let gap = prop_oneof![within(0..5_000), within(40_000..70_000), within(idle - 10_000..idle)];
    prop::collection::vec((0_usize..2, gap), 1..40)
}

/// Goes on to a moment; on the way each node records, as late as it may.
async fn go_on(nodes: &[World; 2], due: &mut [Option<Timestamp>; 2], to: Timestamp) {
    let mut order = [0, 1];
    order.sort_by_key(|&node| due[node]);
    for node in order {
        if let Some(at) = due[node].filter(|at| *at <= to) {
            nodes[node].clock.set(at);
            record(&nodes[node]).await;
            due[node] = None;
        }
    }
    nodes[0].clock.set(to);
}

async fn lives_through(uses: Vec<Use>) -> Result<(), TestCaseError> {
    let here = world(Some(IDLE)).await;
    let ann = here.person("ann").await;
    let nodes = [here.neighbour(), here];
    let mut due = [None, None];
    for (node, gap) in uses {
        let to = nodes[0].now().plus(gap);
        go_on(&nodes, &mut due, to).await;
        prop_assert!(nodes[node].identify(&ann.tokens).await.is_ok(), "ended though it was used {gap:?} ago");
        due[node].get_or_insert(to.plus(ON_THE_WAY));
    }
    Ok(())
}

#[test]
fn nobody_is_taken_for_idle_before_he_is_wherever_and_however_often_he_asks() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&uses(), |uses| runtime.block_on(lives_through(uses))).unwrap();
}
