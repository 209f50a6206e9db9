use std::num::NonZeroU32;
use std::time::Duration;

/// What a limit on how often something may be done is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// Whatever takes a password or a code, by address.
    Login,
    /// Wrong passwords and codes, by account and network.
    Account,
    /// Refreshes and other exchanges of tokens, by address or by confidential client.
    Auth,
    /// Everything else, by account or address.
    Api,
    /// What administrators do, by account.
    Admin,
}

impl RateClass {
    /// Every class there is.
    pub const ALL: [Self; 5] = [Self::Login, Self::Account, Self::Auth, Self::Api, Self::Admin];

    /// The stable name: of its setting, of its metric, of its policy in the answer's headers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Account => "account",
            Self::Auth => "auth",
            Self::Api => "api",
            Self::Admin => "admin",
        }
    }
}

/// So many at once, and then one more each `per / limit`: the generic cell rate algorithm (ITU-T I.371).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many at once.
    pub limit: NonZeroU32,
    /// In what time as many more become possible.
    pub per: Duration,
}
