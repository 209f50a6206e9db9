use crate::backend::{Abandon, Conn};
use crate::diagnose::cure_of_opening;
use crate::store::open_error::OpenError;
use crate::store::parameters;
use crate::tls::{Tls, Trust};
use crate::url_error::UrlError;
use doorward_ports::Causes;
use std::net::IpAddr;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, Connection};

/// A connection whose packets are not acknowledged for this time is closed; otherwise a server that disappeared would
/// block it for a quarter of an hour.
const UNANSWERED: Duration = Duration::from_secs(20);
/// If the URL contains several hosts, a host that does not answer must not use up the time of the others.
const NEXT_HOST: Duration = Duration::from_secs(2);
const SILENT: &str = "check that PostgreSQL runs, and that no firewall blocks the connection";

/// How to connect to a PostgreSQL server.
#[derive(Clone)]
pub struct Server {
    config: Config,
    tls: Tls,
}

/// The TLS parameters of the URL, with the names of libpq.
#[derive(Default)]
struct TlsWishes<'a> {
    mode: Option<&'a str>,
    root_certificate: Option<&'a str>,
}

impl Server {
    /// Parses the whole URL.
    ///
    /// # Errors
    /// If it is not a PostgreSQL URL, or its certificate file can't be read.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        check_escapes(url)?;
        let (base, parameters) = parameters::split(url);
        let mut wishes = TlsWishes::default();
        let mut others = Vec::new();
        for (name, value) in parameters {
            match name {
                "sslmode" => wishes.mode = Some(value),
                "sslrootcert" => wishes.root_certificate = Some(value),
                _ => others.push(format!("{name}={value}")),
            }
        }
        let plain = if others.is_empty() { base.to_owned() } else { format!("{base}?{}", others.join("&")) };
        let mut config: Config =
            plain.parse().map_err(|e: tokio_postgres::Error| UrlError::Unreadable(Causes(&e).to_string()))?;
        if !others.iter().any(|other| other.starts_with("target_session_attrs=")) {
            // A standby answers, but can't do what is required.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_hosts().len() > 1 && config.get_connect_timeout().is_none() {
            config.connect_timeout(NEXT_HOST);
        }
        if config.get_application_name().is_none() {
            config.application_name("doorward");
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNANSWERED);
        }
        let (mode, trust) = wishes.judge(&config)?;
        config.ssl_mode(mode);
        let tls = Tls::new(mode, trust, wishes.root_certificate)?;
        Ok(Self { config, tls })
    }

    /// A connection for Doorward's queries.
    pub(crate) async fn connect_within(&self, patience: Duration) -> Result<Conn, OpenError> {
        in_time(patience, self.connect()).await
    }

    async fn connect(&self) -> Result<Conn, OpenError> {
        let opened = match &self.tls {
            Tls::Off => {
                let (client, connection) = self.config.connect(tokio_postgres::NoTls).await.map_err(refused)?;
                Conn::try_from_client_and_connection(client, connection).await
            }
            Tls::On(tls) => {
                let (client, connection) = self.config.connect((**tls).clone()).await.map_err(refused)?;
                Conn::try_from_client_and_connection(client, connection).await
            }
        };
        opened.map_err(|error| OpenError::new(SILENT, error))
    }

    /// A connection for checks outside of queries.
    pub(crate) async fn client_within(&self, patience: Duration) -> Result<Client, OpenError> {
        let opening = async {
            match &self.tls {
                Tls::Off => self.config.connect(tokio_postgres::NoTls).await.map(served),
                Tls::On(tls) => self.config.connect((**tls).clone()).await.map(served),
            }
        };
        in_time(patience, async { opening.await.map_err(refused) }).await
    }

    pub(crate) fn abandon(&self) -> Abandon {
        Abandon(self.tls.clone())
    }
}

async fn in_time<T>(patience: Duration, opening: impl Future<Output = Result<T, OpenError>>) -> Result<T, OpenError> {
    let opened = tokio::time::timeout(patience, opening).await;
    opened.unwrap_or_else(|_| Err(OpenError::new(SILENT, "PostgreSQL does not answer")))
}

