use crate::Services;
use doorward_domain::{
    AuditAction, AuditEventId, AuditOutcome, ClientId, KeyId, Permission, RoleName, SessionId, Timestamp, UserId,
};
use doorward_ports::outbound::{AuditEvent, PersonalDetails};
use doorward_ports::{Actor, Caller};

/// What an audit line is about.
pub(crate) enum Subject<'a> {
    User(UserId),
    Session {
        id: SessionId,
        user: UserId,
    },
    Role(&'a RoleName),
    Permission(&'a Permission),
    ClientApp(&'a ClientId),
    Key(&'a KeyId),
    /// A sign-in under a name that no account has.
    Unknown,
}

impl Services {
    /// A line of the audit log about something done. Change its outcome or details before appending it.
    pub(crate) fn audit_line(
        &self,
        caller: &Caller,
        action: AuditAction,
        subject: &Subject<'_>,
        now: Timestamp,
    ) -> AuditEvent {
        AuditEvent {
            id: AuditEventId::mint(now, self.draw()),
            occurred_at: now,
            actor: actor(&caller.actor),
            action,
            subject: subject.name(),
            account: subject.account(),
            outcome: AuditOutcome::Success,
            correlation_id: caller.origin.correlation_id.to_string(),
            details: serde_json::json!({}),
            personal: personal(caller, subject),
        }
    }

    /// A line about something that was refused, and why.
    pub(crate) fn audit_refusal(
        &self,
        caller: &Caller,
        action: AuditAction,
        subject: &Subject<'_>,
        reason: &str,
        now: Timestamp,
    ) -> AuditEvent {
        AuditEvent {
            outcome: AuditOutcome::Failure,
            details: serde_json::json!({ "reason": reason }),
            ..self.audit_line(caller, action, subject, now)
        }
    }
}

/// Kept under the account that acts, for it is that person's address; under the subject's, where nobody known acts.
fn personal(caller: &Caller, subject: &Subject<'_>) -> PersonalDetails {
    let (address, user_agent) = (caller.origin.address, caller.origin.user_agent.clone());
    let details = PersonalDetails { of: caller.user().or(subject.account()), address, user_agent };
    if details.is_empty() { PersonalDetails::default() } else { details }
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::Anonymous => "anonymous".to_owned(),
        Actor::User(signed_in) => format!("user:{}", signed_in.user),
        Actor::Client(service) => format!("client:{}", service.id),
        Actor::Operator => "operator".to_owned(),
    }
}

impl Subject<'_> {
    fn name(&self) -> Option<String> {
        match self {
            Self::User(id) => Some(format!("user:{id}")),
            Self::Session { id, .. } => Some(format!("session:{id}")),
            Self::Role(name) => Some(format!("role:{name}")),
            Self::Permission(name) => Some(format!("permission:{name}")),
            Self::ClientApp(id) => Some(format!("client_app:{id}")),
            Self::Key(id) => Some(format!("key:{id}")),
            Self::Unknown => None,
        }
    }

    const fn account(&self) -> Option<UserId> {
        match self {
            Self::User(id) | Self::Session { user: id, .. } => Some(*id),
            Self::Role(_) | Self::Permission(_) | Self::ClientApp(_) | Self::Key(_) | Self::Unknown => None,
        }
    }
}
