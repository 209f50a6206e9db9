use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Answer, PASSWORD, Place, described, free_address, names};

/// Within this time, changes of the command line take effect on a server.
const FELT_WITHIN: Duration = Duration::from_secs(1);

/// A place with a server that runs in it.
struct Served {
    place: Place,
    address: SocketAddr,
    server: Child,
}

impl Served {
    fn start() -> Self {
        let place = Place::empty();
        let address = free_address();
        let mut command = place.command(&["serve"]);
        command.env("DOORWARD_HTTP__BIND", address.to_string()).env("DOORWARD_BOOTSTRAP__ADMIN_PASSWORD", PASSWORD);
        let mut server = command.stderr(Stdio::null()).spawn().expect("the server can be started");
        let mut said = BufReader::new(server.stdout.take().expect("standard output is piped"));
        let mut first = String::new();
        said.read_line(&mut first).expect("the server speaks");
        assert!(first.contains(&address.to_string()), "it did not start: {first:?}");
        Self { place, address, server }
    }

    /// Status and body of a call.
    fn call(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).expect("the server takes a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers in UTF-8");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer has a status");
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    fn sign_in(&self, identifier: &str, password: &str) -> (u16, Value) {
        let body = json!({"identifier": identifier, "password": password});
        let (status, answer) = self.call("POST", "/api/v1/auth/login", "", &body);
        (status, answer.get("access_token").or(answer.get("code")).cloned().unwrap_or_default())
    }

    fn token(&self, identifier: &str) -> String {
        let (status, token) = self.sign_in(identifier, PASSWORD);
        assert_eq!(status, 200, "{token}");
        token.as_str().expect("a token is a text").to_owned()
    }

    fn status_with(&self, token: &str) -> u16 {
        self.call("GET", "/api/v1/users/me", token, &Value::Null).0
    }

    #[track_caller]
    fn refuses_in_time(&self, token: &str) {
        let begun = Instant::now();
        while self.status_with(token) != 401 {
            assert!(begun.elapsed() < FELT_WITHIN, "the server still accepts the token");
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has then told.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn an_account_made_beside_a_server_can_sign_in_to_it() {
    let served = Served::start();
    served.place.create(&["bob@example.com"]);
    assert_eq!(served.status_with(&served.token("bob@example.com")), 200);
}

#[test]
fn a_disabled_account_is_refused_by_the_server_within_a_second() {
    let served = Served::start();
    served.place.create(&["bob@example.com"]);
    let token = served.token("bob@example.com");
    served.place.run(&["user", "disable", "bob@example.com"]).done();
    served.refuses_in_time(&token);
    assert_eq!(served.sign_in("bob@example.com", PASSWORD), (403, json!("account_disabled")));
}

#[test]
fn a_new_password_ends_the_sessions_and_replaces_the_old_one() {
    let served = Served::start();
    let token = served.token("admin@doorward.local");
    let line = ["user", "set-password", "admin@doorward.local"];
    served.place.told("another-violin-marsh-43\n", &line).done();
    served.refuses_in_time(&token);
    assert_eq!(served.sign_in("admin@doorward.local", PASSWORD).0, 401);
    assert_eq!(served.sign_in("admin@doorward.local", "another-violin-marsh-43").0, 200);
}

#[test]
fn sessions_are_listed_and_ended() {
    let served = Served::start();
    let tokens = [served.token("admin@doorward.local"), served.token("admin@doorward.local")];
    let list = ["user", "sessions", "admin@doorward.local", "--output", "json"];
    let sessions = served.place.run(&list).done().json();
    assert_eq!((sessions.as_array().unwrap().len(), names(&sessions[0])), (2, described("Session")));
    served.place.run(&["user", "sign-out", "admin@doorward.local"]).done();
    tokens.iter().for_each(|token| served.refuses_in_time(token));
    assert_eq!(served.place.run(&list).done().json(), json!([]));
}

#[test]
fn an_account_locked_by_wrong_passwords_is_unlocked() {
    let served = Served::start();
    for _ in 0..5 {
        assert_eq!(served.sign_in("admin@doorward.local", "wrong").0, 401);
    }
    assert_eq!(served.sign_in("admin@doorward.local", PASSWORD).0, 401);
    served.place.run(&["user", "unlock", "admin@doorward.local"]).done();
    assert_eq!(served.sign_in("admin@doorward.local", PASSWORD).0, 200);
}

#[test]
fn a_role_granted_beside_a_server_is_felt_by_a_running_session() {
    let served = Served::start();
    served.place.create(&["bob@example.com"]);
    let token = served.token("bob@example.com");
    let status = || served.call("GET", "/api/v1/users", &token, &Value::Null).0;
    assert_eq!(status(), 403);
    served.place.run(&["user", "grant", "bob@example.com", "admin"]).done();
    let begun = Instant::now();
    while status() != 200 {
        assert!(begun.elapsed() < FELT_WITHIN, "the server has not heard of the role");
    }
}

#[test]
fn the_doctor_knows_a_running_server() {
    let served = Served::start();
    let mut command = served.place.command(&["doctor"]);
    command.env("DOORWARD_HTTP__BIND", served.address.to_string());
    let said = Answer::of(command).done().out;
    assert!(said.contains(&format!("ok    address: a Doorward server answers at {}\n", served.address)), "{said}");
}

#[test]
fn a_server_that_runs_is_asked_for_its_health() {
    let served = Served::start();
    let doctor = |line: &[&str]| {
        let mut command = served.place.command(line);
        command.env("DOORWARD_HTTP__BIND", served.address.to_string());
        Answer::of(command).done().json()
    };
    let ready = doctor(&["doctor", "--server", "--output", "json"]);
    assert_eq!((&ready[1]["check"], &ready[1]["state"]), (&json!("server"), &json!("ok")));
    let all = doctor(&["doctor", "--output", "json"]);
    let found = |check: &str| {
        let findings = all.as_array().expect("it is a list").iter();
        findings.filter(|finding| finding["check"] == check).map(|it| (it["state"].clone(), it["found"].clone())).next()
    };
    assert_eq!(found("server"), Some((json!("ok"), json!("it is healthy"))));
    let address = format!("a Doorward server answers at {}", served.address);
    assert_eq!(found("address"), Some((json!("ok"), json!(address))));
}
