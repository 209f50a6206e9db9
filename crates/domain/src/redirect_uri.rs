use std::net::{Ipv4Addr, Ipv6Addr};

const LONGEST: usize = 2048;

/// Why a text can't be registered as a redirect URI, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// It has more than 2048 characters.
    #[error("The redirect URI is too long; it may have up to 2048 characters.")]
    TooLong,
    /// It has a character that is not allowed in a URI: a blank, a backslash, or one beyond ASCII.
    #[error("The redirect URI has a character that is not allowed in a URI; write it percent-encoded.")]
    Character,
    /// Its scheme is not allowed for authorization codes.
    #[error(
        "The redirect URI must begin with https://, with http:// and this machine's own address, or with a scheme of your \
         own that has a dot in it, as in com.example.app:/callback."
    )]
    Scheme,
    /// It uses plain HTTP to another machine.
    #[error(
        "The redirect URI must be https:// unless it leads to the user's own machine: http://127.0.0.1, http://[::1] or \
         http://localhost."
    )]
    NotLoopback,
    /// It has no host, or the host is not well-formed.
    #[error("The redirect URI must name one host, in lower case: https://app.example.com/callback.")]
    Host,
    /// It has a part before the host that looks like the host.
    #[error("The redirect URI has an @ before its host, which hides its target; remove it.")]
    UserInfo,
    /// Its port is not a valid number.
    #[error("The redirect URI's port must be a number from 1 to 65535.")]
    Port,
    /// It has a fragment (`#…`).
    #[error("The redirect URI has a fragment; remove the # and the text after it (RFC 6749 §3.1.2).")]
    Fragment,
    /// It contains `*`.
    #[error("The redirect URI contains a *; URIs are compared byte for byte, so list each one.")]
    Wildcard,
    /// Its path has a `.` or `..`, in any encoding.
    #[error("The redirect URI has a . or .. in its path; write the resulting path.")]
    DotSegment,
}

/// Where authorization codes may be sent: `https`, `http` to a loopback host (RFC 8252 §7.3), or a private-use scheme
/// (§7.1).
///
/// The URI of a request is compared with it byte for byte (RFC 9700 §4.1.3): see [`RedirectUri::is`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedirectUri(String);

value!(RedirectUri, RedirectUriError);

impl RedirectUri {
    /// Checks a URI before it is registered; it is kept as it is written.
    ///
    /// # Errors
    /// [`RedirectUriError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > LONGEST {
            return Err(RedirectUriError::TooLong);
        }
        check_characters(text)?;
        let (scheme, rest) = text.split_once(':').ok_or(RedirectUriError::Scheme)?;
        let path = match scheme {
            "https" => check_host(rest, |_| true)?,
            "http" => check_host(rest, is_loopback)?,
            private if is_private_use(private) => rest,
            _ => return Err(RedirectUriError::Scheme),
        };
        check_path(path)?;
        Ok(Self(text.to_owned()))
    }

    /// Whether the URI of a request is this one: byte for byte, with nothing decoded, folded or resolved.
    #[must_use]
    pub fn is(&self, shown: &str) -> bool {
        self.0 == shown
    }
}

/// RFC 3986 §2: unreserved, reserved, or percent-encoded.
fn check_characters(text: &str) -> Result<(), RedirectUriError> {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'#' => return Err(RedirectUriError::Fragment),
            b'*' => return Err(RedirectUriError::Wildcard),
            b'%' if bytes.by_ref().take(2).filter(u8::is_ascii_hexdigit).count() == 2 => {}
            b'%' => return Err(RedirectUriError::Character),
            known if known.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()+,;=".contains(&known) => {}
            _ => return Err(RedirectUriError::Character),
        }
    }
    Ok(())
}

/// The path and everything after it, after an allowed host.
fn check_host(rest: &str, allowed: impl Fn(&str) -> bool) -> Result<&str, RedirectUriError> {
    let rest = rest.strip_prefix("//").ok_or(RedirectUriError::Host)?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(RedirectUriError::UserInfo);
    }
    let host = check_authority(authority)?;
    if allowed(host) { Ok(path) } else { Err(RedirectUriError::NotLoopback) }
}

/// The host of `host` or `host:port`.
pub(crate) fn check_authority(authority: &str) -> Result<&str, RedirectUriError> {
    let end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority[end..].split_once(':') {
        Some((name, port)) => (&authority[..end + name.len()], Some(port)),
        None => (authority, None),
    };
    if port.is_some_and(|port| !is_port(port)) {
        return Err(RedirectUriError::Port);
    }
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let good = match literal {
        Some(address) => address.parse::<Ipv6Addr>().is_ok() && !address.contains(|c: char| c.is_ascii_uppercase()),
        None => is_host_name(host),
    };
    if good { Ok(host) } else { Err(RedirectUriError::Host) }
}

fn is_port(text: &str) -> bool {
    !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// A name (RFC 1123 §2.1) or an IPv4 address in its usual form; `0x7f.1` and similar forms are neither.
fn is_host_name(host: &str) -> bool {
    let label = |label: &str| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.starts_with(|c: char| c.is_ascii_digit());
    host.len() <= 253 && host.split('.').all(label) && (!numeric || host.parse::<Ipv4Addr>().is_ok())
}

/// RFC 8252 §7.3 prefers the literals; `localhost` is the usual form.
pub(crate) fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "[::1]" | "localhost")
}

/// RFC 8252 §7.1: a domain name of the app's owner, in reverse order. The dot excludes `javascript:` and `data:`.
fn is_private_use(scheme: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(allowed)
        && scheme.contains('.')
        && scheme.split('.').all(|label| !label.is_empty())
}

