//! A mail as a message (RFC 5322).
use crate::templates::{Templates, Written};
use crate::words;
use doorward_domain::{Description, Email, MailTokenPurpose};
use doorward_ports::outbound::{Mail, MailLink};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The URLs of the pages that links lead to; `?token=…` is appended.
#[derive(Debug, Clone)]
pub struct Links {
    /// Where an address is verified.
    pub verify: String,
    /// Where a password is set.
    pub reset: String,
    /// Where an invitation is accepted.
    pub invite: String,
    /// Where a new address is confirmed.
    pub change: String,
    /// Where a takeover is reported.
    pub report: String,
}

impl Links {
    /// A token has only letters that need no escaping.
    fn to(&self, link: &MailLink) -> String {
        let page = match link.purpose {
            MailTokenPurpose::VerifyEmail => &self.verify,
            MailTokenPurpose::ResetPassword => &self.reset,
            MailTokenPurpose::AcceptInvitation => &self.invite,
            MailTokenPurpose::ChangeEmail => &self.change,
            MailTokenPurpose::ReportTakeover => &self.report,
        };
        format!("{page}?token={}", link.token.expose())
    }
}

/// Whom mails come from, and how they are written.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The address that mails come from.
    pub from: Email,
    /// The name of the service.
    pub name: Description,
    /// The pages of links.
    pub links: Links,
    /// The templates.
    pub templates: Arc<Templates>,
}

/// No mail server would take it.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The address is valid, and SMTP has no way to write it.
    #[error("the address of the recipient can't be written in a message")]
    Address,
    /// The message has a fault.
    #[error("the message can't be written")]
    Message(#[source] lettre::error::Error),
}

impl Sender {
    /// Writes a mail. The same mail has the same `Message-ID` and `Date` each time, so that a mail that is sent twice can be
    /// recognized.
    pub(crate) fn write(&self, mail: &Mail) -> Result<Message, Unwritable> {
        let Written { subject, text, html } =
            self.templates.of(mail.language, mail.kind).fill(mail.language, |name| self.value(mail, name));
        let date = SystemTime::UNIX_EPOCH + Duration::from_micros(mail.id.minted_at().as_micros().unsigned_abs());
        let from = Mailbox::new(Some(self.name.as_str().to_owned()), address(&self.from)?);
        let id = format!("<{}@{}>", mail.id, self.from.domain());
        // RFC 3834 §5: no answering machine should answer.
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let message = Message::builder().message_id(Some(id)).date(date).from(from);
        let message = message.to(Mailbox::new(None, address(&mail.to)?)).subject(subject).raw_header(automatic);
        let parts = MultiPart::alternative();
        let parts =
            parts.singlepart(part(ContentType::TEXT_PLAIN, text)).singlepart(part(ContentType::TEXT_HTML, html));
        message.multipart(parts).map_err(Unwritable::Message)
    }

    fn value(&self, mail: &Mail, name: &str) -> Option<String> {
        let facts = &mail.facts;
        let link = |link: &Option<MailLink>| link.as_ref().map(|link| self.links.to(link));
        let lasts = |link: &Option<MailLink>| link.as_ref().map(|link| words::duration(mail.language, link.lasts));
        match name {
            "service" => Some(self.name.as_str().to_owned()),
            "email" => Some(mail.to.to_string()),
            "link" => link(&mail.link),
            "lasts" => lasts(&mail.link),
            "report_link" => link(&mail.report),
            "report_lasts" => lasts(&mail.report),
            // To the minute, in the one zone that everybody can convert.
            "time" => facts
                .at
                .map(|at| at.to_string())
                .and_then(|at| Some(format!("{} UTC", at.get(..16)?.replace('T', " ")))),
            "device" => facts.device.clone(),
            "address" => facts.address.map(|address| address.to_string()),
            "other_email" => facts.other_email.as_ref().map(ToString::to_string),
            "factor" => facts.factor.clone(),
            _ => None,
        }
    }
}

/// RFC 5322 §2.1.1 allows 998 characters in a line.
const LONGEST_LINE: usize = 900;

/// Text in ASCII is sent as it is, so that a link is not broken into lines.
fn part(content_type: ContentType, text: String) -> SinglePart {
    let part = SinglePart::builder().header(content_type);
    if text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        let lines = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
        return part.body(Body::dangerous_pre_encoded(lines.into_bytes(), ContentTransferEncoding::SevenBit));
    }
    part.body(text)
}

fn address(email: &Email) -> Result<Address, Unwritable> {
    Address::new(email.local_part(), email.domain()).map_err(|_| Unwritable::Address)
}
