//! Requests made up from the OpenAPI document, good and bad: the server never fails, and answers only what the document
//! lists. A seed makes the same requests again, up to ids and tokens.
mod chance;
pub mod document;
mod requests;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use chance::Chance;
use document::{Operation, operations};
use requests::Draft;

const REQUESTS: usize = 1_000;

on_both_databases! {
    no_request_makes_the_server_fail;
}

fn no_request_makes_the_server_fail(kind: Kind) {
    let place = Place::on(kind).with_known_admin();
    let place = place.set("DOORWARD_RATE_LIMIT__ENABLED", "false").set("DOORWARD_TELEMETRY__LOG_LEVEL", "warn");
    let server = place.start();
    let document = server.client.get("/openapi.json").send().json();
    let operations = operations(&document);
    for (seed, who) in [Who::Nobody, Who::User, Who::Admin].into_iter().enumerate() {
        let mut run = Run::new(server.client, &document, who, seed);
        for number in 0..REQUESTS {
            run.request(&operations, number);
        }
        println!("{who:?} on {kind:?}: {:?}", run.statuses);
        run.is_worth_it();
    }
    server.client.get("/health/ready").send().expect_status(200);
    let (_, log) = server.stop();
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    User,
    Admin,
}

/// All requests of one caller.
struct Run<'a> {
    client: Client,
    document: &'a Value,
    chance: Chance,
    who: Who,
    token: String,
    /// Ids, names and cursors that answers have told, to be used again.
    seen: Vec<String>,
    statuses: BTreeMap<u16, usize>,
}

impl<'a> Run<'a> {
    fn new(client: Client, document: &'a Value, who: Who, seed: usize) -> Self {
        let seen = vec!["admin".to_owned(), "user".to_owned(), "users:read".to_owned()];
        let chance = Chance::new(seed);
        Self { client, document, chance, who, token: String::new(), seen, statuses: BTreeMap::new() }
    }

    fn request(&mut self, operations: &[Operation], number: usize) {
        // A generated request may have ended the session, disabled the account or deleted it.
        if number.is_multiple_of(20) {
            self.sign_in();
        }
        let operation = self.chance.pick(operations);
        let mut draft = Draft::of(operation, self.document, &mut self.chance, &self.seen);
        if self.who != Who::Nobody {
            draft.headers.push(("Authorization".to_owned(), format!("Bearer {}", self.token)));
        }
        let answer = draft.send(self.client);
        *self.statuses.entry(answer.status).or_default() += 1;
        assert_allowed(operation, &draft, &answer);
        self.remember(&answer);
    }

    fn sign_in(&mut self) {
        let email = match self.who {
            Who::Nobody => return,
            Who::User => "ann@example.com",
            Who::Admin => ADMIN,
        };
        let sign_in = json!({"identifier": email, "password": PASSWORD});
        let sign_in = |client: Client| client.post("/api/v1/auth/login", &sign_in).send();
        let mut answer = sign_in(self.client);
        if answer.status != 200 {
            self.client.register(email, PASSWORD);
            answer = sign_in(self.client);
        }
        answer = answer.expect_status(200);
        self.token = answer.json()["access_token"].as_str().expect("it is a text").to_owned();
    }

    fn remember(&mut self, answer: &Answer) {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let items = body["items"].as_array().cloned().unwrap_or_default();
        for thing in items.iter().chain([&body]) {
            for key in ["id", "name", "session_id", "next_cursor", "refresh_token"] {
                self.seen.extend(thing[key].as_str().map(str::to_owned));
            }
        }
        self.seen.extend(answer.header("etag").map(str::to_owned));
        let oldest = self.seen.len().saturating_sub(200);
        self.seen.drain(..oldest);
    }

    /// Requests that are all refused at the door would prove nothing.
    fn is_worth_it(&self) {
        let count = |statuses: std::ops::Range<u16>| self.statuses.range(statuses).map(|(_, n)| n).sum::<usize>();
        assert!(count(200..300) > REQUESTS / 20 && count(400..500) > REQUESTS / 20, "{:?}", self.statuses);
        if self.who == Who::Admin {
            assert!(count(200..300) > REQUESTS / 5, "{:?}", self.statuses);
        }
    }
}

/// These speak OAuth (RFC 6749 §5.2), whose clients know no problem documents.
const OAUTH: [&str; 4] =
    ["/api/v1/auth/token", "/api/v1/auth/introspect", "/api/v1/auth/revoke", "/api/v1/auth/backchannel-logout/{name}"];

fn assert_allowed(operation: &Operation, draft: &Draft, answer: &Answer) {
    let told = || format!("{draft:?}\nwas answered {answer:?}");
    assert!(answer.status < 500, "the server failed: {}", told());
    let listed = operation.answers.get(&answer.status);
    assert!(listed.is_some(), "the document does not list that status: {}", told());
    if answer.status < 400 {
        return;
    }
    let code = format!("`{}`", answer.code());
    assert!(listed.is_some_and(|codes| codes.contains(&code)), "the document does not list that code: {}", told());
    let (kind, body) = (answer.header("content-type"), answer.json());
    assert!(body["correlation_id"].is_string(), "{}", told());
    if OAUTH.contains(&operation.path.as_str()) {
        assert_eq!((kind, body["error"].is_string()), (Some("application/json"), true), "{}", told());
    } else {
        assert_eq!((kind, &body["status"]), (Some("application/problem+json"), &answer.status.into()), "{}", told());
    }
}
