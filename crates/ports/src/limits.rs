//! By whom requests are counted, and the page `docs/features/rate-limits.md`. How often each operation may be asked for
//! stands in its row of the table in [`access`](crate::access).
use crate::access::{Operation, Who};

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedBy {
    /// All from one address, whoever they are: before a token or a body is looked at.
    Address,
    /// The account, or the client app; an address, while nobody is known.
    Caller,
    /// A confidential client app that has proved who it is; for anybody else the address.
    Client,
}

impl CountedBy {
    const fn in_words(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Caller => "account or client app; an address while nobody is known",
            Self::Client => "confidential client app that has proved it; else as above",
        }
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
