use crate::message::Sender;
use async_trait::async_trait;
use doorward_ports::Secret;
use doorward_ports::outbound::{Mail, Mailer, NotSent};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::fmt;
use std::time::Duration;

/// How many connections to the server a node has at most.
const CONNECTIONS: u32 = 4;
/// How long an unused connection stays open.
const IDLE: Duration = Duration::from_secs(30);
/// An attempt has several steps, each with the time limit of the settings.
const STEPS: u32 = 3;

/// Whether the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// By STARTTLS (RFC 3207): a server without it is refused.
    StartTls,
    /// From its first byte (RFC 8314).
    Tls,
    /// Not at all.
    None,
}

/// How the mail server is reached.
pub struct SmtpSettings {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub security: Security,
    /// The user and the password for it.
    pub credentials: Option<(String, Secret)>,
    /// Certificate authorities as PEM that are trusted besides those of browsers.
    pub authorities: Option<Vec<u8>>,
    /// How long each step may take.
    pub timeout: Duration,
}

/// The settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The certificate authorities are not PEM.
    #[error("the certificate authorities of the mail server can't be read: there is no certificate in PEM")]
    Authorities,
    /// TLS can't be set up.
    #[error("TLS can't be set up for the mail server: {0}")]
    Tls(String),
}

/// A mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    patience: Duration,
}

impl Smtp {
    /// A connection is opened when the first mail is sent.
    ///
    /// # Errors
    /// [`SmtpError`].
    pub fn new(settings: SmtpSettings, sender: Sender) -> Result<Self, SmtpError> {
        let tls = match settings.security {
            Security::None => Tls::None,
            Security::StartTls => Tls::Required(parameters(&settings)?),
            Security::Tls => Tls::Wrapper(parameters(&settings)?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(settings.timeout))
            .hello_name(ClientId::Domain(sender.from.domain().to_owned()))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE));
        if let Some((user, password)) = settings.credentials {
            transport = transport.credentials(Credentials::new(user, password.expose().to_owned()));
        }
        Ok(Self { transport: transport.build(), sender, patience: settings.timeout * STEPS })
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, smtp::Error>>) -> Result<T, NotSent> {
        match tokio::time::timeout(self.patience, work).await {
            Ok(answer) => answer.map_err(|error| judged(&error)),
            Err(_) => Err(NotSent::Unavailable(Said::nothing_in_time().into())),
        }
    }
}

fn parameters(settings: &SmtpSettings) -> Result<TlsParameters, SmtpError> {
    let mut builder = TlsParameters::builder(settings.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(pem) = &settings.authorities {
        if !pem.windows(CERTIFICATE.len()).any(|text| text == CERTIFICATE) {
            return Err(SmtpError::Authorities);
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|_| SmtpError::Authorities)?);
    }
    builder.build_rustls().map_err(|error| SmtpError::Tls(error.to_string()))
}

const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        let message = self.sender.write(mail).map_err(|error| NotSent::Refused(error.into()))?;
        self.in_time(self.transport.send(message)).await.map(drop)
    }

    async fn check(&self) -> Result<(), NotSent> {
        match self.in_time(self.transport.test_connection()).await? {
            true => Ok(()),
            false => Err(NotSent::Unavailable(Said::nothing_in_time().into())),
        }
    }
}

/// What went wrong, without the words of the server: they may name the recipient.
#[derive(Debug)]
struct Said(String);

impl Said {
    fn nothing_in_time() -> Self {
        Self("the mail server did not answer in time".to_owned())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}

/// RFC 5321 §4.2.1: 4yz may succeed later, 5yz never will. Refused credentials (RFC 4954 §6) and a server that closes (421)
/// concern all mails.
fn judged(error: &smtp::Error) -> NotSent {
    let Some(code) = error.status().map(u16::from) else {
        return NotSent::Unavailable(Said(without_a_code(error).to_owned()).into());
    };
    let said = Said(format!("the mail server answered {code}")).into();
    match code {
        421 | 432 | 454 | 530 | 534 | 535 | 538 => NotSent::Unavailable(said),
        400..=499 => NotSent::Deferred(said),
        _ => NotSent::Refused(said),
    }
}

fn without_a_code(error: &smtp::Error) -> &'static str {
    if error.is_timeout() {
        "the mail server did not answer in time"
    } else if error.is_tls() {
        "the mail server's certificate is not trusted, or it can't speak TLS"
    } else if error.is_response() {
        "the mail server answered something that is not SMTP"
    } else if error.is_client() {
        "the mail server lacks STARTTLS, or a way to authenticate that we know"
    } else {
        "the mail server can't be reached"
    }
}
