//! How mails are sent.

use doorward_domain::Email;
use serde_json::Value as Json;
use url::{Host, Url};

use crate::fault::Fault;
use crate::types::HttpUrl;
use crate::value::{Input, Refusal, SettingValue, text};
use crate::values::Values;

/// How mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTransport {
    /// By a mail server.
    Smtp,
    /// Into a folder, as files.
    Folder,
    /// Not at all.
    None,
}

/// Whether the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// After a greeting in clear (RFC 3207).
    StartTls,
    /// From the first byte (RFC 8314).
    Tls,
    /// Not at all.
    None,
}

impl SettingValue for MailTransport {
    const FORMAT: &'static str = "`smtp`, `folder` or `none`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match text(input)? {
            "smtp" => Ok(Self::Smtp),
            "folder" => Ok(Self::Folder),
            "none" => Ok(Self::None),
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from(match self {
            Self::Smtp => "smtp",
            Self::Folder => "folder",
            Self::None => "none",
        })
    }
}

impl SettingValue for SmtpSecurity {
    const FORMAT: &'static str = "`starttls`, `tls` or `none`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match text(input)? {
            "starttls" => Ok(Self::StartTls),
            "tls" => Ok(Self::Tls),
            "none" => Ok(Self::None),
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from(match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        })
    }
}

impl SmtpSecurity {
    /// The usual port (RFC 6409, RFC 8314, RFC 5321).
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

const PAGES: [(&str, &str); 5] = [
    ("mail.links.verify", "/verify"),
    ("mail.links.reset", "/reset"),
    ("mail.links.invite", "/invite"),
    ("mail.links.change", "/change-email"),
    ("mail.links.report", "/not-me"),
];

/// Fills in what follows from the public URL and the data folder.
pub(crate) fn follow(values: &mut Values) {
    let url = values.peek::<HttpUrl>("http.public_url");
    let local = url.as_ref().is_some_and(HttpUrl::is_loopback);
    let transport = if local { "folder" } else { "none" };
    by_default(values, "mail.transport", "http.public_url", transport.to_owned());
    by_default(values, "mail.from", "http.public_url", sender(url.as_ref()));
    if let Some(folder) = values.peek::<std::path::PathBuf>("storage.data_dir") {
        by_default(values, "mail.folder", "storage.data_dir", folder.join("mails").to_string_lossy().into_owned());
    }
    let base = url.as_ref().map_or("http://localhost", |url| url.as_str()).trim_end_matches('/').to_owned();
    for (key, page) in PAGES {
        by_default(values, key, "http.public_url", format!("{base}{page}"));
    }
}

fn by_default(values: &mut Values, key: &str, from: &str, text: String) {
    if !values.is_set(key) {
        values.follow(key, from, text);
    }
}

/// An IP address is no domain for mails.
fn sender(url: Option<&HttpUrl>) -> String {
    let host = url.and_then(|url| Url::parse(url.as_str()).ok()).and_then(|url| match url.host() {
        Some(Host::Domain(name)) => Some(format!("no-reply@{name}")),
        _ => None,
    });
    host.filter(|address| Email::parse(address).is_ok()).unwrap_or_else(|| "no-reply@localhost".to_owned())
}

/// The keys of a mail server.
const OF_SMTP: [&str; 5] =
    ["mail.smtp_host", "mail.smtp_port", "mail.smtp_user", "mail.smtp_password", "mail.smtp_ca_file"];

fn transport(values: &Values) -> Option<MailTransport> {
    values.peek("mail.transport")
}

pub(crate) fn server_missing(values: &Values) -> Option<Fault> {
    transport(values).filter(|it| *it == MailTransport::Smtp)?;
    (!values.is_set("mail.smtp_host")).then(|| {
        let problem = "mail.transport is smtp, and no mail server is named";
        values.fault("mail.smtp_host", problem, "set it to the name of the mail server")
    })
}

pub(crate) fn server_for_nobody(values: &Values) -> Option<Fault> {
    transport(values).filter(|it| *it != MailTransport::Smtp)?;
    let useless = OF_SMTP.into_iter().find(|key| values.is_set(key))?;
    let problem = "it is for a mail server, but mail.transport is not smtp, so it has no effect";
    Some(values.fault(useless, problem, "set mail.transport to smtp, or remove it"))
}

pub(crate) fn credentials_in_halves(values: &Values) -> Option<Fault> {
    let (user, password) = ("mail.smtp_user", "mail.smtp_password");
    let (lonely, missing) = match (values.is_set(user), values.is_set(password)) {
        (true, false) => (user, password),
        (false, true) => (password, user),
        _ => return None,
    };
    let problem = format!("{missing} is not set, and the mail server needs both");
    Some(values.fault(lonely, problem, format!("set {missing}, or remove {lonely}")))
}

/// A password in clear is everybody's who can read the network.
pub(crate) fn password_in_clear(values: &Values) -> Option<Fault> {
    values.peek::<SmtpSecurity>("mail.smtp_security").filter(|it| *it == SmtpSecurity::None)?;
    let host = values.peek::<String>("mail.smtp_host")?;
    let local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    (values.is_set("mail.smtp_password") && !local).then(|| {
        let problem = format!("the password would be sent to {host} without encryption");
        values.fault("mail.smtp_security", problem, "use starttls or tls, or a mail server on this machine")
    })
}

/// The owner of a taken address could not be told.
pub(crate) fn hidden_from_the_owner(values: &Values) -> Option<Fault> {
    transport(values).filter(|it| *it == MailTransport::None)?;
    values.peek::<bool>("registration.hide_existing").filter(|on| *on)?;
    Some(values.fault(
        "registration.hide_existing",
        "only a mail can tell people whether their registration succeeded, and mail.transport is none",
        "set mail.transport, or disable it",
    ))
}
