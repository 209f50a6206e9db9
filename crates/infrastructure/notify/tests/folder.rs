//! The folder of mails.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use doorward_domain::{Email, Language, MailId, MailKind, Timestamp};
use doorward_notify::{Folder, Links, Sender, Templates};
use doorward_ports::outbound::{Mail, MailFacts, Mailer, NotSent};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

fn folder(path: &Path) -> Folder {
    let page = || "https://id.example.com/x".to_owned();
    let sender = Sender {
        from: Email::parse("no-reply@localhost").unwrap(),
        name: "Doorward".parse().unwrap(),
        links: Links { verify: page(), reset: page(), invite: page(), change: page(), report: page() },
        templates: Arc::new(Templates::builtin()),
    };
    Folder::new(path.to_owned(), sender)
}

fn mail(n: u8) -> Mail {
    Mail {
        id: MailId::mint(Timestamp::from_seconds(1_800_000_000 + i64::from(n)), [n; 10]),
        kind: MailKind::Test,
        to: Email::parse("ann@example.com").unwrap(),
        language: Language::En,
        link: None,
        report: None,
        facts: MailFacts::default(),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn each_mail_is_a_file_that_only_its_owner_can_read() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data/mails");
    for n in [2, 1, 1] {
        folder(&path).send(&mail(n)).await.unwrap();
    }
    let mut names: Vec<String> =
        fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(
        names,
        [format!("{}-test.eml", mail(1).id), format!("{}-test.eml", mail(2).id)],
        "in their order, each once"
    );
    let file = path.join(&names[0]);
    assert_eq!((mode(&path), mode(&file)), (0o700, 0o600));
    assert!(fs::read_to_string(file).unwrap().contains("To: ann@example.com"));
}

#[tokio::test]
async fn a_folder_that_can_not_be_written_is_unavailable() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("mails");
    fs::write(&path, "a file").unwrap();
    assert!(matches!(folder(&path).check().await, Err(NotSent::Unavailable(_))));
    assert!(matches!(folder(&path).send(&mail(1)).await, Err(NotSent::Unavailable(_))));
    fs::remove_file(&path).unwrap();
    folder(&path).check().await.unwrap();
}
