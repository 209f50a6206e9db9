//! No command prints a secret that it gets, by standard input, by a file or by the environment, and none prints personal data
//! to standard error, also at the most talkative level of the log. What a command answers goes to standard output.
use std::io::Write;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_testkit::Marks;

use crate::{Answer, Place};

const EVERYTHING: &[(&str, &str)] = &[("DOORWARD_TELEMETRY__LOG_LEVEL", "trace,tokio_postgres=trace,redis=trace")];

/// A place whose commands log everything.
struct Talkative {
    place: Place,
    marks: Marks,
    /// All that commands have printed to standard error.
    log: String,
}

impl Talkative {
    fn migrated() -> Self {
        Self { place: Place::migrated(), marks: Marks::default(), log: String::new() }
    }

    /// Runs a command with this environment and this on standard input.
    fn run(&mut self, environment: &[(&str, &str)], input: &str, arguments: &[&str]) -> Answer {
        let mut command = self.place.command(arguments);
        command.envs(EVERYTHING.iter().chain(environment).copied()).stdin(Stdio::piped());
        let mut running = command.spawn().expect("the binary can be started");
        // A command that reads nothing may have ended already.
        let _ = running.stdin.take().expect("standard input is piped").write_all(input.as_bytes());
        let answer = Answer::from(running.wait_with_output().expect("the binary ends"));
        self.log.push_str(&answer.err);
        answer
    }

    /// As [`Self::run`]; standard output must show no mark.
    fn silent(&mut self, environment: &[(&str, &str)], input: &str, arguments: &[&str]) -> Answer {
        let answer = self.run(environment, input, arguments);
        assert_eq!(self.marks.found_in(&answer.out), [""; 0], "{arguments:?}");
        answer
    }

    #[track_caller]
    fn has_logged_no_mark(&self) {
        assert!(self.log.contains("TRACE") && self.log.contains("port call"), "it is not talkative: {}", self.log);
        assert_eq!(self.marks.found_in(&self.log), [""; 0]);
    }
}

#[test]
fn the_password_of_an_account_is_printed_nowhere() {
    let mut it = Talkative::migrated();
    let (password, other, weak) = (it.marks.password(), it.marks.password(), "zqmark");
    it.silent(&[], &password, &["user", "create", "ann@example.com"]).done();
    it.silent(&[], &other, &["user", "set-password", "ann@example.com"]).done();
    it.silent(&[], weak, &["user", "set-password", "ann@example.com"]).refused(1, "validation_failed");
    it.silent(&[], &password, &["user", "set-password", "bob@example.com"]).refused(1, "user_not_found");
    it.silent(&[], &format!("{password}\n{other}\n"), &["user", "create", "bob@example.com"])
        .refused(1, "more than one line");
    it.silent(&[], &"zqmark".repeat(1_000), &["user", "create", "bob@example.com"]).refused(1, "longer than");
    it.silent(&[], &password, &["user", "create", "ann@example.com"]).refused(1, "email_taken");
    it.has_logged_no_mark();
}

#[test]
fn personal_data_is_answered_and_not_logged() {
    let mut it = Talkative::migrated();
    let (email, username, name, id) = (it.marks.email(), it.marks.mark(), it.marks.mark(), it.marks.mark());
    let password = "copper-violin-marsh-42";
    let names = ["--username", &username, "--full-name", &name, "--external-id", &id, "--output", "json"];
    let create: Vec<&str> = ["user", "create", &email].into_iter().chain(names).collect();
    let made = it.run(&[], password, &create).done();
    assert!(!it.marks.found_in(&made.out).is_empty(), "it is answered: {made:?}");
    for arguments in [
        vec!["user", "show", &email],
        vec!["user", "list", "--email", &email],
        vec!["user", "list", "--username", &username],
        vec!["user", "list", "--prefix", &name],
        vec!["user", "list", "--sort", "email", "--limit", "1"],
        vec!["user", "grant", &username, "user"],
        vec!["user", "disable", &email],
        vec!["user", "enable", &email],
        vec!["user", "sessions", &email],
        vec!["user", "sign-out", &email],
        vec!["user", "unlock", &email],
        vec!["user", "mfa", "list", &email],
        vec!["user", "mfa", "reset", &email, "--yes"],
        vec!["audit", "export"],
    ] {
        it.run(&[], "", &arguments).done();
    }
    it.run(&[], password, &create).refused(1, "taken");
    it.run(&[], "", &["user", "show", "nobody-zqmark@example.com"]).refused(1, "user_not_found");
    it.run(&[], password, &["user", "create", "zqmark"]).refused(1, "validation_failed");
    it.run(&[], "", &["user", "delete", &email, "--yes"]).done();
    it.has_logged_no_mark();
}

