use crate::{Authentications, DeviceName, SessionId, Timestamp, TokenId, UserId};
use std::net::IpAddr;
use std::time::Duration;

/// Who a session was made for: an OAuth client (RFC 6749 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client(String);

impl Client {
    /// The built-in public client: Doorward's own sign-in.
    #[must_use]
    pub fn doorward() -> Self {
        Self("doorward".to_owned())
    }

    /// Whether it is Doorward's own: only a token issued to it manages the account it was issued for.
    #[must_use]
    pub fn is_first_party(&self) -> bool {
        *self == Self::doorward()
    }

    /// Wraps an id that a store or a token already holds.
    #[must_use]
    pub const fn from_id(id: String) -> Self {
        Self(id)
    }

    /// The `client_id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// Its owner signed out.
    SignedOut,
    /// Its owner ended it from another session.
    EndedByOwner,
    /// An administrator ended it.
    EndedByAdmin,
    /// The account's password was changed.
    PasswordChanged,
    /// The account was disabled.
    AccountDisabled,
    /// One of its spent refresh tokens was shown.
    RefreshReused,
    /// The client app it was made for was disabled or deleted.
    ClientDisabled,
    /// The client app it was made for gave its token back (RFC 7009).
    TokenRevoked,
    /// The account has signed in more often than it may have sessions, and this was the oldest.
    SessionLimit,
}

impl EndReason {
    /// Every reason there is.
    pub const ALL: [Self; 9] = [
        Self::SignedOut,
        Self::EndedByOwner,
        Self::EndedByAdmin,
        Self::PasswordChanged,
        Self::AccountDisabled,
        Self::RefreshReused,
        Self::ClientDisabled,
        Self::TokenRevoked,
        Self::SessionLimit,
    ];

    /// The stable name in store and log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedByOwner => "ended_by_owner",
            Self::EndedByAdmin => "ended_by_admin",
            Self::PasswordChanged => "password_changed",
            Self::AccountDisabled => "account_disabled",
            Self::RefreshReused => "refresh_reused",
            Self::ClientDisabled => "client_disabled",
            Self::TokenRevoked => "token_revoked",
            Self::SessionLimit => "session_limit",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// Whether a session still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It holds until it expires.
    Active,
    /// It has ended; nothing brings it back.
    Ended {
        /// When.
        at: Timestamp,
        /// Why.
        reason: EndReason,
    },
}

/// One refresh token of a session, of which there is a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Its place in the chain, from 1.
    pub number: i64,
    /// Its `jti`.
    pub token: TokenId,
    /// Its `iat`, in whole seconds.
    pub issued_at: Timestamp,
    /// Its `exp`, in whole seconds.
    pub expires_at: Timestamp,
}

/// The refresh tokens of a session: the one that may be used, and the one it replaced.
///
/// Older ones need not be kept: a token that is signed by us, names this session and is neither of the two is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshFamily {
    /// The one that may be used.
    pub current: Generation,
    /// The one it replaced, and when.
    pub previous: Option<(TokenId, Timestamp)>,
}

/// What it means that a refresh token was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is the current one: exchange it for the next.
    Current,
    /// It was spent a moment ago and its successor is unused: a lost answer or a second tab. Answer the successor again.
    Repeated(Generation),
    /// It is spent: somebody has a copy (RFC 9700 §4.14.2). End this session, and no other.
    Reused,
}

impl RefreshFamily {
    /// The family of a new session.
    #[must_use]
    pub fn begin(token: TokenId, now: Timestamp, ttl: Duration) -> Self {
        Self { current: Generation::issue(1, token, now, ttl), previous: None }
    }

    /// Judges a token that was shown. That the successor is unused need not be looked up: using it would have made it
    /// the previous one.
    #[must_use]
    pub fn shown(&self, token: TokenId, now: Timestamp, grace: Duration) -> Shown {
        if token == self.current.token {
            return Shown::Current;
        }
        match self.previous {
            Some((previous, spent_at)) if previous == token && now.since(spent_at) <= grace => {
                Shown::Repeated(self.current)
            }
            _ => Shown::Reused,
        }
    }

    /// Spends the current token for the next one.
    #[must_use]
    pub fn exchange(self, next: TokenId, now: Timestamp, ttl: Duration) -> Self {
        Self {
            previous: Some((self.current.token, now)),
            current: Generation::issue(self.current.number + 1, next, now, ttl),
        }
    }
}

impl Generation {
    /// A token issued now.
    #[must_use]
    pub fn issue(number: i64, token: TokenId, now: Timestamp, ttl: Duration) -> Self {
        let issued_at = now.whole_seconds();
        Self { number, token, issued_at, expires_at: issued_at.plus(ttl) }
    }
}

