//! From an empty folder to a running service, and again.
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Answer, access};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::Server;

on_both_databases! {
    the_first_start_tells_how_to_sign_in_and_no_other_does;
    a_restart_keeps_accounts_sessions_and_keys;
}

/// What stands behind `email: ` or `password: ` on standard output.
#[track_caller]
fn told<'a>(out: &'a str, label: &str) -> &'a str {
    let mut lines = out.lines().filter_map(|line| line.strip_prefix(label));
    let first = lines.next().unwrap_or_else(|| panic!("no line begins with {label:?}: {out}"));
    assert_eq!(lines.next(), None, "{label:?} is told twice: {out}");
    first
}

fn the_first_start_tells_how_to_sign_in_and_no_other_does(kind: Kind) {
    let place = Place::on(kind).set("DOORWARD_TELEMETRY__LOG_LEVEL", "trace");
    let server = place.start();
    let out = server.out();
    assert!(out.contains(&place.address().to_string()), "{out}");
    let (email, password) = (told(&out, "email: "), told(&out, "password: "));
    let tokens = server.client.sign_in(email, password);
    let me = own_account(&server, &tokens).expect_status(200).json();
    assert_eq!((&me["email"], &me["roles"]), (&json!(ADMIN), &json!(["admin", "user"])));
    let (_, log) = server.stop();
    assert!(!log.contains(password), "the log has the password");
    let (again, log) = place.start().stop();
    assert!(!again.contains("password: ") && again.contains(&place.address().to_string()), "{again}");
    assert!(!log.contains(password), "the log has the password");
}

fn own_account(server: &Server, tokens: &Value) -> Answer {
    server.client.get("/api/v1/users/me").bearer(access(tokens)).send()
}

fn a_restart_keeps_accounts_sessions_and_keys(kind: Kind) {
    let place = Place::on(kind).with_known_admin();
    let server = place.start();
    let ann = server.client.register("ann@example.com", PASSWORD);
    let tokens = server.client.sign_in("ann@example.com", PASSWORD);
    let keys = server.client.get("/.well-known/jwks.json").send().json();
    server.stop();
    let server = place.start();
    assert_eq!(own_account(&server, &tokens).expect_status(200).json()["id"], ann["id"]);
    assert_eq!(server.client.get("/.well-known/jwks.json").send().json(), keys);
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let next = server.client.post("/api/v1/auth/refresh", &refresh).send().expect_status(200).json();
    assert_eq!(next["session_id"], tokens["session_id"]);
    let admin = server.client.sign_in(ADMIN, PASSWORD);
    let list = server.client.get("/api/v1/users").bearer(access(&admin)).send().json();
    let emails: Vec<&Value> = list["items"].as_array().into_iter().flatten().map(|user| &user["email"]).collect();
    assert_eq!(emails, [&json!("ann@example.com"), &json!(ADMIN)]);
}

#[test]
fn the_password_is_told_also_when_standard_output_is_a_file() {
    let place = Place::on(Kind::Sqlite);
    let path = place.folder().join("first-start.txt");
    let mut command = place.command(&["serve"]);
    command.stdout(std::fs::File::create(&path).unwrap());
    let server = Server::start(command, place.client());
    let out = std::fs::read_to_string(&path).unwrap();
    server.client.sign_in(told(&out, "email: "), told(&out, "password: "));
}

#[test]
fn the_files_are_for_the_service_alone() {
    let place = Place::on(Kind::Sqlite);
    let _server = place.start();
    assert_eq!(mode(&place.data()), 0o700);
    let files: Vec<_> = std::fs::read_dir(place.data()).unwrap().map(|entry| entry.unwrap().path()).collect();
    for name in ["doorward.db", "doorward.db-wal", "sealing.key"] {
        assert!(files.contains(&place.data().join(name)), "{name} is not among {files:?}");
    }
    for file in files {
        let expected = if file.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&file), expected, "{}", file.display());
    }
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[test]
fn a_second_server_beside_the_first_names_the_setting_and_changes_nothing() {
    let place = Place::on(Kind::Sqlite);
    let _first = place.start();
    let other = Place::on(Kind::Sqlite);
    let mut command = other.command(&[]);
    command.env("DOORWARD_HTTP__BIND", place.address().to_string());
    let (status, out, log) = Server::spawn(command, place.client()).ended();
    assert_eq!((status.code(), out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains(&format!("the address {} is taken", place.address())) && log.contains("http.bind"), "{log}");
    assert!(!other.data().exists());
}

#[test]
fn the_first_administrator_is_made_by_the_settings() {
    let place = Place::on(Kind::Sqlite).set("DOORWARD_BOOTSTRAP__ADMIN_EMAIL", "Root@Example.com").with_known_admin();
    let server = place.start();
    server.client.sign_in("root@example.com", PASSWORD);
    let (out, log) = server.stop();
    assert_eq!(told(&out, "email: "), "root@example.com");
    assert!(!out.contains(PASSWORD) && !log.contains(PASSWORD), "{out}{log}");
}

#[test]
fn a_first_password_that_breaks_the_rules_is_refused_by_its_setting() {
    let place = Place::on(Kind::Sqlite).set("DOORWARD_BOOTSTRAP__ADMIN_PASSWORD", "password1234");
    let (status, out, log) = Server::spawn(place.command(&[]), place.client()).ended();
    assert_eq!((status.code(), out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains("bootstrap.admin_password"), "{log}");
}

#[test]
fn a_database_that_is_not_there_is_named_and_ends_the_start() {
    let place = Place::on(Kind::Sqlite).set("DATABASE_URL", "postgres://ann:s3cret@127.0.0.1:9/accounts");
    let (status, out, log) = Server::spawn(place.command(&[]), place.client()).ended();
    assert_eq!((status.code(), out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains("database.url") && log.contains("127.0.0.1:9") && !log.contains("s3cret"), "{log}");
}
