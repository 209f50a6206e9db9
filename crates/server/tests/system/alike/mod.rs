//! One conversation, the same on both databases: status, headers and bodies.
mod accounts;
mod admins;
mod normalise;
mod refusals;
mod sessions;
mod transcript;

use serde_json::Value;

use crate::place::{Kind, PASSWORD, Place};
use transcript::Transcript;

on_both_databases! {
    accounts_answer_as_written;
    sessions_answer_as_written;
    administration_answers_as_written;
    refusals_answer_as_written;
}

/// Its name, and what is said.
type Conversation = (&'static str, fn(&mut Talk));

const ACCOUNTS: Conversation = ("accounts", accounts::script);
const SESSIONS: Conversation = ("sessions", sessions::script);
const ADMINISTRATION: Conversation = ("administration", admins::script);
const REFUSALS: Conversation = ("refusals", refusals::script);

fn accounts_answer_as_written(kind: Kind) {
    answers_as_written(Place::on(kind), ACCOUNTS);
}

fn sessions_answer_as_written(kind: Kind) {
    answers_as_written(Place::on(kind), SESSIONS);
}

fn administration_answers_as_written(kind: Kind) {
    answers_as_written(Place::on(kind), ADMINISTRATION);
}

fn refusals_answer_as_written(kind: Kind) {
    answers_as_written(Place::on(kind), REFUSALS);
}

/// Holds every conversation, each at a new place.
pub fn all_answer_as_written(mut new_place: impl FnMut() -> Place) {
    for conversation in [ACCOUNTS, SESSIONS, ADMINISTRATION, REFUSALS] {
        answers_as_written(new_place(), conversation);
    }
}

fn answers_as_written(place: Place, (name, script): Conversation) {
    let place = place.with_known_admin();
    let server = place.start();
    let mut talk = Talk { to: Transcript::with(server.client), token: String::new() };
    script(&mut talk);
    insta::assert_snapshot!(name, talk.to.finish());
}

/// A transcript of somebody who may be signed in.
struct Talk {
    to: Transcript,
    /// Shown with every call, unless it is empty.
    token: String,
}

impl Talk {
    #[track_caller]
    fn get(&mut self, what: &str, path: &str) -> Value {
        self.call(what, "GET", path, &[], None)
    }

    #[track_caller]
    fn put(&mut self, what: &str, path: &str) -> Value {
        self.call(what, "PUT", path, &[], None)
    }

    #[track_caller]
    fn delete(&mut self, what: &str, path: &str) -> Value {
        self.call(what, "DELETE", path, &[], None)
    }

    #[track_caller]
    fn post(&mut self, what: &str, path: &str, body: Value) -> Value {
        self.call(what, "POST", path, &[], Some(body))
    }

    #[track_caller]
    fn patch(&mut self, what: &str, path: &str, body: Value) -> Value {
        self.call(what, "PATCH", path, &[], Some(body))
    }

    /// Answers the body, where it is JSON.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "bodies are written where they are sent")]
    fn call(&mut self, what: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Value {
        let token = self.token.clone();
        let answer = self.to.call(what, method, path, |mut request| {
            if !token.is_empty() {
                request = request.bearer(&token);
            }
            for (name, value) in headers {
                request = request.header(name, value);
            }
            if let Some(body) = &body { request.json(body) } else { request }
        });
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// Signs in, and goes on as that account.
    #[track_caller]
    fn sign_in(&mut self, identifier: &str) -> Value {
        let body = serde_json::json!({"identifier": identifier, "password": PASSWORD});
        let tokens = self.post(&format!("sign in as {identifier}"), "/api/v1/auth/login", body);
        self.token = text(&tokens["access_token"]);
        tokens
    }

    /// Tries to, and is refused.
    #[track_caller]
    fn sign_in_refused(&mut self, identifier: &str) {
        let body = serde_json::json!({"identifier": identifier, "password": PASSWORD});
        let refusal = self.post(&format!("sign in as {identifier}"), "/api/v1/auth/login", body);
        assert!(refusal["code"].is_string(), "{refusal}");
    }

    fn as_nobody(&mut self) {
        self.token.clear();
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}
