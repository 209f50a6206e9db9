//! `kill -9` at any moment loses nothing that was acknowledged.
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorward_testkit::SeededRandom;
use serde_json::{Value, json};

use crate::client::{Client, access};
use crate::place::{Kind, PASSWORD, Place};
use crate::server::pause;

const ROUNDS: usize = 15;
const WRITERS: usize = 3;

on_both_databases! {
    whatever_was_acknowledged_before_a_kill_holds_after_it;
}

/// What the server has said is done.
#[derive(Default)]
struct Acknowledged {
    accounts: Vec<String>,
    ended: Vec<Value>,
}

fn whatever_was_acknowledged_before_a_kill_holds_after_it(kind: Kind) {
    let place = Place::on(kind).set("DOORWARD_TELEMETRY__LOG_LEVEL", "warn");
    let random = SeededRandom::new(9);
    let (mut total, mut round) = ((0, 0), 0);
    // On a busy machine little is written before it is killed: then there are more rounds.
    while round < ROUNDS || total.0 <= ROUNDS || total.1 <= ROUNDS {
        assert!(round < 5 * ROUNDS, "too little was written for the test to mean anything: {total:?}");
        let moment = Duration::from_millis(30 + random.next() % 400);
        let acknowledged = write_until_killed(&place, round, moment);
        total = (total.0 + acknowledged.accounts.len(), total.1 + acknowledged.ended.len());
        let when = format!("round {round}, killed after {moment:?}");
        holds(place.start().client, &acknowledged, &when);
        // A line for each account, each sign-in and each session that was ended.
        let audited = audited(&place, &when);
        assert!(audited >= total.0 + 2 * total.1, "{when}: {audited} audit lines about {total:?}");
        round += 1;
    }
    println!("{} accounts and {} ended sessions on {kind:?}, {round} rounds", total.0, total.1);
}

/// The log is verified; returns the number of its lines.
fn audited(place: &Place, when: &str) -> usize {
    let verified = place.command(&["audit", "verify", "--output", "json"]).output().expect("the binary can be started");
    assert!(verified.status.success(), "{when}: {verified:?}");
    let verdict: Value = serde_json::from_slice(&verified.stdout).expect("it answers in JSON");
    let lines = verdict["intact_to"].as_u64().zip(verdict["unsealed"].as_u64()).map(|(sealed, rest)| sealed + rest);
    usize::try_from(lines.expect("both are numbers")).expect("a number of lines")
}

fn write_until_killed(place: &Place, round: usize, moment: Duration) -> Acknowledged {
    let mut server = place.start();
    let (client, killed) = (server.client, AtomicBool::new(false));
    let acknowledged = Mutex::new(Acknowledged::default());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (killed, acknowledged) = (&killed, &acknowledged);
            scope.spawn(move || {
                let mut emails = (0..).map(|n| format!("r{round}-w{writer}-{n}@example.com"));
                while !killed.load(Ordering::Relaxed) {
                    let email = emails.next().expect("numbers do not end");
                    write(client, &email, acknowledged);
                }
            });
        }
        pause(moment);
        server.kill();
        killed.store(true, Ordering::Relaxed);
    });
    acknowledged.into_inner().expect("no writer panics")
}

/// Registers an account, signs in, ends the session: noting each thing only when the server has said so.
fn write(client: Client, email: &str, acknowledged: &Mutex<Acknowledged>) -> Option<()> {
    let note = |write: &dyn Fn(&mut Acknowledged)| write(&mut acknowledged.lock().expect("no writer panics"));
    let body = json!({"email": email, "password": PASSWORD});
    client.post("/api/v1/auth/register", &body).try_send().ok()?.expect_status(201);
    note(&|all| all.accounts.push(email.to_owned()));
    let body = json!({"identifier": email, "password": PASSWORD});
    let tokens = client.post("/api/v1/auth/login", &body).try_send().ok()?.expect_status(200).json();
    let logout = client.request("POST", "/api/v1/auth/logout").bearer(tokens["access_token"].as_str()?);
    logout.try_send().ok()?.expect_status(204);
    note(&|all| all.ended.push(tokens.clone()));
    Some(())
}

fn holds(client: Client, acknowledged: &Acknowledged, when: &str) {
    for email in &acknowledged.accounts {
        let body = json!({"identifier": email, "password": PASSWORD});
        let answer = client.post("/api/v1/auth/login", &body).send();
        assert_eq!(answer.status, 200, "{when}: {email} is lost: {answer:?}");
    }
    for tokens in &acknowledged.ended {
        let me = client.get("/api/v1/users/me").bearer(access(tokens)).send();
        assert_eq!(me.status, 401, "{when}: an ended session lives again: {me:?}");
        let body = json!({"refresh_token": tokens["refresh_token"]});
        let refresh = client.post("/api/v1/auth/refresh", &body).send();
        assert_eq!(refresh.status, 401, "{when}: an ended session lives again: {refresh:?}");
    }
}
