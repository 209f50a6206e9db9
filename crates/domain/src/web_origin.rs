use crate::redirect_uri::{RedirectUriError, check_authority, is_loopback};

/// Why a text is not a web origin, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebOriginError {
    /// It is neither `https://` nor `http://` to a loopback host.
    #[error("The origin must begin with https://, or with http:// and a loopback host, such as http://localhost.")]
    Scheme,
    /// It has no host, or the host is not written as in browsers.
    #[error("The origin must be a scheme and a host in lower case, as in https://app.example.com.")]
    Host,
    /// Its port is not a number, or is the default port, which browsers omit.
    #[error("The port of the origin must be a number from 1 to 65535; omit it if it is the default port.")]
    Port,
    /// It has something after the host.
    #[error("The origin ends with its host or port; remove the path and the slash.")]
    Path,
}

/// The web origin of a page, as browsers write it (RFC 6454 §6.2): `https://app.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebOrigin(String);

value!(WebOrigin, WebOriginError);

impl WebOrigin {
    /// Checks an origin. It is kept as it is written, which is the only form of browsers.
    ///
    /// # Errors
    /// [`WebOriginError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, WebOriginError> {
        let (scheme, authority) = text.split_once("://").ok_or(WebOriginError::Scheme)?;
        if authority.contains(['/', '?', '#']) {
            return Err(WebOriginError::Path);
        }
        let host = check_authority(authority).map_err(|fault| match fault {
            RedirectUriError::Port => WebOriginError::Port,
            _ => WebOriginError::Host,
        })?;
        let usual = match scheme {
            "https" => ":443",
            "http" if is_loopback(host) => ":80",
            _ => return Err(WebOriginError::Scheme),
        };
        if &authority[host.len()..] == usual {
            return Err(WebOriginError::Port);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for text in ["https://app.example.com", "https://app.example.com:8443", "http://localhost:3000", "http://[::1]"]
        {
            assert_eq!(WebOrigin::parse(text).unwrap().as_str(), text);
        }
        for (text, error) in [
            ("https://app.example.com/", WebOriginError::Path),
            ("https://app.example.com?x", WebOriginError::Path),
            ("https://app.example.com:443", WebOriginError::Port),
            ("http://localhost:80", WebOriginError::Port),
            ("https://app.example.com:x", WebOriginError::Port),
            ("https://ann@app.example.com", WebOriginError::Host),
            ("https://App.example.com", WebOriginError::Host),
            ("https://*.example.com", WebOriginError::Host),
            ("https://", WebOriginError::Host),
            ("http://app.example.com", WebOriginError::Scheme),
            ("ftp://localhost", WebOriginError::Scheme),
            ("null", WebOriginError::Scheme),
            ("*", WebOriginError::Scheme),
        ] {
            assert_eq!(WebOrigin::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_was_written(text in laws::texts("(https|http)://[a-z.\\[\\]:@1]{0,12}[/?#:0-9]{0,6}")) {
            if let Some(origin) = laws::parsing_settles::<WebOrigin>(&text)? {
                prop_assert_eq!(origin.as_str(), &text);
            }
        }
    }
}
