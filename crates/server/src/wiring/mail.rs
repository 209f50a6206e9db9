//! Mails: from the settings to the mailer, its jobs, its health, and what the log tells of it.
use super::operator::operator;
use crate::failure::Failure;
use crate::jobs::Job;
use async_trait::async_trait;
use doorward_application::Services;
use doorward_notify::{Folder, Links, Security, Sender, Smtp, SmtpSettings, Templates};
use doorward_ports::Causes;
use doorward_ports::inbound::MailDelivery;
use doorward_ports::outbound::{HealthProbe, MailAttempt, MailObserver, MailOutcome, Mailer};
use doorward_settings::{Fault, MailTransport, Settings, SmtpSecurity, Values};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many mails a node sends at the same time, so that a slow recipient does not delay all others.
const AT_ONCE: usize = 4;

/// The mailer by the settings; none: no mails are sent.
pub(super) fn mailer(settings: &Settings) -> Result<Option<Arc<dyn Mailer>>, Failure> {
    let mail = &settings.mail;
    let sender = || sender(settings);
    Ok(match mail.transport {
        MailTransport::None => None,
        MailTransport::Folder => Some(Arc::new(Folder::new(mail.folder.clone(), sender()?))),
        MailTransport::Smtp => {
            let smtp = Smtp::new(server(settings)?, sender()?);
            Some(Arc::new(smtp.map_err(|error| Failure::of(&error, "mend mail.smtp_ca_file"))?))
        }
    })
}

fn sender(settings: &Settings) -> Result<Sender, Failure> {
    let mail = &settings.mail;
    let templates = Templates::load(mail.templates_dir.as_deref())
        .map_err(|error| Failure::of(&error, "mend it, or remove it: then the template of Doorward is used"))?;
    let page = |url: &doorward_settings::HttpUrl| url.as_str().to_owned();
    let links = Links {
        verify: page(&mail.links_verify),
        reset: page(&mail.links_reset),
        invite: page(&mail.links_invite),
        change: page(&mail.links_change),
        report: page(&mail.links_report),
    };
    Ok(Sender { from: mail.from.clone(), name: mail.from_name.clone(), links, templates: Arc::new(templates) })
}

fn server(settings: &Settings) -> Result<SmtpSettings, Failure> {
    let mail = &settings.mail;
    let authorities = mail.smtp_ca_file.as_deref().map(std::fs::read).transpose().map_err(|error| {
        let problem = format!("the certificate authorities of the mail server can't be read: {error}");
        Failure::failed(problem, "mend mail.smtp_ca_file")
    })?;
    Ok(SmtpSettings {
        host: mail.smtp_host.clone().unwrap_or_default(),
        port: mail.smtp_port.unwrap_or(mail.smtp_security.port()),
        security: match mail.smtp_security {
            SmtpSecurity::StartTls => Security::StartTls,
            SmtpSecurity::Tls => Security::Tls,
            SmtpSecurity::None => Security::None,
        },
        credentials: mail.smtp_user.clone().zip(mail.smtp_password.clone()),
        authorities,
        timeout: mail.smtp_timeout,
    })
}

/// What only the mailer can check.
pub(super) fn templates(values: &Values) -> Option<Fault> {
    let folder = values.peek::<PathBuf>("mail.templates_dir")?;
    if !folder.is_dir() {
        let problem = format!("{} is not a folder", folder.display());
        return Some(values.fault("mail.templates_dir", problem, "create the folder, or remove the setting"));
    }
    let refused = Templates::load(Some(&folder)).err()?;
    let cure = "mend it, or remove it: then the template of Doorward is used";
    Some(values.fault("mail.templates_dir", refused.to_string(), cure))
}

/// As [`templates`].
pub(super) fn authorities(values: &Values) -> Option<Fault> {
    let refused = std::fs::read(values.peek::<PathBuf>("mail.smtp_ca_file")?).err()?;
    let problem = format!("the file can't be read: {refused}");
    Some(values.fault("mail.smtp_ca_file", problem, "use a PEM file with certificates"))
}

