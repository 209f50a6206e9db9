//! Where the lines of the audit log are shipped.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use url::{Host, Url};

use crate::value::{Input, Refusal, SettingValue, text};

/// A file, or a receiver of syslog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShipTo {
    /// Lines of JSON are appended to this file.
    File(PathBuf),
    /// Messages of syslog are sent to this receiver.
    Syslog {
        /// How they are sent.
        transport: SyslogTransport,
        /// The name or IP address of the receiver, without brackets.
        host: String,
        /// Its port.
        port: u16,
    },
}

/// How messages of syslog are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyslogTransport {
    /// RFC 5426.
    Udp,
    /// RFC 6587.
    Tcp,
    /// RFC 5425.
    Tls,
}

impl SyslogTransport {
    const ALL: [Self; 3] = [Self::Udp, Self::Tcp, Self::Tls];

    const fn scheme(self) -> &'static str {
        match self {
            Self::Udp => "syslog+udp",
            Self::Tcp => "syslog+tcp",
            Self::Tls => "syslog+tls",
        }
    }
}

impl fmt::Display for ShipTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file://{}", path.display()),
            Self::Syslog { transport, host, port } if host.contains(':') => {
                write!(f, "{}://[{host}]:{port}", transport.scheme())
            }
            Self::Syslog { transport, host, port } => write!(f, "{}://{host}:{port}", transport.scheme()),
        }
    }
}

impl SettingValue for ShipTo {
    const FORMAT: &'static str =
        "`file:///PATH`, or `syslog+udp://HOST:PORT`, with `syslog+tcp` or `syslog+tls` as well";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        match text.strip_prefix("file://") {
            Some(path) => file(path),
            None => receiver(text).ok_or(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from(self.to_string())
    }
}

/// Written as it is, not percent-encoded.
fn file(path: &str) -> Result<ShipTo, Refusal> {
    if !Path::new(path).is_absolute() {
        return Err(Refusal::because(
            "the path of the file is not absolute",
            "write it from the root: file:///var/log/…",
        ));
    }
    match Path::new(path).file_name() {
        Some(_) if !path.ends_with('/') => Ok(ShipTo::File(path.into())),
        _ => {
            Err(Refusal::because("it names a folder, and not a file", "add the name of the file, such as audit.ndjson"))
        }
    }
}

fn receiver(text: &str) -> Option<ShipTo> {
    let transport = SyslogTransport::ALL.into_iter().find(|it| text.starts_with(&format!("{}://", it.scheme())))?;
    let url = Url::parse(text).ok()?;
    // A scheme that the parser does not know keeps its host as it was written.
    let host = match url.host()? {
        Host::Domain(name) if name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) => name.to_owned(),
        Host::Domain(_) => return None,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let bare = url.username().is_empty()
        && url.password().is_none()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    let port = url.port().filter(|port| *port != 0)?;
    bare.then_some(ShipTo::Syslog { transport, host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ShipTo, Refusal> {
        ShipTo::parse(&Input::Text(text.to_owned()))
    }

    #[test]
    fn a_file_and_each_transport_are_read_and_shown_as_they_were_written() {
        let to = |transport, host: &str, port| ShipTo::Syslog { transport, host: host.to_owned(), port };
        let all = [
            ("file:///var/log/doorward/audit 1.ndjson", ShipTo::File("/var/log/doorward/audit 1.ndjson".into())),
            ("syslog+udp://10.0.0.1:514", to(SyslogTransport::Udp, "10.0.0.1", 514)),
            ("syslog+tcp://[2001:db8::1]:601", to(SyslogTransport::Tcp, "2001:db8::1", 601)),
            ("syslog+tls://logs.example.com:6514", to(SyslogTransport::Tls, "logs.example.com", 6514)),
        ];
        for (text, expected) in all {
            assert_eq!(parse(text).unwrap(), expected);
            assert_eq!(expected.show(), Json::from(text));
        }
        assert_eq!(parse("syslog+udp://h:514/").unwrap(), to(SyslogTransport::Udp, "h", 514));
    }

    #[test]
    fn whatever_is_no_destination_is_refused() {
        assert!(parse("").is_err());
        for bad in [
            "/var/log/audit",
            "file:/x",
            "syslog://h:514",
            "syslog+udp://h",
            "syslog+udp://:514",
            "syslog+udp://h:0",
            "syslog+udp://h:x",
            "syslog+tls://u@h:1",
            "syslog+tls://h:1/x",
            "syslog+tls://h:1?x",
            "syslog+tls://h o:1",
            "tcp://h:514",
        ] {
            assert!(matches!(parse(bad), Err(Refusal::Format)), "{bad:?}");
        }
        for bad in ["file://", "file://audit", "file:///", "file:///var/log/", "file:///var/.."] {
            assert!(matches!(parse(bad), Err(Refusal::Because { .. })), "{bad:?}");
        }
    }
}
