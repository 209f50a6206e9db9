//! Providers in the database: added and changed while servers run, by REST and by the command line.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, access};
use crate::identity_provider::{CLIENT, IdentityProvider, SECRET};
use crate::metrics::scraped;
use crate::nodes::redis::RedisServer;
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::providers::{APP, begun_with, configured, redeeming, walked_with};
use crate::server::{pause, wait_until};

const ROUTE: &str = "/api/v1/providers";
const WORK: &str = "/api/v1/providers/work";
const WITHIN: Duration = Duration::from_secs(1);
/// All nodes have one sealing key.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn place(kind: Kind) -> Place {
    let place = Place::on(kind).with_known_admin().set("DOORWARD_OAUTH__ALLOWED_REDIRECT_URIS", APP);
    let url = format!("http://{}", place.address());
    place.set("DOORWARD_SECRETS__SEALING_KEY", KEY).set("DOORWARD_HTTP__PUBLIC_URL", &url)
}

fn work(provider: &IdentityProvider) -> Value {
    json!({
        "name": "work", "kind": "oidc", "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET,
        "display_name": "Work",
    })
}

/// What comes of beginning a sign-in.
fn begins(client: Client) -> u16 {
    begun_with(client, "work").status
}

#[track_caller]
fn within_a_second(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < WITHIN, "{what}: not within a second");
        pause(Duration::from_millis(10));
    }
    println!("{what} after {:?}", begun.elapsed());
}

fn signs_in(client: Client, provider: &IdentityProvider, person: &str) -> Value {
    let begun = begun_with(client, "work").expect_status(200).json();
    let url = begun["authorization_url"].as_str().expect("it is a URL");
    let location = walked_with(client, provider, "work", url, (person, &format!("{person}@example.com")));
    client.post("/api/v1/auth/token", &redeeming(&location)).send().expect_status(200).json()
}

/// A provider is added, disabled, enabled and removed at one node, and used at another.
fn is_felt_at_the_other(first: Client, second: Client) {
    let provider = IdentityProvider::start();
    let tokens = first.sign_in(ADMIN, PASSWORD);
    let token = access(&tokens);
    assert_eq!(begins(second), 404);
    let added = first.post(ROUTE, &work(&provider)).bearer(token).send().expect_status(201);
    let version = added.header("etag").expect("it has a version").to_owned();
    assert!(!added.body.contains(SECRET), "{}", added.body);
    within_a_second("a provider is added", || begins(second) == 200);
    let person = signs_in(second, &provider, "ann");
    assert_eq!(person["is_new_user"], true);
    second.get("/api/v1/users/me").bearer(access(&person)).send().expect_status(200);
    let counted = || scraped(second).value("doorward_logins_total{outcome=\"success\",provider=\"work\"}").to_string();
    wait_until("its sign-in is counted", || {
        signs_in(second, &provider, "ann");
        counted() != "0"
    });

    let change = |body: &Value| first.request("PATCH", WORK).bearer(token).json(body).send();
    let stale = first.request("PATCH", WORK).bearer(token).header("If-Match", "\"99\"").json(&json!({"position": 1}));
    stale.send().refused(412, "version_mismatch");
    let disabled = first.request("PATCH", WORK).bearer(token).header("If-Match", &version);
    disabled.json(&json!({"enabled": false})).send().expect_status(200);
    within_a_second("a provider is disabled", || begins(second) == 404);
    change(&json!({"enabled": true})).expect_status(200);
    within_a_second("a provider is enabled", || begins(second) == 200);

    first.request("DELETE", WORK).bearer(token).send().refused(409, "provider_in_use");
    assert_eq!(begins(second), 200);
    first.request("DELETE", &format!("{WORK}?force=true")).bearer(token).send().expect_status(204);
    within_a_second("a provider is removed", || begins(second) == 404);
    first.get(WORK).bearer(token).send().refused(404, "provider_not_found");
}

#[test]
fn what_is_done_at_one_node_is_felt_at_another_within_a_second() {
    let place = place(Kind::Postgres);
    let (first, second) = (place.start(), place.another().start());
    is_felt_at_the_other(first.client, second.client);
}

#[test]
fn what_is_done_at_one_node_is_felt_at_another_within_a_second_with_redis() {
    let redis = RedisServer::start();
    let place = place(Kind::Postgres).set("REDIS_URL", &redis.url());
    let (first, second) = (place.start(), place.another().start());
    is_felt_at_the_other(first.client, second.client);
}

#[test]
fn of_32_who_add_a_provider_of_one_name_at_two_nodes_one_does() {
    let place = place(Kind::Postgres);
    let nodes = [place.start(), place.another().start()];
    let provider = IdentityProvider::start();
    let tokens = nodes[0].client.sign_in(ADMIN, PASSWORD);
    let add = |n: usize| {
        let (client, body, token) = (nodes[n % 2].client, work(&provider), access(&tokens).to_owned());
        std::thread::spawn(move || client.post(ROUTE, &body).bearer(&token).send())
    };
    let crowd: Vec<_> = (0..32).map(add).collect();
    let answers: Vec<_> = crowd.into_iter().map(|it| it.join().expect("nobody panics")).collect();
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(won.len(), 1);
    lost.iter().for_each(|answer| answer.refused(409, "provider_exists"));
}

