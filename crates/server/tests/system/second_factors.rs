//! Second factors: the whole program, and an authenticator that is not ours (`oathtool`, of the OATH Toolkit).
use std::process::Command;
use std::sync::Barrier;

use serde_json::{Value, json};

use crate::client::{Answer, Client, access};
use crate::metrics::scraped;
use crate::place::{Kind, PASSWORD, Place};

const MFA: &str = "/api/v1/users/me/mfa";
const VERIFY: &str = "/api/v1/auth/mfa/verify";
const ANN: &str = "ann@example.com";

on_both_databases! {
    a_foreign_authenticator_enrols_and_signs_in;
    asvs_6_5_1_of_32_verifies_at_once_one_signs_in;
}

/// The codes that it shows now, and after that.
fn shown(secret: &str) -> [String; 2] {
    let done = Command::new("oathtool").args(["--totp", "--base32", "--window=1", secret]).output();
    let done = done.expect("oathtool is installed: tests/run installs it");
    assert!(done.status.success(), "{done:?}");
    let text = String::from_utf8(done.stdout).expect("it shows digits");
    let codes: Vec<&str> = text.lines().collect();
    [codes[0], codes[1]].map(str::to_owned)
}

/// Enrols it; answers its secret, and what the confirmation has answered.
fn enrol(client: Client, tokens: &Value) -> (String, Value) {
    let enrolled = client.post(&format!("{MFA}/totp"), &json!({"name": "oathtool"})).bearer(access(tokens)).send();
    let enrolled = enrolled.expect_status(201).json();
    let secret = enrolled["secret"].as_str().expect("it is a text").to_owned();
    let path = format!("{MFA}/totp/{}/confirm", enrolled["id"].as_str().expect("it is a text"));
    let [code, _] = shown(&secret);
    let confirmed = client.post(&path, &json!({"code": code})).bearer(access(tokens)).send().expect_status(200).json();
    (secret, confirmed)
}

fn first_step(client: Client) -> Value {
    let refused = client.post("/api/v1/auth/login", &json!({"identifier": ANN, "password": PASSWORD})).send();
    let refused = refused.expect_status(403).json();
    assert_eq!(refused["code"], "mfa_required");
    refused
}

fn second_step(client: Client, first: &Value, method: &str, code: &str) -> Answer {
    client.post(VERIFY, &json!({"mfa_token": first["mfa_token"], "method": method, "code": code})).send()
}

fn a_foreign_authenticator_enrols_and_signs_in(kind: Kind) {
    let place = Place::on(kind);
    let server = place.start();
    let client = server.client;
    client.register(ANN, PASSWORD);
    let (secret, confirmed) = enrol(client, &client.sign_in(ANN, PASSWORD));
    let first = first_step(client);
    assert_eq!(first["factors"][0]["name"], "oathtool");
    let [_, next] = shown(&secret);
    let tokens = second_step(client, &first, "totp", &next).expect_status(200).json();
    let me = client.get(MFA).bearer(access(&tokens)).send().expect_status(200).json();
    assert_eq!((me["factors"].as_array().map(Vec::len), &me["recovery_codes_left"]), (Some(1), &json!(10)));

    let first = first_step(client);
    assert_eq!(second_step(client, &first, "totp", &next).expect_status(401).json()["code"], "invalid_code", "again");
    let code = confirmed["recovery_codes"][0].as_str().expect("it is a text");
    second_step(client, &first, "recovery_code", code).expect_status(200);
    assert_eq!(scraped(client).sum("doorward_mfa_challenges_total").to_string(), "3");

    // The operator sees it, and deletes it for an owner who has lost it.
    let listed = place.command(&["user", "mfa", "list", ANN, "--output", "json"]).output().expect("it can be started");
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("it prints JSON");
    assert_eq!((&listed[0]["name"], &listed[0]["kind"]), (&json!("oathtool"), &json!("totp")));
    let done = place.command(&["user", "mfa", "reset", ANN, "--yes"]).output().expect("it can be started");
    assert!(done.status.success(), "{done:?}");
    client.sign_in(ANN, PASSWORD);
}

fn asvs_6_5_1_of_32_verifies_at_once_one_signs_in(kind: Kind) {
    let place = Place::on(kind);
    let server = place.start();
    let client = server.client;
    client.register(ANN, PASSWORD);
    let (secret, _) = enrol(client, &client.sign_in(ANN, PASSWORD));
    let firsts: Vec<Value> = (0..32).map(|_| first_step(client)).collect();
    let [_, code] = shown(&secret);
    let start = Barrier::new(firsts.len());
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let verify = |first| {
            let (start, code) = (&start, &code);
            scope.spawn(move || {
                start.wait();
                second_step(client, first, "totp", code)
            })
        };
        let sent: Vec<_> = firsts.iter().map(verify).collect();
        sent.into_iter().map(|thread| thread.join().expect("a request is answered")).collect()
    });
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(200), of(401)), (1, 31));
}
