use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use doorward_testkit::collector::Collector;
use serde_json::Value;

use crate::{Answer, Place, free_address};

/// Examines a place whose server would listen where nobody else does.
fn examined(place: &Place, environment: &[(&str, &str)]) -> Answer {
    let mut command = place.command(&["doctor", "--output", "json"]);
    command.env("DOORWARD_HTTP__BIND", free_address().to_string()).envs(environment.iter().copied());
    Answer::of(command)
}

fn finding(answer: &Answer, check: &str) -> Value {
    let findings = answer.json();
    let found = findings.as_array().into_iter().flatten().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("{check} is not in {answer:?}")).clone()
}

#[test]
fn a_place_that_is_set_up_has_nothing_to_mend() {
    let place = Place::with_account("ann@example.com");
    let answer = examined(&place, &[]).done();
    let checks = [
        "settings",
        "data folder",
        "signing key",
        "sealing key",
        "database",
        "clock",
        "sealing keys",
        "vault",
        "redis",
        "traces",
        "address",
        "server",
        "password hashing",
    ];
    for check in checks {
        assert_eq!(finding(&answer, check)["state"], "ok", "{check}: {answer:?}");
    }
    assert_eq!(finding(&answer, "sealing key")["found"], "it can be read");
}

#[test]
fn looking_changes_nothing() {
    let place = Place::empty();
    let answer = examined(&place, &[]).done();
    assert_eq!(finding(&answer, "database")["state"], "warn");
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 0);
}

#[test]
fn people_get_a_line_for_each_thing_and_the_cure_below() {
    let answer = Place::empty().run(&["doctor"]);
    let lines: Vec<&str> = answer.out.lines().collect();
    assert_eq!(lines[0], "ok    settings: all settings are valid");
    let below = lines.iter().skip_while(|line| !line.starts_with("warn  database: ")).nth(1);
    assert_eq!(
        below,
        Some(&"      run `doorward migrate`, or start the server, which also updates the schema"),
        "{answer:?}"
    );
}

#[test]
fn bad_settings_are_each_a_failure() {
    let answer = examined(&Place::empty(), &[("DOORWARD_PASSWORDS__MIN_LENGTH", "x"), ("DOORWARD_NONSENSE", "1")]);
    let findings = answer.json();
    assert_eq!((answer.code, findings.as_array().unwrap().len()), (Some(1), 2), "{answer:?}");
    assert!(findings[0]["cure"].is_string() && findings[0]["state"] == "fail", "{answer:?}");
}

#[test]
fn a_key_that_everybody_can_read_is_a_failure_and_one_for_the_group_a_warning() {
    let place = Place::with_account("ann@example.com");
    let key = place.folder.path().join("data/sealing.key");
    for (mode, state, code) in [(0o644, "fail", 1), (0o640, "warn", 0), (0o400, "ok", 0)] {
        std::fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
        let answer = examined(&place, &[]);
        assert_eq!((&finding(&answer, "data folder")["state"], answer.code), (&state.into(), Some(code)), "{mode:o}");
    }
}

#[test]
fn a_broken_key_is_a_failure() {
    let place = Place::with_account("ann@example.com");
    std::fs::write(place.folder.path().join("data/sealing.key"), "nonsense").unwrap();
    let answer = examined(&place, &[]);
    assert_eq!((&finding(&answer, "sealing key")["state"], answer.code), (&"fail".into(), Some(1)), "{answer:?}");
}

#[test]
fn a_database_that_does_not_answer_is_a_failure_that_tells_no_password() {
    let url = format!("postgres://ann:s3cret@{}/doorward", free_address());
    let answer = examined(&Place::empty(), &[("DATABASE_URL", &url)]);
    assert_eq!((&finding(&answer, "database")["state"], answer.code), (&"fail".into(), Some(1)), "{answer:?}");
    assert!(!answer.out.contains("s3cret") && !answer.err.contains("s3cret"), "{answer:?}");
}

