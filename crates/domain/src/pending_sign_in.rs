use crate::{AttemptId, Authentications, Client, PendingSignInId, SignIn, Timestamp, UserId};
use std::time::Duration;

/// How long a sign-in waits for its second factor.
pub const PENDING_LIFETIME: Duration = Duration::from_mins(5);
/// How many wrong codes end a pending sign-in.
pub const MOST_WRONG_CODES: u32 = 5;

/// A sign-in whose first factor is proved, and which waits for the second. Whoever has its token may try codes: a few, for
/// a short time, and only for this sign-in.
///
/// open → (try) → open with one try less, or ended. Ended for good: by the right code, by the last try, by time, or by
/// what ends the sessions of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignIn {
    /// Its id.
    pub id: PendingSignInId,
    /// The account.
    pub user: UserId,
    /// The client that gets the tokens.
    pub client: Client,
    /// The proofs so far.
    pub proved: Authentications,
    /// The attempt at a provider by which the first factor was proved, if it was one.
    pub attempt: Option<AttemptId>,
    /// When the first factor was proved.
    pub begun_at: Timestamp,
    /// How many codes were tried.
    pub tries: u32,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// It accepts no code any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in has ended")]
pub struct PendingEnded;

impl PendingSignIn {
    /// Counts a try, before its code is looked at: so a code that is checked has always been counted.
    ///
    /// # Errors
    /// [`PendingEnded`] if it accepts no code.
    pub fn try_code(self, now: Timestamp) -> Result<Self, PendingEnded> {
        if self.is_open(now) { Ok(Self { tries: self.tries + 1, ..self }) } else { Err(PendingEnded) }
    }

    /// Whether it accepts a code.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.tries < MOST_WRONG_CODES && now < self.begun_at.plus(PENDING_LIFETIME)
    }

    /// Ends it. The first end counts.
    #[must_use]
    pub fn end(self, now: Timestamp) -> Self {
        Self { ended_at: self.ended_at.or(Some(now)), ..self }
    }

    /// The sign-in, to which the second factor is added. The state of the account is judged again.
    pub fn sign_in(&self) -> SignIn {
        SignIn::resume(self.user, self.proved.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuthenticationEvent;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn pending() -> PendingSignIn {
        PendingSignIn {
            id: PendingSignInId::mint(START, [1; 10]),
            user: UserId::mint(START, [2; 10]),
            client: Client::doorward(),
            proved: Authentications::begin(AuthenticationEvent::by_password(START)),
            attempt: None,
            begun_at: START,
            tries: 0,
            ended_at: None,
        }
    }

    #[derive(Debug, Clone)]
    enum Call {
        Wait(u64),
        Try,
        End,
    }

    fn calls() -> impl Strategy<Value = Vec<Call>> {
        let call = prop_oneof![2 => (0..200_u64).prop_map(Call::Wait), 6 => Just(Call::Try), 1 => Just(Call::End)];
        prop::collection::vec(call, 0..40)
    }

    proptest! {
        /// For all calls: at most five codes are tried, all within five minutes, and none after the end.
        #[test]
        fn asvs_6_6_3_a_pending_sign_in_takes_five_tries_within_five_minutes(calls in calls()) {
            let (mut now, mut it, mut tries, mut ended) = (START, pending(), 0, false);
            for call in calls {
                match call {
                    Call::Wait(seconds) => now = now.plus(Duration::from_secs(seconds)),
                    Call::End => {
                        it = it.end(now);
                        ended = true;
                    }
                    Call::Try => {
                        let open = it.is_open(now);
                        match it.clone().try_code(now) {
                            Ok(tried) => {
                                prop_assert!(open && !ended && now.since(START) < PENDING_LIFETIME);
                                tries += 1;
                                it = tried;
                            }
                            Err(PendingEnded) => prop_assert!(!open),
                        }
                    }
                }
                prop_assert_eq!(it.tries, tries);
                prop_assert!(tries <= MOST_WRONG_CODES);
            }
        }
    }

    #[test]
    fn the_first_end_counts() {
        let later = START.plus(Duration::from_secs(1));
        assert_eq!(pending().end(START).end(later).ended_at, Some(START));
    }
}