/// Servers and proxies resolve dots in different ways: `..;/` once left the allowed path (CVE-2026-3872).
fn check_path(rest: &str) -> Result<(), RedirectUriError> {
    let path = rest.split('?').next().unwrap_or_default().replace("%2e", ".").replace("%2E", ".");
    let is_dots = |step: &str| matches!(step.split(';').next(), Some("." | ".."));
    if path.split('/').any(is_dots) { Err(RedirectUriError::DotSegment) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    fn registered(text: &str) -> RedirectUri {
        RedirectUri::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn https_loopback_and_private_use_schemes_can_be_registered() {
        for text in [
            "https://app.example.com/callback",
            "https://app.example.com",
            "https://app.example.com:8443/a/b?tenant=1&x=%2F",
            "https://203.0.113.7/cb",
            "http://127.0.0.1:4711/cb",
            "http://[::1]:4711/cb",
            "http://localhost/cb",
            "com.example.app:/callback",
            "com.example.app://oauth/callback",
        ] {
            assert_eq!(registered(text).as_str(), text);
        }
    }

    #[test]
    fn what_leads_elsewhere_or_hides_where_it_leads_is_refused() {
        use RedirectUriError::*;
        for (text, error) in [
            ("http://app.example.com/cb", NotLoopback),
            ("http://127.0.0.1.example.com/cb", NotLoopback),
            ("http://localhost.example.com/cb", NotLoopback),
            ("https://app.example.com/cb#x", Fragment),
            ("https://*.example.com/cb", Wildcard),
            ("https://app.example.com/*", Wildcard),
            ("https://App.example.com/cb", Host),
            ("https:///cb", Host),
            ("https:app.example.com", Host),
            ("https://app..example.com/", Host),
            ("https://0x7f.0.0.1/", Host),
            ("https://127.1/", Host),
            ("https://[::1/", Port),
            ("https://[::1]x/", Host),
            ("https://app.example.com:0/", Port),
            ("https://app.example.com:70000/", Port),
            ("https://app.example.com:/", Port),
            ("https://app.example.com\\@evil.example/", Character),
            ("https://app.example.com/a b", Character),
            ("https://app.example.com/%zz", Character),
            ("https://app.example.com/%2", Character),
            ("https://äpp.example.com/", Character),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("myapp:/callback", Scheme),
            ("HTTPS://app.example.com/", Scheme),
            ("//app.example.com/", Scheme),
            ("", Scheme),
        ] {
            assert_eq!(RedirectUri::parse(text), Err(error), "{text}");
        }
        assert_eq!(RedirectUri::parse(&format!("https://a.example/{}", "a".repeat(2048))), Err(TooLong));
    }

    #[test]
    fn cve_2024_8883_another_host_or_port_of_this_machine_is_another_uri() {
        let uri = registered("http://127.0.0.1/cb");
        for shown in ["http://localhost/cb", "http://127.0.0.1:8080/cb", "http://127.0.0.1./cb", "http://[::1]/cb"] {
            assert!(!uri.is(shown), "{shown}");
        }
        assert!(uri.is("http://127.0.0.1/cb"));
    }

    #[test]
    fn cve_2026_3872_a_path_with_dots_is_neither_registered_nor_matched() {
        let uri = registered("https://app.example.com/cb");
        for path in ["..;/cb", "x/../cb", "./cb", "%2e%2e/cb", "x/..;a=b/cb", "x/.%2E;/cb", ".."] {
            let shown = format!("https://app.example.com/{path}");
            assert_eq!(RedirectUri::parse(&shown), Err(RedirectUriError::DotSegment), "{shown}");
            assert!(!uri.is(&shown), "{shown}");
        }
        assert!(RedirectUri::parse("https://app.example.com/.well-known/cb?next=../x").is_ok());
    }

    #[test]
    fn cve_2026_7504_user_information_is_neither_registered_nor_matched() {
        let uri = registered("https://app.example.com/cb");
        for shown in [
            "https://app.example.com@evil.example/cb",
            "https://a@b@app.example.com/cb",
            "https://evil.example%40@app.example.com/cb",
            "https://@app.example.com/cb",
        ] {
            assert_eq!(RedirectUri::parse(shown), Err(RedirectUriError::UserInfo), "{shown}");
            assert!(!uri.is(shown), "{shown}");
        }
    }

    #[test]
    fn ghsa_86j7_9j95_vpqj_what_only_begins_or_ends_alike_is_another_uri() {
        let uri = registered("https://app.example.com/cb");
        for shown in [
            "https://app.example.com/cb/",
            "https://app.example.com/cb?x=1",
            "https://app.example.com/cb#x",
            "https://app.example.com/CB",
            "https://APP.example.com/cb",
            "https://app.example.com:443/cb",
            "https://app.example.com/c%62",
            "https://app.example.com.evil.example/cb",
            " https://app.example.com/cb",
            "https://app.example.com/cb\n",
            "",
        ] {
            assert!(!uri.is(shown), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_itself_and_nothing_else(
            text in laws::texts("(https|http|com\\.a):(//)?[a-z.\\[\\]:@1]{0,12}[/?#*%;.a-z0-9]{0,12}"),
        ) {
            if let Some(uri) = laws::parsing_settles::<RedirectUri>(&text)? {
                prop_assert!(uri.is(&text));
                let altered = format!("{text}x");
                prop_assert!(!uri.is(&altered));
            }
        }
    }
}
