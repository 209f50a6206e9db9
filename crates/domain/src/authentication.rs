use crate::{ProviderName, SecondFactor, Timestamp};
use std::fmt;

/// A method of authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum AuthMethod {
    /// The password of the account.
    Password,
    /// A provider to which the account is linked.
    Provider,
    /// A code of an authenticator of the account.
    Totp,
    /// A recovery code of the account.
    RecoveryCode,
}

/// The kind of a factor (NIST SP 800-63B §2.2: two different kinds make two factors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Factor {
    /// Something that the owner knows.
    Knowledge,
    /// Something that the owner has.
    Possession,
}

impl AuthMethod {
    /// Its `amr` value (RFC 8176 §2).
    #[must_use]
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            // RFC 8176 has no value for it; this one is used by Microsoft's providers.
            Self::Provider => "fed",
            // A recovery code is a password that is used once too: a look-up secret (NIST SP 800-63B §3.1.2).
            Self::Totp | Self::RecoveryCode => "otp",
        }
    }

    const fn factor(self) -> Factor {
        match self {
            // What the provider has asked for is not known for certain. As at least a password, it never makes a second
            // factor together with one.
            Self::Password | Self::Provider => Factor::Knowledge,
            Self::Totp | Self::RecoveryCode => Factor::Possession,
        }
    }
}

/// An authenticator assurance level of NIST SP 800-63B.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum AssuranceLevel {
    /// One factor.
    #[default]
    One,
    /// Two different factors.
    Two,
}

impl AssuranceLevel {
    /// The `acr` value of this level in Doorward's tokens.
    #[must_use]
    pub const fn acr(self) -> &'static str {
        match self {
            Self::One => "aal1",
            Self::Two => "aal2",
        }
    }

    /// The level of an `acr` value.
    #[must_use]
    pub fn from_acr(acr: &str) -> Option<Self> {
        [Self::One, Self::Two].into_iter().find(|level| level.acr() == acr)
    }
}

impl fmt::Display for AssuranceLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.acr())
    }
}

/// The name of the provider that stands for the account's own password.
pub const LOCAL_PROVIDER: &str = "local";

/// One proof of the owner: its method, its provider, and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AuthenticationEvent {
    /// The method.
    pub method: AuthMethod,
    /// The sign-in provider; [`LOCAL_PROVIDER`] for what Doorward checks itself.
    pub provider: String,
    /// The time.
    pub at: Timestamp,
}

impl AuthenticationEvent {
    /// A proof by the password of the account.
    #[must_use]
    pub fn by_password(at: Timestamp) -> Self {
        Self { method: AuthMethod::Password, provider: LOCAL_PROVIDER.to_owned(), at }
    }

    /// A proof by a second factor of the account.
    #[must_use]
    pub fn by_second_factor(factor: SecondFactor, at: Timestamp) -> Self {
        Self { method: factor.auth_method(), provider: LOCAL_PROVIDER.to_owned(), at }
    }

    /// A proof by a provider.
    #[must_use]
    pub fn by_provider(provider: &ProviderName, at: Timestamp) -> Self {
        Self { method: AuthMethod::Provider, provider: provider.to_string(), at }
    }
}

/// All proofs of a session: at least one, in the order in which they were first given.
///
/// `amr`, `acr`, `auth_time` and `provider` of tokens are computed only here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<AuthenticationEvent>")
)]
#[cfg_attr(feature = "serde", serde(into = "Vec<AuthenticationEvent>"))]
pub struct Authentications {
    first: AuthenticationEvent,
    further: Vec<AuthenticationEvent>,
}

/// A session has at least one proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session without any authentication")]
pub struct Unauthenticated;

impl Authentications {
    /// The proofs of a new session.
    #[must_use]
    pub const fn begin(first: AuthenticationEvent) -> Self {
        Self { first, further: Vec::new() }
    }

    /// Adds a proof, which replaces an earlier one with the same method and provider.
    #[must_use]
    pub fn with(mut self, proof: AuthenticationEvent) -> Self {
        let known = std::iter::once(&mut self.first).chain(&mut self.further);
        let mut same = known.filter(|known| known.method == proof.method && known.provider == proof.provider);
        match same.next() {
            Some(earlier) => earlier.at = earlier.at.max(proof.at),
            None => self.further.push(proof),
        }
        self
    }

    fn iter(&self) -> impl Iterator<Item = &AuthenticationEvent> {
        std::iter::once(&self.first).chain(&self.further)
    }

    /// The time of the owner's last proof: `auth_time` (OIDC Core §2).
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.iter().map(|proof| proof.at).max().unwrap_or(self.first.at)
    }

    /// `amr` (RFC 8176), each value once; with `mfa` if there are two different factors.
    #[must_use]
    pub fn amr(&self) -> Vec<&'static str> {
        let mut values = Vec::new();
        for proof in self.iter() {
            if !values.contains(&proof.method.amr()) {
                values.push(proof.method.amr());
            }
        }
        if self.level() == AssuranceLevel::Two {
            values.push("mfa");
        }
        values
    }

    /// The assurance level, which is `acr` in tokens.
    #[must_use]
    pub fn level(&self) -> AssuranceLevel {
        let first = self.first.method.factor();
        let different = self.further.iter().any(|proof| proof.method.factor() != first);
        if different { AssuranceLevel::Two } else { AssuranceLevel::One }
    }

    /// The time of the owner's last proof of something that they have; none: there was none.
    #[must_use]
    pub fn possession_proved_at(&self) -> Option<Timestamp> {
        let proofs = self.iter().filter(|proof| proof.method.factor() == Factor::Possession);
        proofs.map(|proof| proof.at).max()
    }

    /// The sign-in provider with which the session began.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.first.provider
    }
}

