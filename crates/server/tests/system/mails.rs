//! Mails of the whole program: into a folder, through a real mail server, and after a kill.
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::place::{Kind, PASSWORD, Place, Port};
use crate::server::wait_until;

on_both_databases! {
    a_mail_that_was_not_sent_before_a_kill_is_sent_after_it;
}

/// The mails in a folder whose names end so, in the order of their writing. One that is being written has a dot before its name.
fn files_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.retain(|file| !name(file).starts_with('.') && name(file).ends_with(ending));
    files.sort();
    files
}

/// The texts of the mails in a folder, in the order of their writing.
fn mails_in(folder: &Path) -> Vec<String> {
    files_in(folder, ".eml").iter().map(|file| std::fs::read_to_string(file).expect("a mail is text")).collect()
}

/// The token in the last mail of this kind to this address, once it is there.
#[track_caller]
pub fn token(folder: &Path, email: &str, kind: &str) -> String {
    let mut found = None;
    wait_until("the mail is there", || {
        let files = files_in(folder, &format!("-{kind}.eml"));
        let texts = files.iter().rev().map(|file| std::fs::read_to_string(file).expect("a mail is text"));
        found = texts.into_iter().find(|text| text.contains(&format!("To: {email}\r\n"))).map(|text| token_in(&text));
        found.is_some()
    });
    found.expect("it was waited for")
}