on_both_databases! {
    a_provider_of_the_settings_is_listed_and_immutable;
    the_command_line_manages_providers_beside_a_server;
}

fn a_provider_of_the_settings_is_listed_and_immutable(kind: Kind) {
    let provider = IdentityProvider::start();
    let place = configured(Place::on(kind).with_known_admin(), &provider);
    let server = place.start();
    let client = server.client;
    let tokens = client.sign_in(ADMIN, PASSWORD);
    let token = access(&tokens);
    client.post(ROUTE, &work(&provider)).bearer(token).send().expect_status(201);
    let listed = client.get(ROUTE).bearer(token).send().expect_status(200).json();
    let sources: Vec<_> =
        listed["items"].as_array().into_iter().flatten().map(|it| (&it["name"], &it["source"])).collect();
    assert_eq!(sources, [(&json!("here"), &json!("settings")), (&json!("work"), &json!("database"))]);
    let here = "/api/v1/providers/here";
    let shown = client.get(here).bearer(token).send().expect_status(200);
    assert_eq!((shown.header("etag"), &shown.json()["has_client_secret"]), (None, &json!(true)));
    let change = client.request("PATCH", here).bearer(token).json(&json!({"enabled": false})).send();
    change.refused(409, "provider_in_settings");
    client.request("DELETE", &format!("{here}?force=true")).bearer(token).send().refused(409, "provider_in_settings");
    let mut taken = work(&provider);
    taken["name"] = json!("here");
    client.post(ROUTE, &taken).bearer(token).send().refused(409, "provider_exists");
    let test = client.request("POST", &format!("{here}/test")).bearer(token).send().expect_status(200).json();
    assert_eq!((&test["ok"], test["steps"].as_array().map(Vec::len)), (&json!(true), Some(7)), "{test}");
}

fn the_command_line_manages_providers_beside_a_server(kind: Kind) {
    let provider = IdentityProvider::start();
    let place = place(kind);
    let server = place.start();
    let run = |arguments: &[&str]| {
        let mut command = place.command(&[&["provider"], arguments].concat());
        command.env("THEIRS", SECRET).output().expect("the binary can be started")
    };
    let done = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("it is text")
    };
    let add = ["add", "work", "--kind", "oidc", "--issuer", &provider.issuer, "--client-id", CLIENT];
    let added = done(&[&add[..], &["--client-secret-env", "THEIRS"]].concat());
    assert!(added.contains("/api/v1/auth/callback/work") && !added.contains(SECRET), "{added}");
    within_a_second("a provider is added by the command line", || begins(server.client) == 200);
    signs_in(server.client, &provider, "ann");
    assert!(done(&["test", "work"]).contains("client_credentials"));
    done(&["disable", "work"]);
    within_a_second("a provider is disabled by the command line", || begins(server.client) == 404);
    done(&["enable", "work"]);
    within_a_second("a provider is enabled by the command line", || begins(server.client) == 200);
    let listed: Value = serde_json::from_str(&done(&["list", "--output", "json"])).expect("it is JSON");
    assert_eq!((&listed[0]["name"], &listed[0]["linking"]), (&json!("work"), &json!("ask")));
    done(&["update", "work", "--linking", "never", "--client-secret-env", "THEIRS", "--position", "3"]);
    let shown: Value = serde_json::from_str(&done(&["show", "work", "--output", "json"])).expect("it is JSON");
    assert_eq!((&shown["linking"], &shown["position"]), (&json!("never"), &json!(3)));
    let refused = run(&["remove", "work", "--yes"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("identities are linked"), "{refused:?}");
    done(&["remove", "work", "--force", "--yes"]);
    within_a_second("a provider is removed by the command line", || begins(server.client) == 404);
    if kind == Kind::Sqlite {
        for file in ["doorward.db", "doorward.db-wal"] {
            let bytes = std::fs::read(place.data().join(file)).unwrap_or_default();
            assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "{file}");
        }
    }
}

/// Nobody listens there: `test` says so with its exit code, and so does `doctor`, as a warning.
#[test]
fn a_provider_that_does_not_answer_fails_its_test_with_what_to_do() {
    let place = place(Kind::Sqlite);
    drop(place.start());
    let run = |arguments: &[&str]| place.command(arguments).output().expect("the binary can be started");
    let add = ["provider", "add", "work", "--kind", "oidc", "--issuer", "http://127.0.0.1:9", "--client-id", "x"];
    let added = run(&[&add[..], &["--no-client-secret"]].concat());
    assert!(added.status.success(), "{added:?}");
    let tested = run(&["provider", "test", "work", "--output", "json"]);
    assert_eq!(tested.status.code(), Some(1), "{tested:?}");
    let steps: Value = serde_json::from_slice(&tested.stdout).expect("it is JSON");
    assert_eq!(
        (&steps["ok"], &steps["steps"][1]["step"], &steps["steps"][1]["result"]),
        (&json!(false), &json!("tls"), &json!("failed"))
    );
    let examined = run(&["doctor", "--output", "json"]);
    let findings: Value = serde_json::from_slice(&examined.stdout).expect("it is JSON");
    let finding = findings.as_array().into_iter().flatten().find(|finding| finding["check"] == "providers");
    let finding = finding.expect("providers are checked");
    assert_eq!(finding["state"], "warn", "{finding}");
    assert!(finding["found"].as_str().expect("it is text").starts_with("work (in the database): tls:"), "{finding}");
}
