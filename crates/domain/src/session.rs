use crate::{Authentications, DeviceName, SessionId, Timestamp, TokenId, UserId};
use std::net::IpAddr;
use std::time::Duration;

/// The client of a session: an OAuth client (RFC 6749 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client(String);

impl Client {
    /// The built-in public client of Doorward's own sign-in.
    #[must_use]
    pub fn doorward() -> Self {
        Self("doorward".to_owned())
    }

    /// Whether it is Doorward's own client: only its tokens can manage an account.
    #[must_use]
    pub fn is_first_party(&self) -> bool {
        *self == Self::doorward()
    }

    /// Wraps an id from a store or a token.
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
    /// The password of the account was changed.
    PasswordChanged,
    /// The account was disabled.
    AccountDisabled,
    /// One of its spent refresh tokens was used again.
    RefreshReused,
    /// Its client app was disabled or deleted.
    ClientDisabled,
    /// Its client revoked one of its tokens (RFC 7009).
    TokenRevoked,
    /// The account had more sessions than the limit, and this was the oldest.
    SessionLimit,
    /// The authorization code that it was made for was used again.
    CodeReused,
    /// The identity that it began with was unlinked from the account.
    IdentityUnlinked,
    /// The account got its first second factor, and this session had begun without one.
    FactorAdded,
    /// The provider that it began with reported that its own session has ended.
    EndedByProvider,
    /// The password of the account was set by a link in a mail.
    PasswordReset,
    /// The owner reported that somebody else uses the account.
    TakeoverReported,
}

impl EndReason {
    /// All reasons.
    pub const ALL: [Self; 15] = [
        Self::SignedOut,
        Self::EndedByOwner,
        Self::EndedByAdmin,
        Self::PasswordChanged,
        Self::AccountDisabled,
        Self::RefreshReused,
        Self::ClientDisabled,
        Self::TokenRevoked,
        Self::SessionLimit,
        Self::CodeReused,
        Self::IdentityUnlinked,
        Self::FactorAdded,
        Self::EndedByProvider,
        Self::PasswordReset,
        Self::TakeoverReported,
    ];

    /// The stable name in the store and in the log.
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
            Self::CodeReused => "code_reused",
            Self::IdentityUnlinked => "identity_unlinked",
            Self::FactorAdded => "factor_added",
            Self::EndedByProvider => "ended_by_provider",
            Self::PasswordReset => "password_reset",
            Self::TakeoverReported => "takeover_reported",
        }
    }

    /// The reason with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// Whether a session is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It is live until it expires.
    Active,
    /// It has ended for good.
    Ended {
        /// The time.
        at: Timestamp,
        /// The reason.
        reason: EndReason,
    },
}

/// One refresh token in the sequence of refresh tokens of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Its number in the sequence, from 1.
    pub number: i64,
    /// Its `jti`.
    pub token: TokenId,
    /// Its `iat`, in whole seconds.
    pub issued_at: Timestamp,
    /// Its `exp`, in whole seconds.
    pub expires_at: Timestamp,
}

/// The refresh tokens of a session: the current one, and the previous one.
///
/// Older ones need not be stored: a token that is signed by Doorward, names this session and is neither of the two is
/// spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshFamily {
    /// The current one.
    pub current: Generation,
    /// The previous one, and when it was replaced.
    pub previous: Option<(TokenId, Timestamp)>,
}

/// The meaning of a presented refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is the current one: exchange it for the next.
    Current,
    /// It was spent a moment ago and its successor is unused, because of a lost answer or a second tab. Return the
    /// successor again.
    Repeated(Generation),
    /// It is spent: somebody has a copy (RFC 9700 §4.14.2). End this session, and no other.
    Reused,
}

impl RefreshFamily {
    /// The refresh tokens of a new session.
    #[must_use]
    pub fn begin(token: TokenId, now: Timestamp, ttl: Duration) -> Self {
        Self { current: Generation::issue(1, token, now, ttl), previous: None }
    }

    /// Decides about a presented token. The successor need not be looked up: if it had been used, it would be the
    /// previous one.
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

/// A session: one sign-in, from its first token to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which is the `sid` of its tokens.
    pub id: SessionId,
    /// Its account.
    pub user: UserId,
    /// Its client.
    pub client: Client,
    /// The proofs of its owner.
    pub authentications: Authentications,
    /// A short name of the device, for people.
    pub device: DeviceName,
    /// The `User-Agent` of the device.
    pub user_agent: Option<String>,
    /// The IP address of the sign-in.
    pub address: Option<IpAddr>,
    /// When it began; [`SessionLifetimes::absolute_ttl`](crate::SessionLifetimes) counts from here.
    pub created_at: Timestamp,
    /// When it was last used, with the precision of the records.
    pub last_seen_at: Timestamp,
    /// When it ends as idle; none: not before its refresh token.
    pub idle_ends_at: Option<Timestamp>,
    /// Its refresh tokens.
    pub family: RefreshFamily,
    /// Whether it is live.
    pub state: SessionState,
}

impl Session {
    /// When it ends unless it is refreshed or used: with its refresh token, or as idle.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        let with_its_token = self.family.current.expires_at;
        self.idle_ends_at.map_or(with_its_token, |as_idle| as_idle.min(with_its_token))
    }

    /// Whether it is live at this moment.
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

    /// The actions of a model client: use any token that it has ever received, after waiting.
    fn showings() -> impl Strategy<Value = Vec<(prop::sample::Index, i64)>> {
        prop::collection::vec((any::<prop::sample::Index>(), 0..20_i64), 1..60)
    }

    proptest! {
        /// For all uses of tokens: no spent token is exchanged twice, and a repeated use never creates a new one.
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
