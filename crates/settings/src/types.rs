//! The service's own types of settings. Each refuses invalid values when they are read.

use std::fmt;
use std::path::{Path, PathBuf};

use doorward_domain::{Email, KeyAlgorithm, Quota, WebOrigin};
use doorward_ports::{NoSecret, Secret, SecretLines};
use serde_json::Value as Json;
use url::{Host, Url};

use crate::value::{Input, ListItem, Refusal, SettingValue, duration, shown_duration, text};

const MASK: &str = "********";

/// Whether a shown value has something masked in it.
pub(crate) fn is_masked(shown: &Json) -> bool {
    shown.as_str().is_some_and(|text| text.contains(MASK))
}

pub(crate) fn secret(input: &Input, lines: SecretLines) -> Result<Secret, Refusal> {
    let Input::Text(text) = input else { return Err(Refusal::Format) };
    Secret::read(text.as_bytes(), u64::MAX - 1, lines).map_err(|reason| match reason {
        NoSecret::Empty => Refusal::because("it is empty", "give it a value, or remove it"),
        other => Refusal::because(format!("it {other}"), "write it in one line"),
    })
}

impl SettingValue for Secret {
    const FORMAT: &'static str = "a secret text";
    const SECRET: bool = true;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        secret(input, Self::LINES)
    }

    fn show(&self) -> Json {
        Json::from(MASK)
    }
}

/// A private key as PKCS#8 PEM (RFC 5958, RFC 7468); only its first line is checked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPem(Secret);

impl KeyPem {
    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl SettingValue for KeyPem {
    const FORMAT: &'static str = Secret::FORMAT;
    const SECRET: bool = true;
    const LINES: SecretLines = SecretLines::Many;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let pem = secret(input, Self::LINES)?;
        if pem.expose().trim_start().starts_with("-----BEGIN PRIVATE KEY-----") {
            return Ok(Self(pem));
        }
        Err(Refusal::because(
            "it is not a private key as PKCS#8 PEM, which begins with -----BEGIN PRIVATE KEY-----",
            "create one with `openssl genpkey -algorithm ed25519`, and set tokens.signing_key_file to its path",
        ))
    }

    fn show(&self) -> Json {
        self.0.show()
    }
}

/// An `http` or `https` URL without user, query or fragment, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its host is loopback.
    pub fn is_loopback(&self) -> bool {
        let loopback = |url: Url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        http_address(&self.0).is_some_and(loopback)
    }

    /// Whether browsers accept a `Secure` cookie from it: over TLS, or from their own machine.
    pub fn may_set_secure_cookies(&self) -> bool {
        self.is_https() || self.is_loopback()
    }

    /// Whether it uses TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parser would correct a missing `//`, blanks and backslashes; a setting must be written exactly.
fn http_address(text: &str) -> Option<Url> {
    let plain = text.starts_with("http://") || text.starts_with("https://");
    if !plain || text.contains(|c: char| c.is_whitespace() || c == '\\') {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    bare.then_some(url)
}

impl SettingValue for HttpUrl {
    const FORMAT: &'static str =
        "an http or https URL without user, query or fragment, such as `https://id.example.org`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        http_address(text).map(|_| Self(text.to_owned())).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.0.as_str())
    }
}

impl SettingValue for Email {
    const FORMAT: &'static str = "an e-mail address, such as `admin@example.org`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        Self::parse(text)
            .map_err(|reason| Refusal::because(format!("{text:?} is not an e-mail address"), reason.to_string()))
    }

    fn show(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl SettingValue for WebOrigin {
    const FORMAT: &'static str = "a web origin, such as `https://app.example.org`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        if text == "*" {
            return Err(Refusal::because(
                "`*` would let every web page use the tokens of its visitors",
                "list the origins of your front ends, such as https://app.example.org",
            ));
        }
        let url = http_address(text).filter(|url| url.path() == "/").ok_or(Refusal::Format)?;
        let origin = Self::parse(&url.origin().ascii_serialization());
        origin.map_err(|reason| Refusal::because(format!("{text:?} is not a valid web origin"), reason.to_string()))
    }

    fn show(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl ListItem for WebOrigin {
    const LIST_FORMAT: &'static str =
        "a list of web origins, such as `https://app.example.org`, separated by commas in an environment variable";
}

/// The location of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the whole URL, because it can contain a password.
    Postgres(Secret),
}

