//! Two nodes on one PostgreSQL and one Redis: what is revoked on one is refused on the other within a second, whatever
//! becomes of Redis and of the way to it, and nobody else is signed out.
mod limits;
mod parts;
pub mod proxy;
#[path = "../../../../infrastructure/redis/tests/it/server.rs"]
#[expect(dead_code, reason = "the tests of the adapter itself need more of it")]
pub mod redis;
mod world;

use std::time::Duration;

use rustix::process::Signal;

use proxy::Way;
use redis::{Certificate, RedisServer};
use world::{Figures, World, health};

use crate::place::{Kind, Place};
use crate::server::wait_until;

/// Revocations under each fault, of every kind in turn.
const ROUNDS: usize = 6;

/// The first three fall into the moments in which the fault is not yet noticed, the others come when it is.
#[track_caller]
fn holds_under(what: &str, world: &World, degraded: bool) {
    let mut figures = Figures::of(what);
    for round in 0..ROUNDS {
        if round == ROUNDS / 2 {
            world.until_b_is(if degraded { "degraded" } else { "healthy" });
        }
        figures.add(world.revoke(round));
    }
    figures.hold();
}

#[track_caller]
fn heals(what: &str, world: &World) {
    world.until_b_is("healthy");
    holds_under(&format!("{what}, and then"), world, false);
}

#[test]
fn two_hundred_revocations_on_one_node_are_felt_on_the_other_within_a_second() {
    let world = World::start();
    let mut figures = Figures::of("all is well");
    for round in 0..200 {
        figures.add(world.revoke(round));
    }
    figures.hold();
    assert!(figures.median() < Duration::from_millis(100), "Redis made none of it faster");
}

#[test]
fn what_is_written_on_one_node_is_read_on_the_other_within_a_second_whatever_becomes_of_redis() {
    let world = World::start();
    let ways = [(Way::Open, "all is well"), (Way::BlackHole, "a black hole"), (Way::Cut, "the way is cut")];
    for (nth, (way, what)) in ways.into_iter().enumerate() {
        world.proxy.set(way);
        let mut figures = Figures::of(what);
        for round in nth * ROUNDS..(nth + 1) * ROUNDS {
            figures.add(world.change(round));
        }
        figures.hold();
    }
}

#[test]
fn redis_is_reached_by_tls_with_an_authority_of_ones_own() {
    let certificate = Certificate::new();
    let redis = RedisServer::with_tls(&certificate, "");
    let place = Place::on(Kind::Sqlite).set("DOORWARD_REDIS__CA_FILE", "authority.pem");
    let place = place.set("REDIS_URL", &format!("rediss://localhost:{}", redis.address().port()));
    std::fs::write(place.folder().join("authority.pem"), &certificate.pem).expect("the folder is ours");
    let server = place.start();
    wait_until("Redis is reached", || health(server.client) == "healthy");
}

#[test]
fn without_redis_the_database_tells_within_a_second() {
    let world = World::without_redis();
    let mut figures = Figures::of("no Redis is set");
    for round in 0..30 {
        figures.add(world.revoke(round));
    }
    figures.hold();
}

#[test]
fn the_bound_holds_while_redis_is_killed_and_when_it_is_back() {
    let mut world = World::start();
    world.redis.kill();
    holds_under("Redis is killed", &world, true);
    world.redis.resume();
    heals("Redis is back", &world);
}

#[test]
fn the_bound_holds_while_redis_is_frozen_and_when_it_thaws() {
    let world = World::start();
    world.redis.signal(Signal::STOP);
    holds_under("Redis is frozen", &world, true);
    world.redis.signal(Signal::CONT);
    heals("Redis thaws", &world);
}

#[test]
fn the_bound_holds_when_redis_is_emptied_or_restarted() {
    let mut world = World::start();
    world.redis.command(&[b"FLUSHALL"]);
    holds_under("Redis is emptied", &world, false);
    world.redis.kill();
    world.redis.resume();
    heals("Redis is restarted", &world);
}

#[test]
fn the_bound_holds_while_the_way_of_one_node_to_redis_is_cut() {
    let world = World::start();
    world.proxy.set(Way::Cut);
    holds_under("the way is cut", &world, true);
    assert_eq!(world.health_of_a(), "healthy", "the other node is not concerned");
    world.proxy.set(Way::Open);
    heals("the way is mended", &world);
}

#[test]
fn the_bound_holds_while_the_way_of_one_node_to_redis_swallows_everything() {
    let world = World::start();
    world.proxy.set(Way::BlackHole);
    holds_under("the way is a black hole", &world, true);
    world.proxy.set(Way::Open);
    heals("the way is mended", &world);
}

#[test]
fn the_bound_holds_while_the_way_of_one_node_to_redis_is_slow() {
    let world = World::start();
    world.proxy.set(Way::Slow(Duration::from_millis(20)));
    holds_under("the way is slow", &world, false);
    world.proxy.set(Way::Slow(Duration::from_secs(5)));
    holds_under("the way is too slow to be any", &world, true);
    world.proxy.set(Way::Open);
    heals("the way is quick again", &world);
}
