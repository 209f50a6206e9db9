//! Signed JWTs (RFC 7515 §3.1), before anything is known of their claims.
use crate::claims::Claims;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_ports::outbound::Untrusted;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Deserialize;
use serde_json::Value;

/// The longest token that is read.
const LONGEST: usize = 64 * 1024;

/// What the header of a token names, as far as it is used. Keys in the header (`jwk`, `jku`, `x5c`) are never used.
#[derive(Deserialize)]
struct Header {
    alg: Value,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
    enc: Option<Value>,
}

/// What a token is for (RFC 8725 §3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It states who has signed in.
    Identity,
    /// It ends sessions.
    Logout,
}

impl Purpose {
    /// Whether the `typ` of a header fits. Most providers give none, or the one that says nothing.
    fn fits(self, typ: Option<&str>) -> bool {
        let typ = typ.map(str::to_ascii_lowercase);
        match typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ)) {
            None | Some("jwt") => true,
            Some("logout+jwt") => self == Self::Logout,
            Some(_) => false,
        }
    }
}

/// A token whose signature was not verified yet.
pub struct SignedToken<'a> {
    pub algorithm: CoreJwsSigningAlgorithm,
    pub key: Option<String>,
    /// What is signed.
    pub message: &'a [u8],
    pub signature: Vec<u8>,
    payload: Vec<u8>,
}

impl<'a> SignedToken<'a> {
    /// Takes a token apart.
    pub fn parse(token: &'a str, purpose: Purpose) -> Result<Self, Untrusted> {
        if token.len() > LONGEST {
            return Err(Untrusted::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Untrusted::Malformed);
        };
        let head: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| Untrusted::Malformed)?;
        if head.crit.is_some() || head.enc.is_some() {
            // RFC 7515 §4.1.11: an extension that is not understood makes the token invalid.
            return Err(Untrusted::Malformed);
        }
        if !purpose.fits(head.typ.as_deref()) {
            return Err(Untrusted::Purpose);
        }
        Ok(Self {
            algorithm: serde_json::from_value(head.alg).map_err(|_| Untrusted::Algorithm)?,
            key: head.kid,
            message: &token.as_bytes()[..header.len() + 1 + payload.len()],
            signature: decoded(signature)?,
            payload: decoded(payload)?,
        })
    }

    /// The claims. Only for who has verified the signature.
    pub fn claims(&self) -> Result<Claims, Untrusted> {
        serde_json::from_slice(&self.payload).map(Claims).map_err(|_| Untrusted::Malformed)
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, Untrusted> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Untrusted::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode("s"))
    }

    fn parsed(token: &str, purpose: Purpose) -> Result<(), Untrusted> {
        SignedToken::parse(token, purpose).map(|_| ())
    }

    #[test]
    fn what_is_no_signed_token_is_malformed() {
        let long = format!("{}.e30.cw", "a".repeat(LONGEST));
        for text in ["", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "e30.e30.cw=", "e30.e30.cw", "bnVsbA.e30.cw", &long]
        {
            assert_eq!(parsed(text, Purpose::Identity), Err(Untrusted::Malformed), "{text:?}");
        }
        for header in [r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, r#"{"alg":"RS256","enc":"A128GCM"}"#] {
            assert_eq!(parsed(&token(header), Purpose::Identity), Err(Untrusted::Malformed), "{header}");
        }
        for header in [r#"{"alg":"ES256K"}"#, r#"{"alg":1}"#, r#"{"alg":"rs256"}"#] {
            assert_eq!(parsed(&token(header), Purpose::Identity), Err(Untrusted::Algorithm), "{header}");
        }
    }

    #[test]
    fn rfc_8725_3_11_a_token_of_another_purpose_is_refused() {
        let of_type = |typ: &str| token(&format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#));
        for (typ, identity, logout) in [
            ("JWT", true, true),
            ("jwt", true, true),
            ("application/jwt", true, true),
            ("logout+jwt", false, true),
            ("at+jwt", false, false),
            ("dpop+jwt", false, false),
        ] {
            let token = of_type(typ);
            let expected = |fits: bool| if fits { Ok(()) } else { Err(Untrusted::Purpose) };
            assert_eq!(parsed(&token, Purpose::Identity), expected(identity), "{typ}");
            assert_eq!(parsed(&token, Purpose::Logout), expected(logout), "{typ}");
        }
    }
}