impl TryFrom<Vec<AuthenticationEvent>> for Authentications {
    type Error = Unauthenticated;

    fn try_from(proofs: Vec<AuthenticationEvent>) -> Result<Self, Unauthenticated> {
        let mut proofs = proofs.into_iter();
        let first = proofs.next().ok_or(Unauthenticated)?;
        Ok(proofs.fold(Self::begin(first), Self::with))
    }
}

impl From<Authentications> for Vec<AuthenticationEvent> {
    fn from(all: Authentications) -> Self {
        std::iter::once(all.first).chain(all.further).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    fn by(provider: &str, seconds: i64) -> AuthenticationEvent {
        AuthenticationEvent { provider: provider.to_owned(), ..AuthenticationEvent::by_password(at(seconds)) }
    }

    #[test]
    fn stepping_up_by_the_same_password_renews_the_time_and_nothing_else() {
        let before = Authentications::begin(AuthenticationEvent::by_password(at(0)));
        let after = before.clone().with(AuthenticationEvent::by_password(at(600)));
        assert_eq!((before.time(), after.time()), (at(0), at(600)));
        assert_eq!((after.amr(), after.level(), after.provider()), (vec!["pwd"], AssuranceLevel::One, LOCAL_PROVIDER));
        assert_eq!(Vec::from(after).len(), 1);
    }

    #[test]
    fn the_provider_is_the_one_that_the_session_began_with() {
        let both = Authentications::begin(by("local", 0)).with(by("other", 5));
        assert_eq!((both.provider(), both.time()), ("local", at(5)));
        assert_eq!(both.amr(), ["pwd"]);
    }

    #[test]
    fn a_provider_and_a_password_are_one_kind_of_factor() {
        let name = ProviderName::parse("example").unwrap();
        let both = Authentications::begin(AuthenticationEvent::by_provider(&name, at(0)));
        let both = both.with(AuthenticationEvent::by_password(at(5)));
        assert_eq!((both.amr(), both.level(), both.provider()), (vec!["fed", "pwd"], AssuranceLevel::One, "example"));
    }

    #[test]
    fn rfc_8176_a_password_and_a_code_are_two_factors() {
        let password = Authentications::begin(AuthenticationEvent::by_password(at(0)));
        let code = AuthenticationEvent::by_second_factor(SecondFactor::Totp, at(5));
        let both = password.clone().with(code.clone());
        assert_eq!(
            (both.amr(), both.level(), both.provider()),
            (vec!["pwd", "otp", "mfa"], AssuranceLevel::Two, "local")
        );
        assert_eq!((password.possession_proved_at(), both.possession_proved_at()), (None, Some(at(5))));
        let codes = Authentications::begin(code);
        let codes = codes.with(AuthenticationEvent::by_second_factor(SecondFactor::RecoveryCode, at(9)));
        assert_eq!(
            (codes.amr(), codes.level()),
            (vec!["otp"], AssuranceLevel::One),
            "two codes are one kind of factor"
        );
    }

    #[cfg(feature = "serde")]
    #[test]
    fn what_is_stored_is_read_back_and_nothing_stands_for_no_proof() {
        let all = Authentications::begin(by("local", 0)).with(by("other", 5));
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Authentications>(&text).unwrap(), all);
        assert!(serde_json::from_str::<Authentications>("[]").is_err());
        assert!(serde_json::from_str::<Authentications>(r#"[{"method":"magic","provider":"x","at":"1"}]"#).is_err());
    }

    #[test]
    fn each_level_is_found_by_its_acr() {
        assert_eq!(AssuranceLevel::from_acr("aal1"), Some(AssuranceLevel::One));
        assert_eq!(AssuranceLevel::from_acr("aal2"), Some(AssuranceLevel::Two));
        assert_eq!(AssuranceLevel::from_acr("aal3"), None);
    }

    proptest! {
        /// For all proofs in any order: the time is that of the latest proof, no proof counts twice, and the first
        /// proofs keep their places.
        #[test]
        fn proofs_only_add(proofs in prop::collection::vec((0..3_usize, 0..1000_i64), 1..20)) {
            let given: Vec<_> = proofs.iter().map(|(who, when)| by(["local", "a", "b"][*who], *when)).collect();
            let all = Authentications::try_from(given.clone()).unwrap();
            prop_assert_eq!(Some(all.time()), given.iter().map(|proof| proof.at).max());
            prop_assert_eq!(all.provider(), &given[0].provider);
            let kept = Vec::from(all);
            let distinct: std::collections::HashSet<_> = given.iter().map(|proof| &proof.provider).collect();
            prop_assert_eq!(kept.len(), distinct.len());
        }
    }
}