#[test]
fn the_secret_of_a_client_app_is_answered_once_and_not_logged() {
    let mut it = Talkative::migrated();
    for arguments in [
        &["client-app", "create", "Billing", "--id", "billing", "--confidential", "--output", "json"][..],
        &["client-app", "rotate-secret", "billing", "--output", "json"],
    ] {
        let secret =
            it.run(&[], "", arguments).done().json()["client_secret"].as_str().expect("it is shown").to_owned();
        it.marks.add_issued(&secret);
    }
    for arguments in
        [&["client-app", "show", "billing"][..], &["client-app", "list"], &["client-app", "disable", "billing"]]
    {
        it.silent(&[], "", arguments).done();
    }
    it.has_logged_no_mark();
}

/// The settings that can be secret, each with a valid value and an invalid one, which both have a mark.
const SECRETS: [(&str, &str, &str); 8] = [
    ("DOORWARD_BOOTSTRAP__ADMIN_PASSWORD", "copper-violin-zqmark-marsh", "zqmark\nzqmark"),
    ("DOORWARD_DATABASE__URL", "postgres://ann:zqmark@127.0.0.1:1/a", "mysql://ann:zqmark@127.0.0.1/a"),
    ("DATABASE_URL", "postgres://127.0.0.1:1/a?password=zqmark", "postgres://ann:zq#mark:zqmark@ h/a"),
    ("REDIS_URL", "redis://:zqmark@127.0.0.1:1", "redis://:zqmark@127.0.0.1:1/?insecure=zqmark"),
    ("DOORWARD_SECRETS__SEALING_KEY", "enFtYXJrenFtYXJrenFtYXJrenFtYXJrenFtYXJrenE=", "zqmark"),
    ("DOORWARD_TOKENS__SIGNING_KEY", "-----BEGIN PRIVATE KEY-----\nzqmark", "-----BEGIN zqmark"),
    ("DOORWARD_TELEMETRY__OTLP_HEADERS", "authorization=Bearer%20zqmark", "zqmark"),
    ("DOORWARD_MAIL__SMTP_PASSWORD", "zqmark", "zqmark\nzqmark"),
];

#[test]
fn a_secret_of_the_settings_is_printed_nowhere_however_it_is_given() {
    let mut it = Talkative::migrated();
    for (name, valid, invalid) in SECRETS {
        for value in [valid, invalid] {
            std::fs::write(it.place.folder.path().join("secret"), value).expect("the folder is ours");
            let file = format!("{name}_FILE");
            let (by_value, by_file) = ([(name, value)], [(file.as_str(), "secret")]);
            let ways = if name.starts_with("DOORWARD") { &[&by_value, &by_file][..] } else { &[&by_value] };
            for environment in ways {
                for arguments in [
                    &["config", "show"][..],
                    &["config", "show", "--output", "json"],
                    &["config", "check"],
                    &["config", "check", "--output", "json"],
                    &["doctor"],
                    &["doctor", "--output", "json"],
                    &["user", "list"],
                    &["keys", "list"],
                    &["migrate"],
                ] {
                    it.silent(*environment, "", arguments);
                }
            }
        }
    }
    it.has_logged_no_mark();
}

#[test]
fn a_secret_in_a_file_that_is_no_toml_is_printed_nowhere() {
    let mut it = Talkative::migrated();
    it.silent(&[], "", &["user", "list"]).done();
    for line in ["admin_password = zqmark", "admin_password = \"zqmark", "zqmark", "admin_password = \"a\" zqmark"] {
        std::fs::write(it.place.folder.path().join("doorward.toml"), format!("[bootstrap]\n{line}\n"))
            .expect("the folder is ours");
        let refused = it.silent(&[], "", &["config", "check"]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    it.has_logged_no_mark();
}

#[test]
fn the_sealing_keys_are_printed_nowhere() {
    let mut it = Talkative::migrated();
    let [one, two] = [(); 2].map(|()| STANDARD.encode(format!("{:032}", it.marks.mark())));
    let both = format!("{one},{two}");
    let keys = |keys: &str| [("DOORWARD_SECRETS__SEALING_KEY", keys.to_owned())];
    for (given, line) in [
        (&one, &["keys", "rotate"][..]),
        (&both, &["secrets", "rotate"]),
        (&both, &["secrets", "status"]),
        (&both, &["config", "show"]),
    ] {
        let given = keys(given);
        it.silent(&given.each_ref().map(|(name, value)| (*name, value.as_str())), "", line).done();
    }
    let given = keys(&one);
    let given = given.each_ref().map(|(name, value)| (*name, value.as_str()));
    it.silent(&given, "", &["keys", "list"]).refused(1, "(sealing_key_mismatch)");
    it.has_logged_no_mark();
}
