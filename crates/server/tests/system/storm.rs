//! A storm of wrong passwords against one account. Hashing is kept apart from everything else and is fair between accounts,
//! so that whoever is signed in feels nothing of it, and whoever has another account gets in.
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Answer, Client, access};
use crate::nodes::redis::RedisServer;
use crate::place::{Kind, PASSWORD, Place};
use crate::readers::{joined, p99};
use crate::server::pause;

const ATTACKERS: usize = 64;
/// Fewer than come: most of the attackers are turned away, and would keep others out if the queue were not fair.
const QUEUE: &str = "16";
const VICTIM: &str = "victim@example.com";
const READER: &str = "reader@example.com";
const HONEST: &str = "honest@example.com";
const CALM: Duration = Duration::from_secs(2);
const STORM: Duration = Duration::from_secs(4);
/// How many times as long as a lone one a sign-in may take: it waits until one of the attackers' hashes is done, and then
/// shares a core with three more.
const SHARED: u32 = 12;
/// What it may take on any machine, however busy.
const BUSY: Duration = Duration::from_secs(8);

/// Ends the storm, also when the test fails: else its attackers would go on for ever.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn attack(client: Client, is_over: &AtomicBool) -> Vec<Answer> {
    let (mut answers, body) = (Vec::new(), json!({"identifier": VICTIM, "password": "velvet-harbor-onion-99"}));
    while !is_over.load(Ordering::Relaxed) {
        let answer = client.post("/api/v1/auth/login", &body).send();
        // One who is turned away at once would only measure how fast this test can connect.
        if answer.status != 401 {
            pause(Duration::from_millis(100));
        }
        answers.push(answer);
    }
    answers
}

/// Nothing but what the pages of the documentation say. Answers how many were wrong, and how many turned away.
#[track_caller]
fn judged(answers: &[Answer]) -> (usize, usize) {
    let (wrong, turned_away): (Vec<&Answer>, _) = answers.iter().partition(|answer| answer.status == 401);
    for answer in &wrong {
        answer.refused(401, "invalid_credentials");
    }
    for answer in &turned_away {
        answer.refused(503, "hashing_overloaded");
        let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse::<u64>().ok());
        assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:?}");
    }
    assert!(answers.iter().all(|answer| answer.header("content-type") == Some("application/problem+json")));
    (wrong.len(), turned_away.len())
}

fn sign_in_takes(client: Client) -> Duration {
    let begun = Instant::now();
    client.sign_in(HONEST, PASSWORD);
    begun.elapsed()
}

fn a_storm_slows_neither_readers_nor_keeps_others_out(place: &Place) {
    let server = place.start();
    let (client, is_over) = (server.client, AtomicBool::new(false));
    for email in [VICTIM, READER, HONEST] {
        client.register(email, PASSWORD);
    }
    let tokens = client.sign_in(READER, PASSWORD);
    let lone = (0..3).map(|_| sign_in_takes(client)).min().expect("there are three");
    let calm = p99(client, access(&tokens), CALM);
    let (stormy, slowest, answers) = std::thread::scope(|scope| {
        let ending = Ending(&is_over);
        let attackers: Vec<_> = (0..ATTACKERS).map(|_| scope.spawn(|| attack(client, &is_over))).collect();
        let readers = scope.spawn(|| p99(client, access(&tokens), STORM));
        pause(STORM / 4);
        let slowest = sign_in_takes(client).max(sign_in_takes(client));
        let stormy = joined(readers);
        drop(ending);
        (stormy, slowest, attackers.into_iter().flat_map(joined).collect::<Vec<_>>())
    });
    let (wrong, turned_away) = judged(&answers);
    println!("a sign-in took {lone:?}, in the storm {slowest:?}; reads {calm:?}, in the storm {stormy:?}");
    assert!(wrong > 0 && turned_away > ATTACKERS, "it was no storm: {wrong} were wrong, {turned_away} turned away");
    // Hashed where requests are answered, a read would wait for one hash at the least, and mostly for many.
    assert!(stormy < lone.max(3 * calm), "reads took {stormy:?}, and {calm:?} before; a lone sign-in {lone:?}");
    assert!(slowest < BUSY.max(SHARED * lone), "a sign-in took {slowest:?}, and {lone:?} before");
}

fn place(kind: Kind) -> Place {
    let place = Place::on(kind).set("DOORWARD_PASSWORDS__HASH_QUEUE", QUEUE);
    place.set("DOORWARD_PASSWORDS__BCRYPT_COST", "12")
}

#[test]
fn on_sqlite_a_storm_of_wrong_passwords_slows_no_reader_and_keeps_no_other_account_out() {
    a_storm_slows_neither_readers_nor_keeps_others_out(&place(Kind::Sqlite));
}

#[test]
fn on_postgres_and_redis_a_storm_of_wrong_passwords_slows_no_reader_and_keeps_no_other_account_out() {
    let redis = RedisServer::start();
    a_storm_slows_neither_readers_nor_keeps_others_out(&place(Kind::Postgres).set("REDIS_URL", &redis.url()));
}
