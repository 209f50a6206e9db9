//! What operators see of the outbox, and do with mails.
use super::{content, require_mails};
use crate::services::Act;
use doorward_domain::{Language, MailId, MailKind};
use doorward_ports::inbound::OutboxEntry;
use doorward_ports::outbound::{Mail, MailFacts, NotSent};
use doorward_ports::{Error, ErrorCode, Personal, Result};

pub(super) async fn waiting(act: &Act<'_>) -> Result<u64> {
    let mails = act.read().await?.outbox().count().await?;
    act.tools().mail_observer.waiting(mails);
    Ok(mails)
}

pub(super) async fn list(act: &Act<'_>, limit: usize) -> Result<Vec<OutboxEntry>> {
    let waiting = act.read().await?.outbox().list(limit).await?;
    let entry = |waiting| {
        let to = content::open(&*act.tools().sealer, &waiting).ok().map(|mail| Personal::from(mail.to.as_str()));
        let doorward_ports::outbound::WaitingMail { mail, due_at, attempts } = waiting;
        OutboxEntry { id: mail.id, kind: mail.kind, to, created_at: mail.created_at, due_at, attempts }
    };
    Ok(waiting.into_iter().map(entry).collect())
}

pub(super) async fn send_test(act: &Act<'_>, to: &str) -> Result<()> {
    let mailer = require_mails(act)?;
    let mail = Mail {
        id: MailId::mint(act.now(), act.draw()),
        kind: MailKind::Test,
        to: super::typed(to)?,
        language: Language::default(),
        link: None,
        report: None,
        facts: MailFacts { at: Some(act.now()), ..MailFacts::default() },
    };
    mailer.send(&mail).await.map_err(unavailable)
}

fn unavailable(why: NotSent) -> Error {
    let detail = match why {
        NotSent::Unavailable(_) => "The mail server does not answer, or refuses the connection or the credentials.",
        NotSent::Deferred(_) => "The mail server does not take this mail at the moment.",
        NotSent::Refused(_) => "The mail server refuses this mail.",
    };
    Error { source: Some(why.into()), ..Error::new(ErrorCode::MailUnavailable, detail) }
}

/// That no mail can be sent is no error of the check: the observer hears of it.
pub(super) async fn check(act: &Act<'_>) -> Result<()> {
    if let Some(mailer) = &act.tools().mailer {
        let answer = mailer.check().await;
        act.tools().mail_observer.reachable(!matches!(answer, Err(NotSent::Unavailable(_))));
    }
    Ok(())
}