/// A limit on the size of files is a full disk that every machine has, and that root meets too.
#[test]
fn a_database_that_can_not_be_written_is_a_failure() {
    let place = Place::with_account("ann@example.com");
    let mut shell = std::process::Command::new("/bin/sh");
    let doctor = "trap '' XFSZ; ulimit -f 0; exec \"$0\" doctor --output json";
    let binary = place.command(&[]);
    shell.args(["-c", doctor]).arg(binary.get_program()).current_dir(place.folder.path());
    shell.env_clear().envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("DOORWARD_HTTP__BIND", free_address().to_string());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let answer = Answer::of(shell);
    let database = finding(&answer, "database");
    assert_eq!((&database["state"], answer.code), (&"fail".into(), Some(1)), "{answer:?}");
    assert!(database["cure"].as_str().unwrap().contains("check the disk of the database"), "{database}");
}

#[test]
fn an_address_that_another_program_holds_is_a_warning() {
    let place = Place::empty();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = place.command(&["doctor", "--output", "json"]);
    command.env("DOORWARD_HTTP__BIND", other.local_addr().unwrap().to_string());
    let answer = Answer::of(command);
    assert_eq!(finding(&answer, "address")["state"], "warn", "{answer:?}");
}

#[test]
fn a_redis_that_does_not_answer_is_a_warning_because_doorward_works_without_it() {
    let place = Place::with_account("ann@example.com");
    let url = format!("redis://:s3cret@{}", free_address());
    let answer = examined(&place, &[("REDIS_URL", &url)]).done();
    assert_eq!(finding(&answer, "redis")["state"], "warn", "{answer:?}");
    assert!(!answer.out.contains("s3cret") && !answer.err.contains("s3cret"), "{answer:?}");
}

#[test]
fn the_collector_of_traces_is_asked_with_its_headers_and_none_of_them_is_shown() {
    let (place, collector) = (Place::with_account("ann@example.com"), Collector::start());
    let look = |endpoint: &str| {
        let headers = ("DOORWARD_TELEMETRY__OTLP_HEADERS", "x-key=s3cret");
        examined(&place, &[("DOORWARD_TELEMETRY__OTLP_ENDPOINT", endpoint), headers])
    };
    assert_eq!(finding(&look(&collector.url()), "traces")["state"], "ok");
    assert_eq!(collector.exports()[0].headers["x-key"], "s3cret");
    let nobody = look(&format!("http://{}", free_address()));
    assert_eq!(finding(&nobody, "traces")["state"], "warn", "{nobody:?}");
    assert!(!nobody.out.contains("s3cret") && !nobody.err.contains("s3cret"), "{nobody:?}");
}

#[test]
fn a_health_check_of_a_server_fails_where_none_answers() {
    let place = Place::with_account("ann@example.com");
    let mut command = place.command(&["doctor", "--server", "--output", "json"]);
    command.env("DOORWARD_HTTP__BIND", free_address().to_string());
    let answer = Answer::of(command);
    assert_eq!((&finding(&answer, "server")["state"], answer.code), (&"fail".into(), Some(1)), "{answer:?}");
    assert_eq!(answer.json().as_array().unwrap().len(), 2, "the settings and the server are all that is checked");
}

#[test]
fn a_key_that_this_machine_lacks_is_named() {
    let place = Place::with_account("ann@example.com");
    let url = format!("sqlite://{}", place.folder.path().join("data/doorward.db").display());
    let key = ("DOORWARD_SECRETS__SEALING_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let answer = examined(&place, &[key, ("DOORWARD_STORAGE__DATA_DIR", "elsewhere"), ("DATABASE_URL", &url)]);
    let found = finding(&answer, "sealing keys");
    assert_eq!((&found["state"], answer.code), (&"fail".into(), Some(1)), "{answer:?}");
    assert!(found["found"].as_str().is_some_and(|text| text.starts_with("this machine lacks ")), "{found}");
}
