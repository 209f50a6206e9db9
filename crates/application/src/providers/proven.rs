//! What is kept, sealed, of an attempt: the code verifier for the provider, and then whom it has authenticated.
use doorward_domain::{AttemptId, CodeVerifier, Email, IdentityKey, Locale, PersonName, Provider, Username};
use doorward_ports::outbound::{ProvenIdentity, SealedPlace, SealingError, SecretSealer};
use doorward_ports::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Whom a provider has authenticated, as far as an account needs it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Proven {
    issuer: String,
    subject: String,
    /// The address, and whether it belongs to the person.
    pub email: Option<(Email, bool)>,
    pub full_name: Option<PersonName>,
    pub locale: Option<Locale>,
    pub username: Option<Username>,
    /// The session at the provider.
    #[serde(default)]
    pub session: Option<String>,
    /// The groups that the provider's map of roles knows; none if the provider has left them out.
    #[serde(default)]
    pub groups: Option<BTreeSet<String>>,
}

impl Proven {
    /// What no account can have is left out.
    pub fn of(identity: &ProvenIdentity, provider: &Provider) -> Self {
        Self {
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            email: identity.email.as_ref().map(|email| (email.address.clone(), email.verified)),
            full_name: identity.full_name.as_deref().and_then(|name| PersonName::parse(name).ok()),
            locale: identity.locale.as_deref().and_then(|locale| Locale::parse(locale).ok()),
            username: identity.username.as_deref().and_then(|name| Username::parse(name).ok()),
            session: identity.session.clone(),
            groups: identity.groups.as_ref().map(|groups| provider.roles.known(groups)),
        }
    }

    pub fn key(&self) -> Result<IdentityKey> {
        IdentityKey::new(&self.issuer, &self.subject).map_err(Error::internal)
    }

    pub fn seal(&self, sealer: &dyn SecretSealer, id: AttemptId) -> Result<Vec<u8>> {
        let text = serde_json::to_vec(self).map_err(Error::internal)?;
        Ok(sealer.seal(&place(&id.to_string(), IDENTITY), &text))
    }

    pub fn open(sealer: &dyn SecretSealer, id: AttemptId, sealed: &[u8]) -> Result<Self> {
        let text = sealer.open(&place(&id.to_string(), IDENTITY), sealed).map_err(unsealed)?;
        serde_json::from_slice(&text).map_err(Error::internal)
    }
}

const IDENTITY: &str = "sealed_identity";
const VERIFIER: &str = "sealed_verifier";

const fn place<'a>(row: &'a str, column: &'static str) -> SealedPlace<'a> {
    SealedPlace { table: "authorization_attempts", row, column }
}

pub(super) fn seal_verifier(sealer: &dyn SecretSealer, id: AttemptId, verifier: &CodeVerifier) -> Vec<u8> {
    sealer.seal(&place(&id.to_string(), VERIFIER), verifier.expose().as_bytes())
}

pub(super) fn open_verifier(sealer: &dyn SecretSealer, id: AttemptId, sealed: &[u8]) -> Result<CodeVerifier> {
    let text = sealer.open(&place(&id.to_string(), VERIFIER), sealed).map_err(unsealed)?;
    let text = std::str::from_utf8(&text).map_err(Error::internal)?;
    CodeVerifier::parse(text).map_err(Error::internal)
}

fn unsealed(error: SealingError) -> Error {
    Error::internal(error)
}
