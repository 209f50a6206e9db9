//! A mailer that keeps what it is given, or fails as it is told.
use async_trait::async_trait;
use doorward_domain::{Email, MailId, MailKind, MailTokenPurpose};
use doorward_ports::Secret;
use doorward_ports::outbound::{Mail, Mailer, NotSent};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

/// How an attempt fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// No mail can be sent.
    Unavailable,
    /// This mail is not taken now.
    Deferred,
    /// This mail is never taken.
    Refused,
}

/// All mails that were sent, in their order.
#[derive(Default)]
pub struct Mailbox {
    sent: Mutex<Vec<Mail>>,
    failing: Mutex<VecDeque<Failing>>,
    slow: Mutex<Option<Duration>>,
}

impl Mailbox {
    /// The next attempt fails so; each call adds one more.
    pub fn fail(&self, how: Failing) {
        self.failing.lock().unwrap().push_back(how);
    }

    /// Each attempt takes so long.
    pub fn be_slow(&self, time: Duration) {
        *self.slow.lock().unwrap() = Some(time);
    }

    /// What was sent since the last time this was asked.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// The kinds and recipients of [`Self::take`], in the order of their names: mails of one act are sent in any order.
    pub fn taken(&self) -> Vec<(MailKind, String)> {
        let mut taken: Vec<_> = self.take().into_iter().map(|mail| (mail.kind, mail.to.to_string())).collect();
        taken.sort_by(|one, other| (one.0.as_str(), &one.1).cmp(&(other.0.as_str(), &other.1)));
        taken
    }

    /// The token in the last mail to this address that has one for this; it stays in the box.
    #[must_use]
    pub fn token(&self, to: &Email, purpose: MailTokenPurpose) -> Option<Secret> {
        let sent = self.sent.lock().unwrap();
        let to_them = sent.iter().rev().filter(|mail| mail.to == *to);
        let mut links = to_them.flat_map(|mail| [&mail.link, &mail.report]).flatten();
        links.find(|link| link.purpose == purpose).map(|link| link.token.clone())
    }

    /// The ids of all that were sent, in their order; they stay in the box.
    #[must_use]
    pub fn ids(&self) -> Vec<MailId> {
        self.sent.lock().unwrap().iter().map(|mail| mail.id).collect()
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        let slow = *self.slow.lock().unwrap();
        if let Some(time) = slow {
            tokio::time::sleep(time).await;
        }
        match self.failing.lock().unwrap().pop_front() {
            Some(Failing::Unavailable) => Err(NotSent::Unavailable("no server".into())),
            Some(Failing::Deferred) => Err(NotSent::Deferred("450".into())),
            Some(Failing::Refused) => Err(NotSent::Refused("550".into())),
            None => {
                self.sent.lock().unwrap().push(mail.clone());
                Ok(())
            }
        }
    }

    async fn check(&self) -> Result<(), NotSent> {
        match self.failing.lock().unwrap().front() {
            Some(Failing::Unavailable) => Err(NotSent::Unavailable("no server".into())),
            _ => Ok(()),
        }
    }
}
