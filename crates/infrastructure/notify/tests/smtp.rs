//! The mailer against mail servers on real sockets.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use doorward_domain::{Email, Language, MailId, MailKind, MailTokenPurpose, Timestamp};
use doorward_notify::{Links, Security, Sender, Smtp, SmtpSettings, Templates};
use doorward_ports::outbound::{Mail, MailFacts, MailLink, Mailer, NotSent};
use doorward_ports::{Causes, Secret};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a server does.
#[derive(Clone, Copy, Default)]
struct Behaviour {
    /// The answer to `RCPT TO`; otherwise 250.
    recipient: Option<&'static str>,
    /// The answer to `AUTH`; otherwise 235.
    auth: Option<&'static str>,
    /// It accepts connections, and never says anything.
    silent: bool,
}

struct Server {
    address: SocketAddr,
    /// All that was said to it.
    heard: Arc<Mutex<String>>,
    authority: Vec<u8>,
}

impl Server {
    async fn plain(behaviour: Behaviour) -> Self {
        Self::start(behaviour, None, Vec::new()).await
    }

    async fn encrypted() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let acceptor =
            TlsAcceptor::from(Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).unwrap()));
        Self::start(Behaviour::default(), Some(acceptor), made.cert.pem().into_bytes()).await
    }

    async fn start(behaviour: Behaviour, tls: Option<TlsAcceptor>, authority: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, heard) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(String::new())));
        let said = heard.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (tls, said) = (tls.clone(), said.clone());
                tokio::spawn(async move {
                    match tls {
                        // A client that does not trust the certificate goes away.
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                talk(socket, behaviour, &said).await;
                            }
                        }
                        None => talk(socket, behaviour, &said).await,
                    }
                });
            }
        });
        Self { address, heard, authority }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

/// RFC 5321, as far as a client needs it.
async fn talk(socket: impl AsyncRead + AsyncWrite + Unpin, behaviour: Behaviour, heard: &Mutex<String>) {
    let mut lines = BufReader::new(socket);
    if behaviour.silent {
        return std::future::pending().await;
    }
    let mut answer = "220 mail.example.com ESMTP\r\n".to_owned();
    let mut in_data = false;
    loop {
        if !answer.is_empty() && lines.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        let mut line = String::new();
        if lines.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        heard.lock().unwrap().push_str(&line);
        answer = match line.split([' ', '\r']).next().unwrap_or_default() {
            "." if in_data => {
                in_data = false;
                "250 2.0.0 taken\r\n".to_owned()
            }
            _ if in_data => String::new(),
            "EHLO" => "250-mail.example.com\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n".to_owned(),
            "AUTH" => format!("{}\r\n", behaviour.auth.unwrap_or("235 2.7.0 welcome")),
            "RCPT" => format!("{}\r\n", behaviour.recipient.unwrap_or("250 2.1.5 ok")),
            "DATA" => {
                in_data = true;
                "354 go on\r\n".to_owned()
            }
            _ => "250 2.0.0 ok\r\n".to_owned(),
        };
    }
}

fn sender() -> Sender {
    let page = |path: &str| format!("https://id.example.com/{path}");
    Sender {
        from: Email::parse("no-reply@id.example.com").unwrap(),
        name: "Example Inc.".parse().unwrap(),
        links: Links {
            verify: page("verify"),
            reset: page("reset"),
            invite: page("invite"),
            change: page("change-email"),
            report: page("not-me"),
        },
        templates: Arc::new(Templates::builtin()),
    }
}

fn settings(port: u16, security: Security) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port,
        security,
        credentials: None,
        authorities: None,
        timeout: Duration::from_millis(500),
    }
}

fn plain(address: SocketAddr) -> Smtp {
    Smtp::new(settings(address.port(), Security::None), sender()).unwrap()
}

fn mail(language: Language) -> Mail {
    let token = Secret::new("the-token_of-43-letters-0123456789abcdefghi".to_owned());
    let lasts = Duration::from_hours(1);
    Mail {
        id: MailId::mint(Timestamp::from_seconds(1_800_000_000), [7; 10]),
        kind: MailKind::ResetPassword,
        to: Email::parse("ann@example.com").unwrap(),
        language,
        link: Some(MailLink { purpose: MailTokenPurpose::ResetPassword, token, lasts }),
        report: None,
        facts: MailFacts::default(),
    }
}

#[tokio::test]
async fn a_mail_arrives_with_its_headers_its_link_and_both_forms() {
    let server = Server::plain(Behaviour::default()).await;
    plain(server.address).send(&mail(Language::En)).await.unwrap();
    let heard = server.heard();
    for line in [
        "MAIL FROM:<no-reply@id.example.com>",
        "RCPT TO:<ann@example.com>",
        "From: \"Example Inc.\" <no-reply@id.example.com>",
        "To: ann@example.com",
        "Subject: Set a new password for Example Inc.",
        "Auto-Submitted: auto-generated",
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "https://id.example.com/reset?token=the-token_of-43-letters-0123456789abcdefghi",
    ] {
        assert!(heard.lines().any(|heard| heard.starts_with(line)), "{line} in\n{heard}");
    }
    assert!(heard.contains("works for 1 hour"), "{heard}");
}

/// Its lines are those of the template, in a form that every server takes.
#[tokio::test]
async fn a_mail_in_another_alphabet_keeps_its_lines_and_is_sent_in_ascii() {
    let server = Server::plain(Behaviour::default()).await;
    plain(server.address).send(&mail(Language::Fr)).await.unwrap();
    let heard = server.heard();
    assert!(heard.is_ascii() && !heard.contains("=0A"), "{heard}");
    assert!(heard.lines().all(|line| line.len() < 998) && heard.contains("Bonjour,\r\n\r\n"), "{heard}");
}

