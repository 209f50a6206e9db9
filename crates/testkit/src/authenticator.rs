//! An authenticator, as people have it on their phone.
use doorward_domain::Timestamp;
use std::time::Duration;
use totp_rs::{Builder, Secret, Totp};

/// How long a code is shown.
pub const STEP: Duration = Duration::from_secs(30);

/// It shows codes by RFC 6238, with the algorithm, the digits and the period that all authenticators know.
#[derive(Debug, Clone)]
pub struct Authenticator(Totp);

impl Authenticator {
    /// With a secret that was typed in.
    #[must_use]
    pub fn with(base32: &str) -> Self {
        Self(Builder::new().with_secret(Secret::try_from_base32(base32).unwrap()).build().unwrap())
    }

    /// What it shows at this time.
    #[must_use]
    pub fn code(&self, now: Timestamp) -> String {
        self.0.generate(now.as_seconds().unsigned_abs()).to_string()
    }

    /// What it never shows within minutes of this time.
    #[must_use]
    pub fn wrong_code(&self, now: Timestamp) -> String {
        let shown: Vec<String> = (0..20).map(|n| self.code(now.plus(n * STEP).minus(10 * STEP))).collect();
        (0..100).map(|n| format!("{n:06}")).find(|code| !shown.contains(code)).unwrap()
    }
}
