//! The audit lines about known callers who were refused for lack of a permission.
use super::{Act, Services, Subject};
use doorward_domain::{AuditAction, AuditActor, AuditSubject, ClientId, Timestamp};
use doorward_ports::access::Operation;
use doorward_ports::inbound::ClientCredentials;
use doorward_ports::{Actor, Caller, ErrorCode, Result};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// For this long, no second line tells of the same denial.
const QUIET_FOR: Duration = Duration::from_mins(1);
/// How many denials are remembered. Beyond that, each leaves a line: too many lines are better than too few.
const MOST: usize = 10_000;

/// What is the same denial.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Denial {
    actor: AuditActor,
    operation: Operation,
    subject: Option<AuditSubject>,
}

struct Recent {
    quiet_until: Timestamp,
    /// How many times it was repeated since its last line.
    repeated: u64,
}

/// The denials of the last minute. A caller who repeats a refused request must not be able to fill the log, and not every
/// operation has a rate limit.
#[derive(Default)]
pub(super) struct Denials(Mutex<HashMap<Denial, Recent>>);

impl Denials {
    /// The number of repetitions that no line tells of, if the denial needs a line now.
    fn note(&self, denial: &Denial, now: Timestamp) -> Option<u64> {
        let mut recent = self.recent();
        let quiet_until = now.plus(QUIET_FOR);
        match recent.get_mut(denial) {
            Some(known) if now < known.quiet_until => {
                known.repeated += 1;
                None
            }
            Some(known) => Some(std::mem::replace(known, Recent { quiet_until, repeated: 0 }).repeated),
            None => {
                if recent.len() >= MOST {
                    recent.retain(|_, known| now < known.quiet_until);
                }
                if recent.len() < MOST {
                    recent.insert(denial.clone(), Recent { quiet_until, repeated: 0 });
                }
                Some(0)
            }
        }
    }

    /// Its line could not be written: the next one is written.
    fn forget(&self, denial: &Denial) {
        self.recent().remove(denial);
    }

    // No code that can panic runs while it is locked.
    fn recent(&self) -> MutexGuard<'_, HashMap<Denial, Recent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Services {
    /// Passes a result on, after the audit log has a line if it is a denial: a known caller lacks a permission.
    ///
    /// The line has a unit of work of its own, because that of the operation was rolled back. A denial that can't be
    /// recorded becomes an error of the store.
    pub(crate) async fn unless_denied<T>(
        &self,
        caller: &Caller,
        (operation, subject): (Operation, Subject<'_>),
        result: Result<T>,
    ) -> Result<T> {
        if let Err(refusal) = &result
            && is_denial(caller, refusal.code)
        {
            let denial = Denial { actor: caller.actor.audited(), operation, subject: subject.audited() };
            if let Some(repeated) = self.denials.note(&denial, self.tools.now()) {
                let details = described(caller, operation, refusal.code, repeated);
                let line = (AuditAction::AccessDenied, subject, details);
                self.append_refusal(caller, operation, line).await.inspect_err(|_| self.denials.forget(&denial))?;
            }
        }
        result
    }

    /// Appends a line about a client that has shown a wrong secret. Its id is told only if there is such an app: people
    /// also paste secrets in the wrong place.
    pub(crate) async fn record_wrong_secret(
        &self,
        caller: &Caller,
        operation: Operation,
        shown: &ClientCredentials,
    ) -> Result<()> {
        let app = match ClientId::parse(&shown.id) {
            Ok(id) => self.tools.store.read().await?.client_apps().by_id(&id).await?.map(|known| known.app.id),
            Err(_) => None,
        };
        let subject = app.as_ref().map_or(Subject::Unknown, Subject::ClientApp);
        let details = json!({ "operation": operation.as_str(), "reason": ErrorCode::InvalidClient.as_str() });
        self.append_refusal(caller, operation, (AuditAction::ClientAuthenticated, subject, details)).await
    }

    async fn append_refusal(
        &self,
        caller: &Caller,
        operation: Operation,
        (action, subject, details): (AuditAction, Subject<'_>, Value),
    ) -> Result<()> {
        let mut act = Act::new(self, caller, operation);
        let mut work = act.begin().await?;
        work.audit_refusal_with(action, subject, details).await?;
        Ok(work.commit().await?)
    }
}

/// A caller who is not known is refused for that reason, and one who has to authenticate again lacks no permission.
const fn is_denial(caller: &Caller, code: ErrorCode) -> bool {
    matches!(caller.actor, Actor::User(_) | Actor::Client(_))
        && matches!(code, ErrorCode::PermissionDenied | ErrorCode::ExceedsOwnPermissions)
}

fn described(caller: &Caller, operation: Operation, reason: ErrorCode, repeated: u64) -> Value {
    let mut details = json!({ "operation": operation.as_str(), "reason": reason.as_str() });
    if let Actor::User(signed_in) = &caller.actor
        && !signed_in.client.is_first_party()
    {
        details["client"] = signed_in.client.as_str().into();
    }
    if repeated > 0 {
        details["repeated"] = repeated.into();
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(subject: Option<AuditSubject>) -> Denial {
        Denial { actor: AuditActor::Operator, operation: Operation::DeleteRole, subject }
    }

    #[test]
    fn the_same_denial_has_one_line_a_minute_which_counts_those_without() {
        let (denials, now) = (Denials::default(), Timestamp::from_seconds(1_800_000_000));
        let (one, other) = (denial(None), denial(Some(AuditSubject::AuditLog)));
        assert_eq!(denials.note(&one, now), Some(0));
        assert_eq!(denials.note(&one, now), None);
        assert_eq!(denials.note(&other, now), Some(0));
        assert_eq!(denials.note(&one, now.plus(QUIET_FOR - Duration::from_micros(1))), None);
        let later = now.plus(QUIET_FOR);
        assert_eq!(denials.note(&one, later), Some(2));
        assert_eq!(denials.note(&one, later), None);
        denials.forget(&one);
        assert_eq!(denials.note(&one, later), Some(0));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_beyond_that_each_denial_has_a_line() {
        let (denials, now) = (Denials::default(), Timestamp::from_seconds(1_800_000_000));
        let by = |client: usize| {
            let actor = AuditActor::Client(ClientId::parse(&format!("app-{client}")).unwrap());
            Denial { actor, ..denial(None) }
        };
        for client in 0..MOST {
            assert_eq!(denials.note(&by(client), now), Some(0));
        }
        assert_eq!((denials.note(&by(0), now), denials.note(&by(MOST), now)), (None, Some(0)));
        assert_eq!((denials.note(&by(MOST), now), denials.recent().len()), (Some(0), MOST));
        assert_eq!(denials.note(&by(MOST), now.plus(QUIET_FOR)), Some(0));
        assert_eq!((denials.note(&by(MOST), now.plus(QUIET_FOR)), denials.recent().len()), (None, 1));
    }
}