/// One sign-in, from its first token to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name; the `sid` of its tokens.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// What it was made for.
    pub client: Client,
    /// How its owner has proved who they are.
    pub authentications: Authentications,
    /// A short name of the device, for people.
    pub device: DeviceName,
    /// What the device said of itself.
    pub user_agent: Option<String>,
    /// Where it was made from.
    pub address: Option<IpAddr>,
    /// When it began; it may not outlive [`SessionLifetimes::absolute_ttl`](crate::SessionLifetimes) from here.
    pub created_at: Timestamp,
    /// When it was last used, at the grain at which that is recorded.
    pub last_seen_at: Timestamp,
    /// When it ends unless it is used; none: no sooner than its refresh token.
    pub idle_ends_at: Option<Timestamp>,
    /// Its refresh tokens.
    pub family: RefreshFamily,
    /// Whether it still holds.
    pub state: SessionState,
}

impl Session {
    /// When it ends unless it is refreshed or used: with its refresh token, or as idle.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let with_its_token = self.family.current.expires_at;
        self.idle_ends_at.map_or(with_its_token, |as_idle| as_idle.min(with_its_token))
    }

    /// Whether it holds at that moment.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == SessionState::Active && now < self.expires_at()
    }

    /// Ends it. The first end counts: a later one changes neither its time nor its reason.
    #[must_use]
    pub fn end(mut self, at: Timestamp, reason: EndReason) -> Self {
        if self.state == SessionState::Active {
            self.state = SessionState::Ended { at, reason };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuthenticationEvent;
    use proptest::prelude::*;

    const TTL: Duration = Duration::from_secs(7 * 86_400);
    const GRACE: Duration = Duration::from_secs(10);

    fn token(n: u64) -> TokenId {
        TokenId::from_uuid(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    #[test]
    fn a_spent_token_answers_its_successor_within_the_grace_and_not_after() {
        let family = RefreshFamily::begin(token(1), at(0), TTL).exchange(token(2), at(100), TTL);
        assert_eq!(family.shown(token(1), at(110), GRACE), Shown::Repeated(family.current));
        assert_eq!(family.shown(token(1), at(111), GRACE), Shown::Reused);
    }

    #[test]
    fn a_spent_token_whose_successor_was_used_is_reuse_also_within_the_grace() {
        let family =
            RefreshFamily::begin(token(1), at(0), TTL).exchange(token(2), at(1), TTL).exchange(token(3), at(2), TTL);
        assert_eq!(family.shown(token(1), at(2), GRACE), Shown::Reused);
        assert_eq!(family.shown(token(2), at(2), GRACE), Shown::Repeated(family.current));
    }

    #[test]
    fn the_first_end_of_a_session_counts() {
        let session = session().end(at(1), EndReason::SignedOut).end(at(2), EndReason::EndedByAdmin);
        assert_eq!(session.state, SessionState::Ended { at: at(1), reason: EndReason::SignedOut });
        assert!(!session.is_live(at(0)));
    }

    #[test]
    fn every_reason_is_found_by_its_name() {
        for reason in EndReason::ALL {
            assert_eq!(EndReason::from_name(reason.as_str()), Some(reason));
        }
    }

    fn session() -> Session {
        Session {
            id: SessionId::mint(at(0), [1; 10]),
            user: UserId::mint(at(0), [2; 10]),
            client: Client::doorward(),
            authentications: Authentications::begin(AuthenticationEvent::by_password(at(0))),
            device: DeviceName::from_user_agent("curl/8.5"),
            user_agent: None,
            address: None,
            created_at: at(0),
            last_seen_at: at(0),
            idle_ends_at: None,
            family: RefreshFamily::begin(token(1), at(0), TTL),
            state: SessionState::Active,
        }
    }

    /// What a model client can do: show any token it was ever given, after waiting.
    fn showings() -> impl Strategy<Value = Vec<(prop::sample::Index, i64)>> {
        prop::collection::vec((any::<prop::sample::Index>(), 0..20_i64), 1..60)
    }

    proptest! {
        /// However tokens are shown: no spent one is ever exchanged twice, and a repeat never makes a new one.
        #[test]
        fn a_token_is_exchanged_at_most_once(showings in showings()) {
            let mut family = RefreshFamily::begin(token(1), at(0), TTL);
            let mut issued = vec![token(1)];
            let mut exchanged = std::collections::HashSet::new();
            let mut now = 0;
            for (which, wait) in showings {
                now += wait;
                let shown = *which.get(&issued);
                match family.shown(shown, at(now), GRACE) {
                    Shown::Current => {
                        prop_assert!(exchanged.insert(shown));
                        let next = token(issued.len() as u64 + 1);
                        family = family.exchange(next, at(now), TTL);
                        issued.push(next);
                    }
                    Shown::Repeated(generation) => {
                        prop_assert!(exchanged.contains(&shown));
                        prop_assert_eq!(Some(&generation.token), issued.last());
                    }
                    Shown::Reused => prop_assert!(exchanged.contains(&shown)),
                }
                prop_assert_eq!(family.current.number, i64::try_from(issued.len()).unwrap());
            }
        }
    }
}
