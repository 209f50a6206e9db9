use crate::interner::Interner;
use doorward_domain::{GrantId, Role, RoleName, SessionId, Timestamp, User, UserId};
use doorward_ports::Rights;
use doorward_ports::outbound::{AllProviders, LiveClient, OpenSession, Revocation, StoredProvider};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

/// What may be cached, and the rule by which it is invalidated.
pub trait Cacheable: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What it is looked up by.
    type Key: Clone + Eq + Hash + Display + Send + Sync + 'static;

    /// The name of the cache in metrics, and of its entries where nodes share them.
    const CACHE: &'static str;

    /// The revocations that invalidate an answer: this one, or, without any, that there is none.
    fn concerning(key: &Self::Key, answer: Option<&Self>) -> [Revocation; 2];

    /// Whether an answer that was kept is still good by what it says itself.
    fn holds(&self, _now: impl FnOnce() -> Timestamp) -> bool {
        true
    }

    /// The same, with what many answers have in common held once.
    fn sharing(self, _: &Interner<Rights>) -> Self {
        self
    }
}

/// Invalidated when the session ends, when anything of its account changes that its rights follow from, and when what a
/// role allows changes.
impl Cacheable for OpenSession {
    type Key = SessionId;
    const CACHE: &'static str = "sessions";

    fn concerning(key: &SessionId, answer: Option<&Self>) -> [Revocation; 2] {
        let session = Revocation::Session(*key);
        [session, answer.map_or(session, |session| Revocation::User(session.user))]
    }

    /// A refresh may have prolonged it since: one that has expired is no refusal.
    fn holds(&self, now: impl FnOnce() -> Timestamp) -> bool {
        self.is_live(now())
    }

    fn sharing(self, rights: &Interner<Rights>) -> Self {
        Self { rights: rights.one(self.rights), ..self }
    }
}

/// Invalidated when the app changes in any way, and when what a role allows changes.
impl Cacheable for LiveClient {
    type Key = GrantId;
    const CACHE: &'static str = "clients";

    fn concerning(key: &GrantId, _: Option<&Self>) -> [Revocation; 2] {
        [Revocation::Client(*key); 2]
    }

    fn sharing(self, rights: &Interner<Rights>) -> Self {
        Self { rights: rights.one(self.rights), ..self }
    }
}

/// Invalidated when anything of the account changes, the time of its last sign-in too, and when a role that it holds may be
/// gone.
impl Cacheable for Arc<User> {
    type Key = UserId;
    const CACHE: &'static str = "users";

    fn concerning(key: &UserId, _: Option<&Self>) -> [Revocation; 2] {
        [Revocation::User(*key), Revocation::Account(*key)]
    }
}

/// Invalidated when any provider is added, changed or removed. The client secrets in it are sealed.
impl Cacheable for Arc<Vec<StoredProvider>> {
    type Key = AllProviders;
    const CACHE: &'static str = "providers";

    fn concerning(_: &AllProviders, _: Option<&Self>) -> [Revocation; 2] {
        [Revocation::Providers; 2]
    }
}

/// Invalidated when any role is made or described anew; what a role allows, and its end, concern everyone.
impl Cacheable for Role {
    type Key = RoleName;
    const CACHE: &'static str = "roles";

    fn concerning(_: &RoleName, _: Option<&Self>) -> [Revocation; 2] {
        [Revocation::Roles; 2]
    }
}
