//! What is claimed of requests that arrive at once, over the front door.
use std::collections::BTreeSet;
use std::sync::Barrier;

use serde_json::{Value, json};

use crate::client::{Answer, Client, Request, access};
use crate::place::{ADMIN, Kind, PASSWORD, Place};

const AT_ONCE: usize = 32;

on_both_databases! {
    one_refresh_token_shown_by_many_at_once_gives_one_next_generation;
    of_many_registrations_of_one_address_one_makes_an_account;
    of_two_administrators_who_demote_each_other_one_stays;
}

/// Sends these requests at the same moment.
fn at_once(requests: Vec<Request>) -> Vec<Answer> {
    let start = Barrier::new(requests.len());
    std::thread::scope(|scope| {
        let send = |request: Request| {
            scope.spawn(|| {
                start.wait();
                request.send()
            })
        };
        let sent: Vec<_> = requests.into_iter().map(send).collect();
        sent.into_iter().map(|thread| thread.join().expect("a request is answered")).collect()
    })
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// The claims of a token, unverified.
fn claims(token: &Value) -> Value {
    let body = token.as_str().and_then(|token| token.split('.').nth(1)).expect("a token has three parts");
    serde_json::from_slice(&base64url(body)).expect("claims are JSON")
}

fn base64url(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = |c: u8| alphabet.iter().position(|known| *known == c).expect("it is base64url");
    let (mut bits, mut held, mut bytes) = (0_usize, 0, Vec::new());
    for c in text.bytes() {
        (bits, held) = ((bits << 6 | value(c)) & 0xffff, held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("it is masked"));
        }
    }
    bytes
}

fn one_refresh_token_shown_by_many_at_once_gives_one_next_generation(kind: Kind) {
    let place = Place::on(kind);
    let server = place.start();
    server.client.register("ann@example.com", PASSWORD);
    let tokens = server.client.sign_in("ann@example.com", PASSWORD);
    let body = json!({"refresh_token": tokens["refresh_token"]});
    let answers = at_once((0..AT_ONCE).map(|_| server.client.post("/api/v1/auth/refresh", &body)).collect());
    assert_eq!(count(&answers, 200), AT_ONCE, "{answers:?}");
    let generations: BTreeSet<String> =
        answers.iter().map(|answer| claims(&answer.json()["refresh_token"])["jti"].to_string()).collect();
    assert_eq!(generations.len(), 1, "{generations:?}");
    let next = answers[0].json();
    let me = server.client.get("/api/v1/users/me").bearer(access(&next));
    me.send().expect_status(200);
    let body = json!({"refresh_token": next["refresh_token"]});
    server.client.post("/api/v1/auth/refresh", &body).send().expect_status(200);
}

fn of_many_registrations_of_one_address_one_makes_an_account(kind: Kind) {
    let place = Place::on(kind);
    let server = place.start();
    let body = json!({"email": "ann@example.com", "password": PASSWORD});
    let answers = at_once((0..AT_ONCE).map(|_| server.client.post("/api/v1/auth/register", &body)).collect());
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, AT_ONCE - 1), "{answers:?}");
    assert!(answers.iter().filter(|answer| answer.status == 409).all(|answer| answer.code() == "email_taken"));
}

fn of_two_administrators_who_demote_each_other_one_stays(kind: Kind) {
    let place = Place::on(kind).with_known_admin();
    let server = place.start();
    let (first, second) = two_administrators(server.client);
    for _ in 0..8 {
        let demote = |by: &Admin, whom: &Admin| {
            let path = format!("/api/v1/users/{}/roles/admin", whom.id);
            server.client.request("DELETE", &path).bearer(&by.token)
        };
        let answers = at_once(vec![demote(&first, &second), demote(&second, &first)]);
        assert_eq!(count(&answers, 204), 1, "{answers:?}");
        let (loser, winner) = if answers[0].status == 204 { (&second, &first) } else { (&first, &second) };
        let refused = answers.iter().find(|answer| answer.status != 204).expect("one was refused");
        assert!(matches!(refused.status, 403 | 409), "{refused:?}");
        let path = format!("/api/v1/users/{}/roles/admin", loser.id);
        server.client.request("PUT", &path).bearer(&winner.token).send().expect_status(200);
    }
}

struct Admin {
    id: String,
    token: String,
}

fn two_administrators(client: Client) -> (Admin, Admin) {
    let admin = |email: &str| {
        let tokens = client.sign_in(email, PASSWORD);
        let text = |name: &str| tokens[name].as_str().expect("it is a text").to_owned();
        Admin { id: text("user_id"), token: text("access_token") }
    };
    let first = admin(ADMIN);
    let body = json!({"email": "second@example.com", "password": PASSWORD, "roles": ["admin"]});
    client.post("/api/v1/users", &body).bearer(&first.token).send().expect_status(201);
    (first, admin("second@example.com"))
}
