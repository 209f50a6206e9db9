//! Whatever callers send and the server answers, nothing secret or personal is in its outputs, also at the most talkative
//! level of the log.
//!
//! The requests are made from the OpenAPI document, so that a new operation, or a new member of a body, fails the test
//! until `calls.rs` has a marked request for it.
mod calls;
mod request;
mod spoiled;

use std::collections::BTreeSet;
use std::process::Command;

use doorward_testkit::Marks;
use doorward_testkit::collector::Collector;
use serde_json::Value;

use calls::World;
use request::Call;

use crate::client::Answer;
use crate::database::{program, sql};
use crate::generator::document::{Operation, operations, resolve};
use crate::identity_provider::{self, IdentityProvider};
use crate::nodes::redis::RedisServer;
use crate::place::{Kind, Place};
use crate::providers;

/// Everything that our code and libraries can log.
const EVERYTHING: &str = "trace,actix_http=trace,actix_web=trace,tokio_postgres=trace,redis=trace,mio=trace";

on_both_databases! {
    no_secret_is_in_the_log_for_people;
    no_secret_is_in_the_log_for_collectors;
}

fn no_secret_is_in_the_log_for_people(kind: Kind) {
    no_secret_is_printed(kind, "text");
}

fn no_secret_is_in_the_log_for_collectors(kind: Kind) {
    no_secret_is_printed(kind, "json");
}

fn no_secret_is_printed(kind: Kind, format: &str) {
    let mut marks = Marks::default();
    let redis_password = marks.mark();
    let mut redis = (kind == Kind::Postgres).then(|| RedisServer::with(&format!("requirepass {redis_password}\n")));
    let collector = Collector::start();
    let provider = IdentityProvider::start();
    let mut place = providers::configured(place(kind, format, &mut marks), &provider)
        .set("DOORWARD_TELEMETRY__OTLP_ENDPOINT", &collector.url());
    if let Some(redis) = &redis {
        place = place.set("REDIS_URL", &format!("redis://:{redis_password}@{}", redis.address()));
    }
    let server = place.start();
    let document = server.client.get("/openapi.json").send().json();
    let mut run =
        Run { world: World::of(&place, server.client, provider, marks), sent: Vec::new(), echoes: Vec::new() };
    for operation in operations(&document) {
        run.ask(&document, &operation);
    }
    if let Some(redis) = &mut redis {
        run.in_trouble(&place, redis);
    }
    let metrics = server.client.get("/metrics").send().expect_status(200).body;
    nothing_secret_is_at_rest(&place, &run.world.marks);
    let (out, log) = server.stop();

    let Run { world: World { marks, .. }, sent, echoes } = run;
    assert_eq!(echoes, [""; 0]);
    assert!(marks.issued() > 100, "too few tokens were issued: {}", marks.issued());
    let admin = format!("email: {}", place.setting("DOORWARD_BOOTSTRAP__ADMIN_EMAIL"));
    assert_eq!(marks.found_in(&out), [&admin], "the first start shows the address, and nothing else");
    assert_eq!(marks.found_in(&metrics), [""; 0], "the metrics");
    assert_eq!(marks.found_in(&format!("{:#?}", collector.spans())), [""; 0], "the traces");
    let found = marks.found_in(&log);
    assert!(found.is_empty(), "{} lines of the log, such as {:#?}", found.len(), &found[..found.len().min(20)]);
    assert_eq!(Marks::beginning(spoiled::NAME).found_in(&log), [""; 0], "what a caller named");
    is_complete(&log, &sent);
}

/// The database keeps marks of people, such as their addresses. Passwords, tokens, codes, keys and the secrets of settings are in
/// no file of SQLite, and in no dump of PostgreSQL.
fn nothing_secret_is_at_rest(place: &Place, marks: &Marks) {
    let rest = at_rest(place);
    assert!(rest.contains("@zqmark"), "no account is there, so that nothing else is would prove nothing");
    for secret in ["copper-violin-", "PRIVATE KEY", identity_provider::SECRET] {
        assert_eq!(Marks::beginning(secret).found_in(&rest), [""; 0]);
    }
    assert_eq!(marks.issued_in(&rest), [""; 0], "an issued secret");
    assert!(!rest.contains(place.setting("DOORWARD_SECRETS__SEALING_KEY")), "the sealing key");
}

/// What somebody finds who has the disk of SQLite, or a dump of PostgreSQL.
fn at_rest(place: &Place) -> String {
    let Some((_, url)) = place.settings().find(|(name, _)| *name == "DATABASE_URL") else {
        let files = ["doorward.db", "doorward.db-wal"].map(|name| std::fs::read(place.data().join(name)));
        let bytes = files.into_iter().flat_map(|bytes| bytes.expect("the file is there")).collect::<Vec<u8>>();
        return String::from_utf8_lossy(&bytes).into_owned();
    };
    let dump = Command::new(program("pg_dump")).args(["--dbname", url]).output().expect("pg_dump can be started");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    String::from_utf8(dump.stdout).expect("the dump is text")
}