/// So that a mail that is sent twice after a crash can be recognized.
#[tokio::test]
async fn a_mail_that_is_sent_again_has_the_same_message_id() {
    let server = Server::plain(Behaviour::default()).await;
    for _ in 0..2 {
        plain(server.address).send(&mail(Language::En)).await.unwrap();
    }
    let heard = server.heard();
    let ids: Vec<&str> = heard.lines().filter(|line| line.starts_with("Message-ID:")).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1] && ids[0].ends_with("@id.example.com>"), "{ids:?}");
}

/// CWE-93: what people type never becomes a header. The recipient can't contain a line break by its type; everything else is
/// in the text.
#[tokio::test]
async fn cwe_93_no_fact_adds_a_header_or_ends_the_message() {
    let server = Server::plain(Behaviour::default()).await;
    let evil = "x\r\nBcc: eve@example.com\r\n\r\n.\r\nRCPT TO:<eve@example.com>\r\n".to_owned();
    let facts = MailFacts { device: Some(evil.clone()), factor: Some(evil), ..MailFacts::default() };
    let mail = Mail { kind: MailKind::NewSignIn, report: mail(Language::En).link, facts, ..mail(Language::En) };
    plain(server.address).send(&mail).await.unwrap();
    let heard = server.heard();
    let head = heard.split_once("\r\n\r\n").unwrap().0;
    assert!(!head.contains("eve@example.com"), "{head}");
    assert_eq!(heard.matches("\r\n.\r\n").count(), 1, "{heard}");
}

async fn refused(behaviour: Behaviour) -> NotSent {
    let server = Server::plain(behaviour).await;
    let mut settings = settings(server.address.port(), Security::None);
    settings.credentials = Some(("doorward".to_owned(), Secret::new("swordfish".to_owned())));
    Smtp::new(settings, sender()).unwrap().send(&mail(Language::De)).await.unwrap_err()
}

/// RFC 5321 §4.2.1, RFC 4954 §6.
#[tokio::test]
async fn what_the_server_answers_decides_whether_and_when_it_is_tried_again() {
    let recipient = |answer| Behaviour { recipient: Some(answer), ..Behaviour::default() };
    let auth = |answer| Behaviour { auth: Some(answer), ..Behaviour::default() };
    assert!(matches!(refused(recipient("550 5.1.1 <ann@example.com> unknown")).await, NotSent::Refused(_)));
    assert!(matches!(refused(recipient("450 4.2.1 try later")).await, NotSent::Deferred(_)));
    assert!(matches!(refused(recipient("421 4.3.2 closing")).await, NotSent::Unavailable(_)));
    assert!(matches!(refused(auth("535 5.7.8 wrong")).await, NotSent::Unavailable(_)));
    assert!(matches!(refused(auth("454 4.7.0 later")).await, NotSent::Unavailable(_)));
}

#[tokio::test]
async fn the_words_of_the_server_which_may_name_the_recipient_are_not_kept() {
    let refusal = refused(Behaviour { recipient: Some("550 <ann@example.com> unknown"), ..Behaviour::default() }).await;
    let told = format!("{} {refusal:?}", Causes(&refusal));
    assert!(told.contains("550") && !told.contains("ann"), "{told}");
}

#[tokio::test]
async fn a_server_that_is_not_there_or_says_nothing_is_unavailable_and_soon() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let silent = Server::plain(Behaviour { silent: true, ..Behaviour::default() }).await.address;
    for address in [nobody, silent] {
        let began = Instant::now();
        assert!(matches!(plain(address).send(&mail(Language::En)).await, Err(NotSent::Unavailable(_))));
        assert!(matches!(plain(address).check().await, Err(NotSent::Unavailable(_))));
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    plain(Server::plain(Behaviour::default()).await.address).check().await.unwrap();
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_and_no_password() {
    let server = Server::plain(Behaviour::default()).await;
    let mut settings = settings(server.address.port(), Security::StartTls);
    settings.credentials = Some(("doorward".to_owned(), Secret::new("swordfish".to_owned())));
    let answer = Smtp::new(settings, sender()).unwrap().send(&mail(Language::En)).await;
    assert!(matches!(answer, Err(NotSent::Unavailable(_))));
    let heard = server.heard();
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL") && !heard.contains("ann"), "{heard}");
}

#[tokio::test]
async fn a_certificate_counts_only_if_its_authority_is_trusted() {
    let server = Server::encrypted().await;
    let with = |authorities| {
        let settings = SmtpSettings { authorities, ..settings(server.address.port(), Security::Tls) };
        Smtp::new(settings, sender()).unwrap()
    };
    assert!(matches!(with(None).send(&mail(Language::En)).await, Err(NotSent::Unavailable(_))));
    assert_eq!(server.heard(), "");
    with(Some(server.authority.clone())).send(&mail(Language::Es)).await.unwrap();
    assert!(server.heard().contains("RCPT TO:<ann@example.com>"));
}

#[test]
fn authorities_that_are_no_certificates_are_refused() {
    for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nnonsense\n"] {
        let settings = SmtpSettings { authorities: Some(pem.into()), ..settings(1, Security::Tls) };
        assert!(Smtp::new(settings, sender()).is_err(), "{pem:?}");
    }
}
