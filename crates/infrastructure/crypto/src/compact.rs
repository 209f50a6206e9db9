//! The compact form of a signed token (RFC 7515 §3.1). `jsonwebtoken` signs and verifies. The header is written here,
//! because the library does not know the own name of Ed25519 (RFC 9864).
use crate::key::jws;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_domain::{KeyAlgorithm, KeyId};
use doorward_ports::outbound::TokenRefused;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The header of a token, with any members (RFC 7515 §4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub typ: Option<String>,
    pub alg: String,
    pub kid: Option<String>,
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

impl Header {
    pub fn new(typ: &str, algorithm: KeyAlgorithm, key: &KeyId) -> Self {
        let (alg, kid) = (algorithm.as_str().to_owned(), Some(key.to_string()));
        Self { typ: Some(typ.to_owned()), alg, kid, others: BTreeMap::new() }
    }

    /// The encoded form in a token.
    pub fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("texts can be written as JSON"))
    }
}

/// Signs a token with these claims.
pub fn signed(
    header: &str,
    claims: &impl Serialize,
    key: &EncodingKey,
    algorithm: KeyAlgorithm,
) -> Result<String, TokenRefused> {
    let claims = serde_json::to_vec(claims).map_err(|_| refused("its claims can't be written"))?;
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), key, jws(algorithm)).map_err(|error| refusal(&error))?;
    Ok(format!("{message}.{signature}"))
}

/// A received token in its parts. None of them is trusted yet.
pub struct Shown<'a> {
    pub header: Header,
    message: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Shown<'a> {
    pub fn read(token: &'a str) -> Result<Self, TokenRefused> {
        let (message, signature) = token.rsplit_once('.').ok_or_else(formless)?;
        let (header, claims) = message.rsplit_once('.').ok_or_else(formless)?;
        let header: Header = part(header)?;
        if KeyAlgorithm::parse(&header.alg).is_err() && header.alg.parse::<Algorithm>().is_err() {
            return Err(unreadable());
        }
        Ok(Self { header, message, claims, signature })
    }

    /// Returns its claims, if this key has signed them with this algorithm.
    pub fn verified<T: DeserializeOwned>(&self, key: &DecodingKey, algorithm: KeyAlgorithm) -> Result<T, TokenRefused> {
        let good = jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, jws(algorithm));
        if good.map_err(|error| refusal(&error))? {
            part(self.claims)
        } else {
            Err(refused("its signature is not valid"))
        }
    }
}

fn part<T: DeserializeOwned>(encoded: &str) -> Result<T, TokenRefused> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| formless())?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

pub const fn refused(why: &'static str) -> TokenRefused {
    TokenRefused(why)
}

fn formless() -> TokenRefused {
    refused("it is not a token")
}

fn unreadable() -> TokenRefused {
    refused("its header or its claims are malformed")
}

/// In our own words: the text of the library may quote the token.
fn refusal(error: &Error) -> TokenRefused {
    match error.kind() {
        ErrorKind::Base64(_) => formless(),
        ErrorKind::InvalidAlgorithm => refused("its algorithm is not that of the key"),
        ErrorKind::Signing(_) | ErrorKind::InvalidEddsaKey | ErrorKind::InvalidKeyFormat => {
            refused("our own key failed")
        }
        _ => refused("the token library refused it"),
    }
}
