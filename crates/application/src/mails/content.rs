//! What a mail in the outbox says, sealed: its recipient is personal, and its tokens are secret.
use doorward_domain::{Email, Language, MailId, MailTokenPurpose, Timestamp};
use doorward_ports::outbound::{
    Mail, MailFacts, MailLink, OutboxMail, SealedPlace, SealingError, SecretSealer, WaitingMail,
};
use doorward_ports::{Error, Result, Secret};
use serde::{Deserialize, Serialize, Serializer};
use std::net::IpAddr;
use std::time::Duration;

#[derive(Serialize, Deserialize)]
struct Content {
    to: Email,
    language: Language,
    link: Option<Link>,
    report: Option<Link>,
    at: Option<Timestamp>,
    device: Option<String>,
    address: Option<IpAddr>,
    other_email: Option<Email>,
    factor: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Link {
    purpose: String,
    #[serde(serialize_with = "exposed")]
    token: Secret,
    lasts_seconds: u64,
}

/// It is sealed right after.
fn exposed<S: Serializer>(token: &Secret, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

impl From<MailLink> for Link {
    fn from(link: MailLink) -> Self {
        let MailLink { purpose, token, lasts } = link;
        Self { purpose: purpose.as_str().to_owned(), token, lasts_seconds: lasts.as_secs() }
    }
}

impl Link {
    fn read(self) -> Result<MailLink> {
        let purpose = self.purpose.parse::<MailTokenPurpose>().map_err(Error::internal)?;
        Ok(MailLink { purpose, token: self.token, lasts: Duration::from_secs(self.lasts_seconds) })
    }
}

const fn place(row: &str) -> SealedPlace<'_> {
    SealedPlace { table: "outbox", row, column: "sealed_content" }
}

pub(super) fn seal(sealer: &dyn SecretSealer, id: MailId, mail: Mail) -> Result<Vec<u8>> {
    let MailFacts { at, device, address, other_email, factor } = mail.facts;
    let (link, report) = (mail.link.map(Link::from), mail.report.map(Link::from));
    let content =
        Content { to: mail.to, language: mail.language, link, report, at, device, address, other_email, factor };
    let text = zeroize::Zeroizing::new(serde_json::to_vec(&content).map_err(Error::internal)?);
    Ok(sealer.seal(&place(&id.to_string()), &text))
}

/// Opens a mail of the outbox.
pub(super) fn open(sealer: &dyn SecretSealer, waiting: &WaitingMail) -> Result<Mail> {
    let OutboxMail { id, kind, content, .. } = &waiting.mail;
    let text = sealer.open(&place(&id.to_string()), content).map_err(|error: SealingError| Error::internal(error))?;
    let content: Content = serde_json::from_slice(&text).map_err(Error::internal)?;
    let Content { to, language, link, report, at, device, address, other_email, factor } = content;
    let facts = MailFacts { at, device, address, other_email, factor };
    let (link, report) = (link.map(Link::read).transpose()?, report.map(Link::read).transpose()?);
    Ok(Mail { id: *id, kind: *kind, to, language, link, report, facts })
}
