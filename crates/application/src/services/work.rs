use super::{Policies, Tools};
use doorward_domain::{
    AuditAction, AuditEventId, AuditOutcome, AuditSubject, ClientId, KeyId, Permission, RoleName, SessionId, Timestamp,
    UserId,
};
use doorward_ports::Caller;
use doorward_ports::outbound::{AuditEvent, Observer, PersonalDetails, SecretSealer, StoreError, WriteWork};
use serde_json::{Value, json};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// A unit of work of one operation: the repositories (by deref), one reading of the clock, and the audit log.
///
/// Dropped without [`Work::commit`] it leaves no trace.
pub(crate) struct Work<'a> {
    store: Box<dyn WriteWork>,
    tools: &'a Tools,
    /// The operator's rules.
    pub policies: &'a Policies,
    /// On whose behalf, and from where.
    pub caller: &'a Caller,
    /// When all of it happens.
    pub now: Timestamp,
    /// Whose personal details this work has erased: its own lines tell none of them either.
    erased: Option<UserId>,
    _open: Open<'a>,
}

/// Has the compiler hold the act's borrow until the work is committed or dropped, and not only until its last use.
struct Open<'a>(PhantomData<&'a mut ()>);

impl Drop for Open<'_> {
    fn drop(&mut self) {}
}

/// What an audit line is about.
#[derive(Clone, Copy)]
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

impl<'a> Work<'a> {
    pub(super) fn new(store: Box<dyn WriteWork>, tools: &'a Tools, policies: &'a Policies, caller: &'a Caller) -> Self {
        Self { store, tools, policies, caller, now: tools.now(), erased: None, _open: Open(PhantomData) }
    }

    /// Fresh randomness, for an id.
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        self.tools.draw()
    }

    pub fn sealer(&self) -> &'a dyn SecretSealer {
        &*self.tools.sealer
    }

    pub fn observer(&self) -> &'a dyn Observer {
        &*self.tools.observer
    }

    /// Tells the audit log, in the same transaction, of what was done.
    pub async fn audit(&mut self, action: AuditAction, subject: Subject<'_>) -> Result<(), StoreError> {
        self.audit_with(action, subject, json!({})).await
    }

    /// [`Self::audit`] with more to tell: no secret, and nothing that tells of a person.
    pub async fn audit_with(
        &mut self,
        action: AuditAction,
        subject: Subject<'_>,
        details: Value,
    ) -> Result<(), StoreError> {
        self.append(action, subject, AuditOutcome::Success, details).await
    }

    /// Tells the audit log of what was refused, and why.
    pub async fn audit_refusal(
        &mut self,
        action: AuditAction,
        subject: Subject<'_>,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.append(action, subject, AuditOutcome::Failure, json!({ "reason": reason })).await
    }

    /// Tells the audit log of what failed by itself, without a reason to choose among.
    pub async fn audit_failure(&mut self, action: AuditAction, subject: Subject<'_>) -> Result<(), StoreError> {
        self.append(action, subject, AuditOutcome::Failure, json!({})).await
    }

    async fn append(
        &mut self,
        action: AuditAction,
        subject: Subject<'_>,
        outcome: AuditOutcome,
        details: Value,
    ) -> Result<(), StoreError> {
        let line = AuditEvent {
            id: AuditEventId::mint(self.now, self.draw()),
            occurred_at: self.now,
            actor: self.caller.actor.audited(),
            action,
            subject: subject.audited(),
            account: subject.account(),
            outcome,
            correlation_id: self.caller.origin.correlation_id.to_string(),
            details: details.into(),
            personal: self.personal(subject),
        };
        self.store.audit().append(&line).await
    }

    /// Erases what the audit log tells of a person; the lines stay.
    pub async fn erase_personal(&mut self, account: UserId) -> Result<(), StoreError> {
        self.erased = Some(account);
        self.store.audit().erase_personal(account).await
    }

    /// Kept under the account that acts, for it is that person's IP address; under the subject's, where nobody known acts.
    fn personal(&self, subject: Subject<'_>) -> PersonalDetails {
        let origin = &self.caller.origin;
        let of = self.caller.user().or(subject.account());
        let details = PersonalDetails { of, address: origin.address, user_agent: origin.user_agent.clone() };
        if details.is_empty() || (of.is_some() && of == self.erased) { PersonalDetails::default() } else { details }
    }

    /// Makes it durable. Once begun it is finished, also when the caller stops waiting.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.store.commit().await
    }
}

impl Deref for Work<'_> {
    type Target = dyn WriteWork;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl DerefMut for Work<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.store
    }
}

impl Subject<'_> {
    fn audited(self) -> Option<AuditSubject> {
        match self {
            Self::User(id) => Some(AuditSubject::User(id)),
            Self::Session { id, .. } => Some(AuditSubject::Session(id)),
            Self::Role(name) => Some(AuditSubject::Role(name.clone())),
            Self::Permission(name) => Some(AuditSubject::Permission(name.clone())),
            Self::ClientApp(id) => Some(AuditSubject::ClientApp(id.clone())),
            Self::Key(id) => Some(AuditSubject::Key(id.clone())),
            Self::Unknown => None,
        }
    }

    const fn account(self) -> Option<UserId> {
        match self {
            Self::User(id) | Self::Session { user: id, .. } => Some(id),
            Self::Role(_) | Self::Permission(_) | Self::ClientApp(_) | Self::Key(_) | Self::Unknown => None,
        }
    }
}