/// Whether mails can be sent, for health; and what becomes of mails, for the log.
pub(super) struct MailWatch {
    next: Arc<dyn MailObserver>,
    unreachable: AtomicBool,
}

impl MailWatch {
    /// Passes everything on.
    pub fn before(next: Arc<dyn MailObserver>) -> Arc<Self> {
        Arc::new(Self { next, unreachable: AtomicBool::new(false) })
    }
}

impl MailObserver for MailWatch {
    fn tried(&self, attempt: &MailAttempt<'_>) {
        let MailAttempt { id, kind, attempts, outcome, why } = *attempt;
        let (kind, why) = (kind.as_str(), why.map(|why| Causes(why).to_string()));
        match outcome {
            MailOutcome::Sent => tracing::debug!(mail = %id, kind, attempts, "sent a mail"),
            MailOutcome::Void => tracing::debug!(mail = %id, kind, "dropped a mail whose link is no longer valid"),
            MailOutcome::Failed => {
                tracing::warn!(mail = %id, kind, attempts, why, "a mail could not be sent, and is tried again");
            }
            MailOutcome::GivenUp => {
                tracing::error!(mail = %id, kind, attempts, why, "a mail could not be sent, and is given up");
            }
        }
        self.next.tried(attempt);
    }

    fn waiting(&self, mails: u64) {
        self.next.waiting(mails);
    }

    fn reachable(&self, reachable: bool) {
        let was = !self.unreachable.swap(!reachable, Ordering::Relaxed);
        if was && !reachable {
            tracing::warn!(
                "mails can't be sent: they wait in the database; check mail.smtp_host and its server, or mail.folder"
            );
        } else if reachable && !was {
            tracing::info!("mails can be sent again");
        }
        self.next.reachable(reachable);
    }
}

impl HealthProbe for MailWatch {
    fn component(&self) -> &'static str {
        "mail"
    }

    fn works(&self) -> bool {
        !self.unreachable.load(Ordering::Relaxed)
    }

    fn took(&self) -> Duration {
        Duration::ZERO
    }

    fn effect(&self) -> String {
        "Mails are late: people can't verify an address or set a new password by mail until the mail server answers. Mails wait \
         in the database meanwhile, and are sent then."
            .to_owned()
    }
}

/// Several at once on each node; each mail is taken by one of them.
pub(super) fn send_mails(services: Arc<Services>) -> Job {
    let waiting = services.clone();
    let wanted = move || {
        let services = waiting.clone();
        async move { services.waiting(&operator(&services)).await.map(|mails| mails > 0) }
    };
    let send = move || {
        let services = services.clone();
        async move {
            let one = || {
                let services = services.clone();
                tokio::spawn(async move { services.deliver(&operator(&services)).await })
            };
            let sending: Vec<_> = (0..AT_ONCE).map(|_| one()).collect();
            for sent in sending {
                sent.await.unwrap_or_else(|ended| match ended.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(stopped) => Err(doorward_ports::Error::internal(stopped)),
                })?;
            }
            services.waiting(&operator(&services)).await.map(drop)
        }
    };
    Job::every(Duration::from_secs(1), "send_mails", send).only_if(wanted).once_more_at_the_end().failing(
        "mails can't be read from the database, or marked as sent: they wait, or are sent twice; check whether the database \
         accepts writes (`doorward doctor`)",
    )
}

/// On each node, because each one sends mails itself. A mail server that does not answer is no failure of the job: health
/// shows it.
pub(super) fn check_mail_server(check: Arc<dyn MailCheck>) -> Job {
    let run = move || {
        let check = check.clone();
        async move { check.check().await }
    };
    Job::every(Duration::from_mins(1), "check_mail_server", run)
        .failing("whether mails can be sent is not known; sending them is tried all the same")
}

/// Finds out whether mails can be sent.
#[async_trait]
pub(super) trait MailCheck: Send + Sync {
    /// Asks the mail server.
    async fn check(&self) -> doorward_ports::Result<()>;
}

#[async_trait]
impl MailCheck for Services {
    async fn check(&self) -> doorward_ports::Result<()> {
        MailDelivery::check(self, &operator(self)).await
    }
}
