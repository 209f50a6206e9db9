use super::Metrics;
use super::families::Families;
use doorward_domain::MailKind;
use doorward_ports::outbound::{MailAttempt, MailObserver, MailOutcome};
use prometheus::{IntCounterVec, IntGauge};

/// What becomes of mails.
pub struct Mails {
    attempts: IntCounterVec,
    waiting: IntGauge,
    reachable: IntGauge,
}

impl Mails {
    pub fn new(families: &Families<'_>) -> Self {
        let attempts = families.counters(
            "doorward_mails_total",
            "Attempts to send mails, by kind and outcome; failed ones are repeated.",
            &["kind", "outcome"],
        );
        for kind in MailKind::ALL {
            for outcome in MailOutcome::ALL {
                attempts.with_label_values(&[kind.as_str(), outcome.as_str()]);
            }
        }
        let waiting = families.gauge("doorward_mails_waiting", "Mails in the outbox, of all nodes.");
        let reachable = families.gauge(
            "doorward_mail_unreachable",
            "1 while this node can't send mails, because the mail server does not answer or can't be used; else 0.",
        );
        Self { attempts, waiting, reachable }
    }
}

impl MailObserver for Metrics {
    fn tried(&self, attempt: &MailAttempt<'_>) {
        self.mails.attempts.with_label_values(&[attempt.kind.as_str(), attempt.outcome.as_str()]).inc();
    }

    fn waiting(&self, mails: u64) {
        self.mails.waiting.set(i64::try_from(mails).unwrap_or(i64::MAX));
    }

    fn reachable(&self, reachable: bool) {
        self.mails.reachable.set(i64::from(!reachable));
    }
}
