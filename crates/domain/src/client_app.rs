use crate::{ClientId, Description, GrantId, RedirectUri, RoleName, Timestamp, WebOrigin};
use std::collections::BTreeSet;

/// The largest number of redirect URIs, and of origins, of a client app.
pub const MOST_URIS: usize = 50;

/// Whether a client can keep a secret (RFC 6749 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// It runs on the user's machine, in a browser or as an app, where anybody could read a secret.
    Public,
    /// It runs on a server, and authenticates with a secret.
    Confidential,
}

impl ClientKind {
    /// The stable name in the store and in the protocol.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Public, Self::Confidential].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A program that gets tokens: an OAuth client (RFC 6749 §1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientApp {
    /// Its `client_id`, which is unique and never changes.
    pub id: ClientId,
    /// Its name, for people.
    pub name: Description,
    /// Whether it can keep a secret; this never changes.
    pub kind: ClientKind,
    /// Where authorization codes may be sent.
    pub redirect_uris: BTreeSet<RedirectUri>,
    /// The web origins of its pages.
    pub origins: BTreeSet<WebOrigin>,
    /// The roles of a confidential app; a public app has none.
    pub roles: BTreeSet<RoleName>,
    /// Whether it may do anything.
    pub is_active: bool,
    /// The grant of its own tokens: to end all of them, the app gets a new grant.
    pub grant: GrantId,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The number of its changes, for its `ETag`.
    pub version: i64,
}

impl ClientApp {
    /// Disables the app. Its own tokens end for good: enabling it again does not restore them.
    pub fn disable(&mut self, next: GrantId) {
        if self.is_active {
            self.is_active = false;
            self.grant = next;
        }
    }

    /// Whether authorization codes may be sent to this URI, compared byte for byte.
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