/// All secrets of the settings are marked.
fn place(kind: Kind, format: &str, marks: &mut Marks) -> Place {
    let place = Place::on(kind).set("DOORWARD_TELEMETRY__LOG_LEVEL", EVERYTHING);
    let sealing_key = calls::base64(&format!("{:032}", marks.mark()));
    let place = place
        .set("DOORWARD_TELEMETRY__LOG_FORMAT", format)
        .set("DOORWARD_TELEMETRY__OTLP_HEADERS", &format!("authorization=Bearer%20{}", marks.mark()))
        .set("DOORWARD_SECRETS__SEALING_KEY", &sealing_key)
        .set("DOORWARD_BOOTSTRAP__ADMIN_EMAIL", &marks.email())
        .set("DOORWARD_BOOTSTRAP__ADMIN_PASSWORD", &marks.password())
        .set("DOORWARD_RATE_LIMIT__ENABLED", "false")
        .set("DOORWARD_HTTP__SESSION_COOKIE", "true");
    if kind == Kind::Sqlite {
        return place;
    }
    // The server of the tests asks for no password, and so it takes any.
    let url = place.setting("DATABASE_URL").to_owned();
    let (user, rest) = url.split_once('@').expect("the URL names a user");
    let password = if user.matches(':').count() == 1 { format!(":{}", marks.mark()) } else { String::new() };
    place.set("DATABASE_URL", &format!("{user}{password}@{rest}"))
}

/// The log has a line for each request, and the most talkative level: else that nothing is in it would prove nothing.
fn is_complete(log: &str, sent: &[String]) {
    let logged: BTreeSet<&str> = log.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let missing = sent.iter().filter(|id| !logged.contains(id.as_str())).count();
    assert!(sent.len() > 1_000 && missing == 0, "of {} requests, {missing} are not in the log", sent.len());
    assert!(log.contains("TRACE") && log.contains("port call"), "nothing is logged at the most talkative level");
}

struct Run {
    world: World,
    /// The correlation ids of requests that must be in the log.
    sent: Vec<String>,
    /// The refusals that repeat what was sent.
    echoes: Vec<String>,
}

impl Run {
    /// Sends everything that there is for this operation.
    fn ask(&mut self, document: &Value, operation: &Operation) {
        let calls = self.world.calls(operation);
        is_whole(document, operation, &calls);
        let mut successes = 0;
        for call in &calls {
            successes += usize::from(self.send(call).status < 400);
        }
        assert!(successes > 0, "no request of {} succeeds, so none proves anything: {calls:#?}", operation.id);
        // Anew, because a call may have ended or deleted what it was about.
        let calls = self.world.calls(operation);
        let marks = &mut self.world.marks;
        let mut spoiled = spoiled::around(operation, &calls[0], marks);
        spoiled.extend(calls.iter().flat_map(|call| spoiled::by_members(call, marks)));
        for call in spoiled {
            self.send(&call);
        }
    }

    fn send(&mut self, call: &Call) -> Answer {
        let id = format!("control{}", self.sent.len());
        let answer = call.send(self.world.client, &id);
        // What can't be read as HTTP is answered before anything of it is known.
        if answer.header("x-correlation-id").is_some() {
            self.sent.push(id);
        }
        self.judge(call, &answer);
        answer
    }

    fn judge(&mut self, call: &Call, answer: &Answer) {
        if answer.status < 400 {
            self.world.note_issued(&serde_json::from_str(&answer.body).unwrap_or_default());
            return;
        }
        let told = format!("{:?}\n{}", answer.headers, answer.body);
        if !self.world.marks.found_in(&told).is_empty() {
            self.echoes.push(format!("{} {}: {told}", call.method, call.target));
        }
    }

    /// The texts of a database and of Redis that fail are logged, and contain nothing of the statement.
    fn in_trouble(&mut self, place: &Place, redis: &mut RedisServer) {
        let url = place.setting("DATABASE_URL");
        sql(url, "ALTER TABLE users ADD CONSTRAINT refused CHECK (email NOT LIKE '%refused%') NOT VALID");
        let email = format!("{}@refused.example.com", self.world.marks.mark());
        let account = serde_json::json!({"email": email, "password": self.world.marks.password()});
        let call = Call::new("POST", "/api/v1/auth/register").json(&account);
        assert_eq!(self.send(&call).code(), "internal");
        redis.kill();
        let call = Call::new("GET", "/api/v1/users/me/sessions").bearer(&self.world.marks.mark());
        self.send(&call);
    }
}

/// The calls send each member that the document knows, so that none is forgotten.
fn is_whole(document: &Value, operation: &Operation, calls: &[Call]) {
    let Some(schema) = &operation.body else { return };
    let schema = resolve(document, schema);
    let known = schema["properties"].as_object().expect("a body has members").keys();
    let sent: Vec<Value> = calls.iter().filter_map(Call::members).collect();
    for name in known {
        assert!(
            sent.iter().any(|body| !body[name].is_null()),
            "no request of {} sends `{name}`: add it to masking/calls.rs, with a mark if it takes a secret or personal data",
            operation.id
        );
    }
}