impl DatabaseUrl {
    /// The URL itself, for the only place that needs it.
    pub fn exposed(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => url.expose().to_owned(),
        }
    }

    /// The URL with its password masked, for log lines.
    pub fn masked(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => masked_password(url.expose()),
        }
    }
}

/// Masks the password, and the value of each query parameter that can contain one. If another `@` makes it unclear where the
/// password ends, only the scheme is shown.
fn masked_password(text: &str) -> String {
    let clear = Url::parse(text).ok().filter(|url| {
        let doubtful = |part: &str| part.contains('@');
        !doubtful(url.path()) && !url.query().is_some_and(doubtful) && url.fragment().is_none()
    });
    let Some(mut url) = clear else {
        return format!("postgres://{MASK}");
    };
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return format!("postgres://{MASK}");
    }
    let query = url.query().map(|query| query.split('&').map(masked_parameter).collect::<Vec<_>>().join("&"));
    url.set_query(query.as_deref());
    url.to_string()
}

fn masked_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, _)) if name.to_lowercase().contains("pass") => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    }
}

impl SettingValue for DatabaseUrl {
    const FORMAT: &'static str = "`sqlite://PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`";
    const SECRET: bool = true;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        if let Some(path) = text.strip_prefix("sqlite://") {
            return sqlite_path(path).map(|path| Self::Sqlite(path.to_owned()));
        }
        let server = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        match server {
            Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => {
                Ok(Self::Postgres(Secret::new(text.to_owned())))
            }
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from(self.masked())
    }
}

fn sqlite_path(path: &str) -> Result<&Path, Refusal> {
    if path.contains(['?', '#']) {
        return Err(Refusal::because(
            "an SQLite URL has no parameters",
            "write sqlite:// and the path of the file, with nothing after it",
        ));
    }
    if path.is_empty() || path == ":memory:" || path.ends_with('/') {
        return Err(Refusal::because(
            "it names no file, and accounts kept in memory would be lost at the next restart",
            "write sqlite:// and the path of a file, such as sqlite://data/doorward.db",
        ));
    }
    Ok(Path::new(path))
}

impl SettingValue for Quota {
    const FORMAT: &'static str = "a number and a period, such as `10/m`, `5/15m` or `20/h`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let (limit, per) = text(input)?.split_once('/').ok_or(Refusal::Format)?;
        let limit = limit.parse().map_err(|_| Refusal::Format)?;
        let per =
            if per.starts_with(|c: char| c.is_ascii_digit()) { duration(per) } else { duration(&format!("1{per}")) };
        let per = per.filter(|per| !per.is_zero()).ok_or(Refusal::Format)?;
        Ok(Self { limit, per })
    }

    fn show(&self) -> Json {
        Json::from(format!("{}/{}", self.limit, shown_duration(self.per)))
    }
}

impl SettingValue for KeyAlgorithm {
    const FORMAT: &'static str = "`EdDSA`, `Ed25519`, `ES256` or `RS256`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        Self::parse(text(input)?).map_err(|_| Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.as_str())
    }
}

/// The header in which the trusted proxies name the IP address of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddressHeader {
    /// `X-Forwarded-For`, which most proxies write.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl SettingValue for ClientAddressHeader {
    const FORMAT: &'static str = "`x-forwarded-for` or `forwarded`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match text(input)?.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from(match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        })
    }
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object on each line, for log collectors.
    Json,
}

impl SettingValue for LogFormat {
    const FORMAT: &'static str = "`text` or `json`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match text(input)? {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        match self {
            Self::Text => Json::from("text"),
            Self::Json => Json::from("json"),
        }
    }
}

/// Which log lines are written; only the logger can check the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SettingValue for LogFilter {
    const FORMAT: &'static str =
        "a level (`error`, `warn`, `info`, `debug`, `trace`, `off`), or levels for targets: `info,doorward_http=debug`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        text(input).map(|text| Self(text.to_owned()))
    }

    fn show(&self) -> Json {
        Json::from(self.0.as_str())
    }
}
