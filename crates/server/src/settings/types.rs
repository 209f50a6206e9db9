//! The types of settings that are the service's own. Each refuses, on reading, what it can't hold.

use std::fmt;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorward_domain::KeyAlgorithm;
use doorward_telemetry::LogFormat;
use serde_json::Value as Json;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::value::{Input, ListItem, Refusal, SettingValue, duration, shown_duration, text};

const MASK: &str = "********";

/// Whether a shown value has something masked in it.
pub(super) fn is_masked(shown: &Json) -> bool {
    shown.as_str().is_some_and(|text| text.contains(MASK))
}

/// A value that no log line, error or listing may show; wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret over.
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// The secret itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<Zeroizing<String>> for Secret {
    fn from(secret: Zeroizing<String>) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl SettingValue for Secret {
    const FORMAT: &'static str = "a secret text";
    const SECRET: bool = true;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match input {
            Input::Text(secret) if !secret.is_empty() => Ok(Self::new(secret.clone())),
            Input::Text(_) => Err(Refusal::because("it is empty", "give it a value, or remove it")),
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from(MASK)
    }
}

/// An `http` or `https` address without user, query or fragment, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a page below it; `path` begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.trim_end_matches('/'))
    }

    /// Whether browsers take a `Secure` cookie from it: by TLS, or on this machine.
    pub fn may_set_secure_cookies(&self) -> bool {
        let loopback = |url: Url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.is_https() || http_address(&self.0).is_some_and(loopback)
    }

    /// Whether it is reached by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parser would mend a missing `//`, blanks and backslashes; a setting says what it means.
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
        "an http or https address without user, query or fragment, such as `https://id.example.org`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        http_address(text).map(|_| Self(text.to_owned())).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.0.as_str())
    }
}

/// A web origin as browsers send it: scheme, host and, unless it is the usual one, port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SettingValue for Origin {
    const FORMAT: &'static str = "a web origin, such as `https://app.example.org`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        if text == "*" {
            return Err(Refusal::because(
                "`*` would let every web page act with a visitor's tokens",
                "name the origins of your front ends, such as https://app.example.org",
            ));
        }
        let url = http_address(text).filter(|url| url.path() == "/").ok_or(Refusal::Format)?;
        Ok(Self(url.origin().ascii_serialization()))
    }

    fn show(&self) -> Json {
        Json::from(self.0.as_str())
    }
}

impl ListItem for Origin {
    const LIST_FORMAT: &'static str =
        "a list of web origins, such as `https://app.example.org`, in the environment separated by commas";
}

/// Which store holds the data, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the whole address, because it can hold a password.
    Postgres(Secret),
}

impl DatabaseUrl {
    /// The address with its password masked, fit for a log line.
    pub fn masked(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => masked_password(url.expose()),
        }
    }
}

/// Masks the password, and the value of each query parameter that names one. Where a stray `@` leaves
/// doubt about what is password and what is not, nothing but the scheme is shown.
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
            "an SQLite address takes no parameters",
            "write sqlite:// and the path of the file, and nothing after it",
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

/// So many in a period: a burst of `limit`, then one more each `per / limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub limit: NonZeroU32,
    /// In which time.
    pub per: Duration,
}

impl SettingValue for Rate {
    const FORMAT: &'static str = "a number in a time, such as `10/m`, `5/15m` or `20/h`";

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

/// Which log lines are written, known to be understood by the logger.
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
        let text = text(input)?;
        doorward_telemetry::check_filter(text).map(|_| Self(text.to_owned())).map_err(|_| Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.0.as_str())
    }
}