fn token_in(mail: &str) -> String {
    let (_, after) = mail.split_once("?token=").expect("it has a link");
    after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

fn send_form(client: Client, path: &str, form: &str) -> Answer {
    let request = client.request("POST", path).header("Content-Type", "application/x-www-form-urlencoded");
    request.body(form).send()
}

fn verified(client: Client, email: &str) -> bool {
    let tokens = client.sign_in(email, PASSWORD);
    let me = client.get("/api/v1/users/me").bearer(crate::client::access(&tokens)).send();
    me.json()["email_verified"] == json!(true)
}

/// Scanners of mails open links: that must not spend them (OWASP ASVS 6.4).
#[test]
fn a_link_leads_to_a_page_whose_form_alone_spends_the_token() {
    let place = Place::on(Kind::Sqlite);
    let server = place.start();
    let client = server.client;
    client.register("ann@example.com", PASSWORD);
    let token = token(&place.mails(), "ann@example.com", "verify_email");
    for method in ["GET", "HEAD", "GET"] {
        let page = client.request(method, &format!("/verify?token={token}")).send().expect_status(200);
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let policy = page.header("content-security-policy").expect("there is one").to_owned();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
        assert!(!page.body.contains("<script") && !page.body.contains("http"), "{}", page.body);
    }
    assert!(!verified(client, "ann@example.com"));
    let done = send_form(client, "/verify", &format!("token={token}")).expect_status(200);
    assert!(done.body.contains("is confirmed"), "{}", done.body);
    assert!(verified(client, "ann@example.com"));
    let again = send_form(client, "/verify", &format!("token={token}")).expect_status(400);
    assert!(again.body.contains("no longer valid"), "{}", again.body);
    let (_, log) = server.stop();
    assert!(!log.contains(&token), "{log}");
}

#[test]
fn a_forgotten_password_is_set_by_a_page_in_the_language_of_the_browser() {
    let place = Place::on(Kind::Sqlite);
    let server = place.start();
    let client = server.client;
    client.register("ann@example.com", PASSWORD);
    client.post("/api/v1/auth/password/forgot", &json!({"email": "ann@example.com"})).send().expect_status(202);
    let token = token(&place.mails(), "ann@example.com", "reset_password");
    let page = client.get(&format!("/reset?token={token}")).header("Accept-Language", "de-CH, en;q=0.5").send();
    assert!(page.body.contains("<html lang=\"de\">") && page.body.contains("Passwort festlegen"), "{}", page.body);
    let weak = send_form(client, "/reset", &format!("token={token}&password=short")).expect_status(422);
    assert!(weak.body.contains("class=\"fault\"") && weak.body.contains(&token), "{}", weak.body);
    send_form(client, "/reset", &format!("token={token}&password=amber-teapot-glacier-17")).expect_status(200);
    client.sign_in("ann@example.com", "amber-teapot-glacier-17");
}

/// Until there is an account to send a mail to, none is sent; and what was not sent is sent later, once.
fn a_mail_that_was_not_sent_before_a_kill_is_sent_after_it(kind: Kind) {
    let place = Place::on(kind);
    let (mut waited, mut emails) = (0, Vec::new());
    for round in 0..8 {
        let mut server = place.start();
        let email = format!("n{round}@example.com");
        server.client.register(&email, PASSWORD);
        server.kill();
        emails.push(email);
        waited += waiting(&place).len();
    }
    assert!(waited > 0, "each mail was sent before the kill, so nothing is proved");
    let server = place.start();
    wait_until("all mails are sent", || mails_in(&place.mails()).len() >= emails.len());
    wait_until("no mail waits", || waiting(&place).is_empty());
    let mails = mails_in(&place.mails());
    for email in emails {
        let to = mails.iter().filter(|mail| mail.contains(&format!("To: {email}\r\n"))).count();
        assert_eq!(to, 1, "{email}");
    }
    server.stop();
}

/// By `doorward mail outbox`.
fn waiting(place: &Place) -> Vec<Value> {
    let listed = place.command(&["mail", "outbox", "--output", "json"]).output().expect("the binary can be started");
    assert!(listed.status.success(), "{listed:?}");
    serde_json::from_slice(&listed.stdout).expect("it answers in JSON")
}

/// A real mail server: aiosmtpd, if Python has it. What it takes is on its standard output.
struct MailServer(Child);

impl MailServer {
    /// None, with a word, where it can't be had.
    fn start(port: u16) -> Option<Self> {
        let python = std::env::var("DOORWARD_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let found = Command::new(&python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            println!("skipped: Python has no aiosmtpd (pip install aiosmtpd)");
            return None;
        }
        let address = format!("127.0.0.1:{port}");
        let arguments = ["-u", "-m", "aiosmtpd", "-n", "-l", &address, "-c", "aiosmtpd.handlers.Debugging", "stdout"];
        let mut command = Command::new(python);
        let child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let server = Self(child.expect("it can be started"));
        wait_until("the mail server listens", || std::net::TcpStream::connect(&address).is_ok());
        Some(server)
    }

    /// What it has taken, once it is stopped.
    fn taken(mut self) -> String {
        self.0.kill().expect("it is our child");
        let mut text = String::new();
        let out = self.0.stdout.take().expect("it was kept");
        std::io::Read::read_to_string(&mut { out }, &mut text).expect("mails are text");
        text
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn over_smtp(place: Place, port: u16) -> Place {
    place
        .set("DOORWARD_MAIL__TRANSPORT", "smtp")
        .set("DOORWARD_MAIL__SMTP_HOST", "127.0.0.1")
        .set("DOORWARD_MAIL__SMTP_PORT", &port.to_string())
        .set("DOORWARD_MAIL__SMTP_SECURITY", "none")
        .set("DOORWARD_MAIL__SMTP_TIMEOUT", "1s")
}

#[test]
fn a_real_mail_server_gets_each_mail_once_from_two_nodes() {
    let port = Port::take();
    let Some(mail_server) = MailServer::start(port.number) else { return };
    let place = over_smtp(Place::on(Kind::Postgres), port.number);
    let place = place.set("DOORWARD_SECRETS__SEALING_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let other = place.another();
    let (one, two) = (place.start(), other.start());
    for n in 0..20 {
        let client = if n % 2 == 0 { one.client } else { two.client };
        client.register(&format!("n{n}@example.com"), PASSWORD);
    }
    wait_until("no mail waits", || waiting(&place).is_empty());
    one.stop();
    two.stop();
    let taken = mail_server.taken();
    for n in 0..20 {
        let to = taken.lines().filter(|line| **line == *format!("To: n{n}@example.com")).count();
        assert_eq!(to, 1, "n{n}\n{taken}");
    }
}

/// The requests of people do not wait for it, and its failure is no failure of theirs.
#[test]
fn a_dead_mail_server_is_told_by_health_and_metrics_and_delays_nobody() {
    let port = Port::take();
    let place = over_smtp(Place::on(Kind::Sqlite), port.number);
    let server = place.start();
    let client = server.client;
    let began = std::time::Instant::now();
    client.register("ann@example.com", PASSWORD);
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    wait_until("health tells it", || {
        let health = client.get("/health").send().json();
        let of_mail =
            health["components"].as_array().and_then(|all| all.iter().find(|it| it["name"] == "mail").cloned());
        of_mail
            .is_some_and(|it| it["status"] == "degraded" && it["effect"].as_str().is_some_and(|it| it.contains("wait")))
    });
    client.get("/health/ready").send().expect_status(200);
    wait_until("metrics tell it", || {
        let metrics = client.get("/metrics").send().body;
        [
            "doorward_mails_waiting 1\n",
            "doorward_mail_unreachable 1\n",
            "{kind=\"verify_email\",outcome=\"failed\"} 1\n",
        ]
        .iter()
        .all(|line| metrics.contains(line))
    });
    let test = place.command(&["mail", "test", "ann@example.com"]).output().expect("the binary can be started");
    assert_eq!(test.status.code(), Some(1), "{test:?}");
    server.stop();
}
