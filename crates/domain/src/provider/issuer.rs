use crate::redirect_uri::{RedirectUriError, check_authority, is_loopback};

const LONGEST: usize = 255;

/// Why a text is not the issuer of a provider, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It has more than 255 characters.
    #[error("The issuer is too long; it may have up to 255 characters.")]
    TooLong,
    /// It begins with neither `https://` nor `http://`.
    #[error("The issuer must begin with https://, as in https://accounts.example.com.")]
    Scheme,
    /// It has no host, or the host is not well-formed.
    #[error("The issuer must have one host in lower case, without a user name, as in https://accounts.example.com.")]
    Host,
    /// Its port is not a valid number.
    #[error("The port of the issuer must be a number from 1 to 65535.")]
    Port,
    /// It has a character that is not allowed in the path of a URL.
    #[error("The issuer has a character that is not allowed in a URL; copy it as the provider shows it.")]
    Character,
    /// It has a query or a fragment.
    #[error(
        "The issuer has a query or a fragment; remove the ? or # and the text after it (OpenID Connect Core §1.2)."
    )]
    Query,
    /// It is the address of the discovery document.
    #[error("This is the address of the discovery document; remove /.well-known/openid-configuration from its end.")]
    Discovery,
    /// Its path has a `.` or `..`.
    #[error("The issuer has a . or .. in its path; write the resulting path.")]
    DotSegment,
}

/// The issuer of a provider (OpenID Connect Core §1.2): an `https` URL without query and fragment.
///
/// It is kept byte for byte, because it is compared so with the `iss` of tokens; `https://a.example` and
/// `https://a.example/` are two issuers. An `http` URL is an issuer too: whether plain HTTP may be used is decided where
/// the provider is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(String);

value!(Issuer, IssuerError);

impl Issuer {
    /// Checks an issuer; it is kept as it is written.
    ///
    /// # Errors
    /// [`IssuerError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        if text.len() > LONGEST {
            return Err(IssuerError::TooLong);
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(IssuerError::Scheme)?;
        if rest.contains(['?', '#']) {
            return Err(IssuerError::Query);
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        check_authority(authority).map_err(|fault| match fault {
            RedirectUriError::Port => IssuerError::Port,
            _ => IssuerError::Host,
        })?;
        check_path(path)?;
        Ok(Self(text.to_owned()))
    }

    /// Whether it is called over plain HTTP.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.0.starts_with("http://")
    }

    /// Whether its host is a loopback host: `127.0.0.1`, `[::1]` or `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        check_authority(self.authority()).is_ok_and(is_loopback)
    }

    fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }
}

fn check_path(path: &str) -> Result<(), IssuerError> {
    // RFC 3986 §3.3, without percent-encoding: two encodings of one path would be two issuers.
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&b);
    if !path.bytes().all(allowed) {
        return Err(IssuerError::Character);
    }
    if path.split('/').any(|step| matches!(step, "." | "..")) {
        return Err(IssuerError::DotSegment);
    }
    if path.contains("/.well-known/") {
        return Err(IssuerError::Discovery);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn an_issuer_is_kept_byte_for_byte() {
        for text in [
            "https://accounts.google.com",
            "https://accounts.example.com/",
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "https://example.okta.com/oauth2/default",
            "https://id.example.com:8443/realms/My_Realm",
            "http://127.0.0.1:4711",
            "http://[::1]:4711/op",
        ] {
            assert_eq!(Issuer::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_could_be_another_place_is_refused() {
        use IssuerError::*;
        for (text, error) in [
            ("accounts.google.com", Scheme),
            ("ftp://accounts.google.com", Scheme),
            ("HTTPS://accounts.google.com", Scheme),
            ("https://", Host),
            ("https://Accounts.google.com", Host),
            ("https://ann@accounts.google.com", Host),
            ("https://accounts.google.com\\@evil.example", Host),
            ("https://accounts.google.com:0", Port),
            ("https://accounts.google.com?x=1", Query),
            ("https://accounts.google.com/#x", Query),
            ("https://accounts.google.com/a b", Character),
            ("https://accounts.google.com/%2e%2e/x", Character),
            ("https://accounts.google.com/a/../b", DotSegment),
            ("https://accounts.google.com/.well-known/openid-configuration", Discovery),
            (&*format!("https://a.example/{}", "a".repeat(255)), TooLong),
        ] {
            assert_eq!(Issuer::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn plain_http_and_loopback_are_told_apart() {
        let facts = |text| {
            let issuer = Issuer::parse(text).unwrap();
            (issuer.is_plain_http(), issuer.is_loopback())
        };
        assert_eq!(facts("https://a.example"), (false, false));
        assert_eq!(facts("http://a.example/op"), (true, false));
        assert_eq!(facts("https://localhost:8443/op"), (false, true));
        assert_eq!(facts("http://[::1]/op"), (true, true));
        assert_eq!(facts("http://127.0.0.1.a.example"), (true, false));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("https?://[a-z.\\[\\]:@1]{0,12}[/?#:a-z.%0-9]{0,8}")) {
            if let Some(issuer) = laws::parsing_settles::<Issuer>(&text)? {
                prop_assert_eq!(issuer.as_str(), &text);
                prop_assert!(!text.contains(['?', '#', ' ', '\\']));
                prop_assert!(issuer.is_loopback() || !issuer.as_str().starts_with("http://localhost/"));
            }
        }
    }
}
