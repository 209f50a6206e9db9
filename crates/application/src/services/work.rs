use super::{Policies, Tools};
use crate::providers::SignInProviders;
use doorward_domain::{
    AuditAction, AuditEventId, AuditOutcome, AuditSubject, ClientId, KeyId, Permission, ProviderName, RoleName,
    SealingKeyId, SessionId, Timestamp, UserId,
};
use doorward_ports::Caller;
use doorward_ports::outbound::{AuditEvent, Observer, PersonalDetails, SecretSealer, StoreError, WriteWork};
use serde_json::{Value, json};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// The unit of work of one operation: the repositories (by deref), one reading of the clock, and the audit log.
///
/// If it is dropped without [`Work::commit`], it changes nothing.
pub(crate) struct Work<'a> {
    store: Box<dyn WriteWork>,
    tools: &'a Tools,
    /// The policies of the operator.
    pub policies: &'a Policies,
    /// The caller.
    pub caller: &'a Caller,
    /// The time of all its changes.
    pub now: Timestamp,
    /// The account whose personal data this work has erased: its own lines contain none either.
    erased: Option<UserId>,
    _open: Open<'a>,
}

/// Lets the compiler hold the borrow of the act until the work is committed or dropped, and not only until its last
/// use.
struct Open<'a>(PhantomData<&'a mut ()>);

impl Drop for Open<'_> {
    fn drop(&mut self) {}
}

/// The target of an audit line.
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
    Provider(&'a ProviderName),
    Key(&'a KeyId),
    SealingKey(SealingKeyId),
    AuditLog,
    /// A sign-in under a name without an account.
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

    pub fn sign_in_providers(&self) -> &'a SignInProviders {
        &self.tools.providers
    }

    /// Whether Doorward sends mails.
    pub fn sends_mails(&self) -> bool {
        self.tools.mailer.is_some()
    }

    pub fn observer(&self) -> &'a dyn Observer {
        &*self.tools.observer
    }

    /// Appends an audit line about the action, in the same transaction.
    pub async fn audit(&mut self, action: AuditAction, subject: Subject<'_>) -> Result<(), StoreError> {
        self.audit_with(action, subject, json!({})).await
    }

    /// [`Self::audit`] with details, which contain no secret and no personal data.
    pub async fn audit_with(
        &mut self,
        action: AuditAction,
        subject: Subject<'_>,
        details: Value,
    ) -> Result<(), StoreError> {
        self.append(action, subject, AuditOutcome::Success, details).await
    }

    /// Appends an audit line about a refusal and its reason.
    pub async fn audit_refusal(
        &mut self,
        action: AuditAction,
        subject: Subject<'_>,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.audit_refusal_with(action, subject, json!({ "reason": reason })).await
    }

    /// [`Self::audit_refusal`] with further details.
    pub async fn audit_refusal_with(
        &mut self,
        action: AuditAction,
        subject: Subject<'_>,
        details: Value,
    ) -> Result<(), StoreError> {
        self.append(action, subject, AuditOutcome::Failure, details).await
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

    /// Erases the personal data of a person from the audit log; the lines stay.
    pub async fn erase_personal(&mut self, account: UserId) -> Result<(), StoreError> {
        self.erased = Some(account);
        self.store.audit().erase_personal(account).await
    }

    /// The data belongs to the account that acts, because it is that person's IP address; if the actor is unknown, it
    /// belongs to the target.
    fn personal(&self, subject: Subject<'_>) -> PersonalDetails {
        let origin = &self.caller.origin;
        let of = self.caller.user().or(subject.account());
        let details = PersonalDetails { of, address: origin.address, user_agent: origin.user_agent.clone() };
        if details.is_empty() || (of.is_some() && of == self.erased) { PersonalDetails::default() } else { details }
    }

    /// Commits durably. Once begun, it is finished, also if the caller stops waiting.
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
    pub(super) fn audited(self) -> Option<AuditSubject> {
        match self {
            Self::User(id) => Some(AuditSubject::User(id)),
            Self::Session { id, .. } => Some(AuditSubject::Session(id)),
            Self::Role(name) => Some(AuditSubject::Role(name.clone())),
            Self::Permission(name) => Some(AuditSubject::Permission(name.clone())),
            Self::ClientApp(id) => Some(AuditSubject::ClientApp(id.clone())),
            Self::Provider(name) => Some(AuditSubject::Provider(name.clone())),
            Self::Key(id) => Some(AuditSubject::Key(id.clone())),
            Self::SealingKey(id) => Some(AuditSubject::SealingKey(id)),
            Self::AuditLog => Some(AuditSubject::AuditLog),
            Self::Unknown => None,
        }
    }

    const fn account(self) -> Option<UserId> {
        match self {
            Self::User(id) | Self::Session { user: id, .. } => Some(id),
            Self::Role(_)
            | Self::Permission(_)
            | Self::ClientApp(_)
            | Self::Provider(_)
            | Self::Key(_)
            | Self::SealingKey(_)
            | Self::AuditLog
            | Self::Unknown => None,
        }
    }
}
