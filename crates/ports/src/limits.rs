//! By what requests are counted, and the page `docs/features/rate-limits.md`. The rate limit of each operation is in its row of
//! the table in [`access`](crate::access).
use crate::access::{Operation, Who};
use std::time::Duration;

/// The seconds that a client is told to wait: whoever comes back a moment early would be refused again.
#[must_use]
pub const fn seconds_rounded_up(wait: Duration) -> u64 {
    wait.as_secs() + (wait.subsec_nanos() > 0) as u64
}

/// Which requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// All requests from one IP address, before a token or a body is read.
    Address,
    /// The requests of an account or a client app; without a valid token, those of an IP address.
    Caller,
    /// The requests of a confidential client app that has authenticated; otherwise those of an IP address.
    Client,
}

impl CountedBy {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Address => "IP address",
            Self::Caller => "account or client app; without a valid token, IP address",
            Self::Client => "confidential client app that has authenticated; otherwise account or IP address",
        }
    }
}

impl Operation {
    /// Whether a success gives the count back to the IP address: a right password is no guess, and the limit is for
    /// guesses.
    #[must_use]
    pub const fn gives_back(self) -> bool {
        matches!(
            self,
            Self::SignIn
                | Self::VerifySecondFactor
                | Self::Reauthenticate
                | Self::ConfirmTotp
                | Self::ChangeOwnPassword
        )
    }
}

/// The page `docs/features/rate-limits.md`.
#[must_use]
pub fn render() -> String {
    let rows = Operation::ALL.iter().filter_map(|operation| {
        let row = match operation.limit() {
            Some((class, by)) => format!("`{}` | {} |", class.as_str(), by.in_words()),
            None if operation.requirement().who == Who::Operator => return None,
            None => "none | |".to_owned(),
        };
        Some(format!("| `{}` | {} | {row}\n", operation.as_str(), operation.summary()))
    });
    std::iter::once(PAGE.to_owned()).chain(rows).collect()
}

const PAGE: &str = include_str!("limits.md");
