//! PostgreSQL is restarted, a node is killed, a clock is wrong: nothing that was ended is accepted, and nobody else is signed
//! out.
use std::time::{Duration, Instant};

use super::world::{BOUND, Figures, World};
use super::{ROUNDS, holds_under};
use crate::faults::cluster::Cluster;
use crate::place::{Kind, Place};
use crate::server::{pause, wait_until};

#[test]
fn a_restart_of_postgresql_brings_nothing_back_and_signs_nobody_out() {
    let address = Place::on(Kind::Sqlite);
    let mut cluster = Cluster::start(address.address());
    let mut world = World::on(&cluster.url());
    let ended = world.ended_on_a();
    let began = Instant::now();
    cluster.stop();
    while began.elapsed() < BOUND * 3 {
        let (of_the_ended, of_the_other) = (world.answer_of_b(&ended), world.bystander_on_b());
        assert!(of_the_ended != 200 || began.elapsed() < BOUND, "it is accepted after {:?}", began.elapsed());
        assert!(matches!(of_the_other, 200 | 503), "they are told {of_the_other}");
    }
    assert_eq!(world.bystander_on_b(), 503, "what is remembered counts no more");
    cluster.resume();
    wait_until("both nodes are ready again", || world.a.is_ready() && world.b.is_ready());
    assert_eq!((world.answer_of_b(&ended), world.bystander_on_b()), (401, 200));
    world.bystander_refreshes_on(world.b.client);
    holds_under("PostgreSQL is back", &world, false);
}

#[test]
fn what_a_node_has_acknowledged_holds_on_the_other_although_it_is_killed_at_once() {
    let mut world = World::start();
    let mut figures = Figures::of("the node that has ended it is killed");
    for _ in 0..ROUNDS {
        let ended = world.ended_on_a();
        world.a.kill();
        figures.add(world.refused_by_b(&ended));
        assert_eq!(world.bystander_on_b(), 200);
        world.bystander_refreshes_on(world.b.client);
        world.restart_a();
        wait_until("the node that was killed reaches Redis again", || world.health_of_a() == "healthy");
    }
    figures.hold();
}

/// As far as clocks of nodes may differ: a token of one is accepted by the other at once, refreshed there, and ended.
#[test]
fn a_clock_that_is_half_a_minute_off_signs_nobody_out_and_lets_nobody_in() {
    for (by, seconds) in [("+30s", 30), ("-30s", -30)] {
        let mut world = World::with_clock_off(by);
        let ahead = world.seconds_that_b_is_ahead();
        assert!((ahead - seconds).abs() < 5, "the clock of B is {ahead} s ahead, and should be {by}");
        holds_under(&format!("the clock of one node is {by} off"), &world, false);
        for client in [world.a.client, world.b.client, world.a.client] {
            world.bystander_refreshes_on(client);
            assert_eq!(world.bystander_on_b(), 200, "{by}");
        }
        let ended = world.ended_on_a();
        world.refused_by_b(&ended);
        for _ in 0..20 {
            assert_eq!(world.answer_of_b(&ended), 401, "{by}");
            pause(Duration::from_millis(50));
        }
    }
}
