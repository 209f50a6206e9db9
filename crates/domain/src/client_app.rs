use crate::{ClientId, Description, GrantId, RedirectUri, RoleName, Timestamp, WebOrigin};
use std::collections::BTreeSet;

/// How many redirect URIs, and how many origins, a client app may have.
pub const MOST_URIS: usize = 50;

/// Whether a client can keep a secret (RFC 6749 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// It runs on its user's machine, in a browser or as an app, where everybody could read a secret.
    Public,
    /// It runs on a server of its own, and proves by a secret who it is.
    Confidential,
}

impl ClientKind {
    /// The stable name in store and protocol.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Public, Self::Confidential].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A program that asks for tokens: an OAuth client (RFC 6749 §1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientApp {
    /// Its name in the protocol; unique, and never changed.
    pub id: ClientId,
    /// What people call it.
    pub name: Description,
    /// Whether it can keep a secret; never changed.
    pub kind: ClientKind,
    /// Where codes may be sent.
    pub redirect_uris: BTreeSet<RedirectUri>,
    /// Whose pages may call the API for it.
    pub origins: BTreeSet<WebOrigin>,
    /// What it may do on its own account; empty for a public one, which has none.
    pub roles: BTreeSet<RoleName>,
    /// Whether it may do anything.
    pub is_active: bool,
    /// What its own tokens hang on: whoever ends them gives it a new one.
    pub grant: GrantId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; its `ETag`.
    pub version: i64,
}

impl ClientApp {
    /// Disables it. Its own tokens end for good: enabling it again does not bring them back.
    pub fn disable(&mut self, next: GrantId) {
        if self.is_active {
            self.is_active = false;
            self.grant = next;
        }
    }

    /// Whether codes may be sent there, compared byte for byte.
    #[must_use]
    pub fn may_redirect_to(&self, shown: &str) -> bool {
        self.redirect_uris.iter().any(|uri| uri.is(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> ClientApp {
        let now = Timestamp::from_seconds(1_800_000_000);
        ClientApp {
            id: ClientId::parse("billing").unwrap(),
            name: Description::parse("Billing").unwrap(),
            kind: ClientKind::Confidential,
            redirect_uris: BTreeSet::from([RedirectUri::parse("https://billing.example.com/cb").unwrap()]),
            origins: BTreeSet::new(),
            roles: BTreeSet::new(),
            is_active: true,
            grant: GrantId::mint(now, [1; 10]),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    #[test]
    fn disabling_ends_the_tokens_it_has_and_disabling_again_changes_nothing() {
        let (mut app, now) = (app(), Timestamp::from_seconds(1_800_000_001));
        let (first, second) = (GrantId::mint(now, [2; 10]), GrantId::mint(now, [3; 10]));
        app.disable(first);
        assert_eq!((app.is_active, app.grant), (false, first));
        app.disable(second);
        assert_eq!((app.is_active, app.grant), (false, first));
    }

    #[test]
    fn codes_are_sent_to_what_was_registered_and_nowhere_else() {
        assert!(app().may_redirect_to("https://billing.example.com/cb"));
        assert!(!app().may_redirect_to("https://billing.example.com/cb/"));
    }

    #[test]
    fn a_kind_is_known_by_its_name() {
        for kind in [ClientKind::Public, ClientKind::Confidential] {
            assert_eq!(ClientKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(ClientKind::from_name("Public"), None);
    }
}
