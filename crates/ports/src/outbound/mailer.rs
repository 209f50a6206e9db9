use crate::Secret;
use async_trait::async_trait;
use doorward_domain::{Email, Language, MailId, MailKind, MailTokenPurpose, Timestamp};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// A token for the link of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLink {
    /// What it is good for.
    pub purpose: MailTokenPurpose,
    /// The token.
    pub token: Secret,
    /// How long it is good from when it was issued.
    pub lasts: Duration,
}

/// What a mail can tell of. It is text for people, and never part of a header.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MailFacts {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// The name of a device.
    pub device: Option<String>,
    /// An IP address.
    pub address: Option<IpAddr>,
    /// Another e-mail address.
    pub other_email: Option<Email>,
    /// The name of a second factor.
    pub factor: Option<String>,
}

impl fmt::Debug for MailFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailFacts(…)")
    }
}

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id, from which follows its `Message-ID`: a mail that is sent again has the same one.
    pub id: MailId,
    /// Its kind.
    pub kind: MailKind,
    /// The recipient. The type has no white space and no control character, so that it can add no header.
    pub to: Email,
    /// The language of its texts.
    pub language: Language,
    /// The link for what the mail is about.
    pub link: Option<MailLink>,
    /// The link of "this wasn't me".
    pub report: Option<MailLink>,
    /// What it tells of.
    pub facts: MailFacts,
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// No mail can be sent at the moment: the server does not answer, refuses our credentials, or can't be trusted.
    #[error("mails can't be sent at the moment")]
    Unavailable(#[source] Source),
    /// This mail is not taken at the moment; it may be later, and others may be taken now.
    #[error("the mail is not taken at the moment")]
    Deferred(#[source] Source),
    /// This mail is never taken.
    #[error("the mail is refused")]
    Refused(#[source] Source),
}

/// Sends mails.
///
/// Never await it with an open unit of work: a server may take its time. It waits for a limited time itself.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail. When it returns, somebody else is responsible for it: a mail server, or a folder on the disk. After an
    /// error, it may have been sent all the same, because an answer can be lost.
    async fn send(&self, mail: &Mail) -> Result<(), NotSent>;

    /// Checks that mails can be sent, without sending one.
    async fn check(&self) -> Result<(), NotSent>;
}

/// What became of an attempt to send a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailOutcome {
    /// It was sent.
    Sent,
    /// It was not sent, and another attempt follows.
    Failed,
    /// It was not sent in time, or the server refuses it for good: no attempt follows.
    GivenUp,
    /// It was not sent, because its link is no longer good for anything.
    Void,
}

impl MailOutcome {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Sent, Self::Failed, Self::GivenUp, Self::Void];

    /// The stable name, used as the value of a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
            Self::Void => "void",
        }
    }
}

/// An attempt to send a mail of the outbox. It names no recipient.
#[derive(Debug, Clone, Copy)]
pub struct MailAttempt<'a> {
    /// The mail.
    pub id: MailId,
    /// Its kind.
    pub kind: MailKind,
    /// How many attempts there were, with this one.
    pub attempts: u32,
    /// What became of it.
    pub outcome: MailOutcome,
    /// Why it was not sent.
    pub why: Option<&'a (dyn std::error::Error + 'static)>,
}

/// Hears of mails, for metrics, health and the log. It never waits and never fails.
pub trait MailObserver: Send + Sync {
    /// An attempt to send a mail has ended.
    fn tried(&self, attempt: &MailAttempt<'_>);
    /// So many mails are in the outbox.
    fn waiting(&self, mails: u64);
    /// Whether mails can be sent at the moment, as far as is known.
    fn reachable(&self, reachable: bool);
}

/// Ignores all of it.
impl MailObserver for () {
    fn tried(&self, _: &MailAttempt<'_>) {}
    fn waiting(&self, _: u64) {}
    fn reachable(&self, _: bool) {}
}