/// RFC 3986 §3.2: the part with user and password ends with an `@`, before any of `/`, `?` and `#`. The driver looks
/// for the first `@` anywhere, so a parameter must not contain one either.
fn check_escapes(url: &str) -> Result<(), UrlError> {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let (authority, behind) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let strays = authority.matches('@').count() > 1 || behind.contains('@') || rest.contains('#');
    if strays { Err(UrlError::Unescaped) } else { Ok(()) }
}

/// The connection ends with its client.
fn served<S, T>((client, connection): (Client, Connection<S, T>)) -> Client
where
    Connection<S, T>: Future + Send + 'static,
    <Connection<S, T> as Future>::Output: Send,
{
    tokio::spawn(connection);
    client
}

impl TlsWishes<'_> {
    fn judge(&self, config: &Config) -> Result<(SslMode, Trust), UrlError> {
        Ok(match self.mode {
            None if config.get_hosts().iter().all(is_local) => (SslMode::Disable, Trust::Anybody),
            Some("disable") => (SslMode::Disable, Trust::Anybody),
            None | Some("prefer") => (SslMode::Prefer, Trust::Anybody),
            Some("require" | "verify-ca" | "verify-full") => (SslMode::Require, Trust::Verified),
            Some(_) => return Err(UrlError::SslMode),
        })
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    }
}

/// The text of PostgreSQL is shown without "db error" before it.
pub fn refused(error: tokio_postgres::Error) -> OpenError {
    let cure = cure_of_opening(&error);
    match error.as_db_error().cloned() {
        Some(words) => OpenError::new(cure, words),
        None => OpenError::new(cure, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Server::parse(url).unwrap_or_else(|e| panic!("{url}: {e}")).config.get_ssl_mode()
    }

    #[test]
    fn without_sslmode_this_machine_is_reached_in_the_clear_and_another_by_tls_if_it_can() {
        assert_eq!(mode("postgres://ann@127.0.0.1/db"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@[::1]:5433/db"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@localhost/db?application_name=x"), SslMode::Disable);
        assert_eq!(mode("postgres://ann@db.example.com/db"), SslMode::Prefer);
        assert_eq!(mode("postgres://ann@localhost,db.example.com/db"), SslMode::Prefer);
    }

    #[test]
    fn a_server_that_can_be_written_to_is_asked_for_unless_the_url_says_otherwise() {
        let session = |url: &str| Server::parse(url).unwrap_or_else(|e| panic!("{url}: {e}")).config.clone();
        let hosts = session("postgres://one,two:5433/db");
        assert_eq!(hosts.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!((hosts.get_hosts().len(), hosts.get_connect_timeout()), (2, Some(&NEXT_HOST)));
        let any = session("postgres://one/db?target_session_attrs=any");
        assert_eq!((any.get_target_session_attrs(), any.get_connect_timeout()), (TargetSessionAttrs::Any, None));
    }

    #[test]
    fn require_and_verify_full_both_verify() {
        for url in ["postgres://localhost/db?sslmode=require", "postgresql://localhost/db?sslmode=verify-full"] {
            assert_eq!(mode(url), SslMode::Require, "{url}");
        }
    }

    #[test]
    fn what_is_not_escaped_in_a_password_is_refused_and_not_told() {
        for password in ["s3@cret", "s3#cret", "1/s3cret", "s3?cret", "s3?cret=x"] {
            let Err(refusal) = Server::parse(&format!("postgres://ann:{password}@host/db")) else {
                panic!("{password}")
            };
            assert!(!refusal.to_string().contains("cret"), "{refusal}");
        }
        for url in ["postgres://ann:s3%40cret@host/db", "postgres://host/db?user=ann%40realm"] {
            assert!(Server::parse(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn an_unknown_sslmode_is_refused_by_name() {
        let Err(refusal) = Server::parse("postgres://localhost/db?sslmode=yes") else { panic!("taken") };
        assert!(refusal.to_string().contains("sslmode must be disable, prefer"), "{refusal}");
    }

    #[test]
    fn a_root_certificate_that_is_none_is_refused_by_its_path() {
        let url = "postgres://localhost/db?sslmode=require&sslrootcert=/dev/null";
        let Err(refusal) = Server::parse(url) else { panic!("taken") };
        assert!(refusal.to_string().contains("/dev/null"), "{refusal}");
    }
}
