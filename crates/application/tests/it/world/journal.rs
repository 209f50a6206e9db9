//! A store that remembers what was committed to the audit log, since not every line can be read back by a port.
use async_trait::async_trait;
use doorward_domain::{AuditEventId, AuditOutcome, Session, SessionId, Timestamp, UserId};
use doorward_ports::outbound::{
    AfterCommit, Audit, AuditEvent, AuditRead, ClientApps, Exchange, Guard, ReadWork, Roles, Sessions, SignInAttempts,
    SigningKeys, Store, StoreError, Users, WriteWork,
};
use serde_json::Value;
use std::sync::{Arc, Mutex};

type Lines = Arc<Mutex<Vec<AuditEvent>>>;

pub struct Journal {
    store: Arc<dyn Store>,
    lines: Lines,
}

/// What a test compares of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub action: &'static str,
    pub actor: String,
    pub subject: Option<String>,
    pub outcome: AuditOutcome,
    pub details: Value,
}

impl From<&AuditEvent> for Line {
    fn from(event: &AuditEvent) -> Self {
        Self {
            action: event.action.as_str(),
            actor: event.actor.to_string(),
            subject: event.subject.as_ref().map(ToString::to_string),
            outcome: event.outcome,
            details: serde_json::from_str(event.details.as_str()).unwrap(),
        }
    }
}

impl Journal {
    pub fn of(store: Arc<dyn Store>) -> Self {
        Self { store, lines: Lines::default() }
    }

    /// What was committed since the last time this was asked.
    pub fn take(&self) -> Vec<AuditEvent> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }

    /// [`Self::take`], as a test compares it.
    pub fn lines(&self) -> Vec<Line> {
        self.take().iter().map(Line::from).collect()
    }

    /// What the store itself holds about an account, newest first.
    pub async fn stored(&self, account: UserId) -> Vec<AuditEvent> {
        self.store.read().await.unwrap().audit().of_account(account, None, 1000).await.unwrap()
    }
}

#[async_trait]
impl Store for Journal {
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError> {
        Ok(Box::new(Work { inner: self.store.write().await?, appended: Vec::new(), lines: self.lines.clone() }))
    }

    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        self.store.read().await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        self.store.snapshot().await
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        self.store.exchange(id, exchange).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        self.store.try_write().await
    }
}

struct Work {
    inner: Box<dyn WriteWork>,
    appended: Vec<AuditEvent>,
    lines: Lines,
}

#[async_trait]
impl WriteWork for Work {
    fn users(&mut self) -> &mut dyn Users {
        self.inner.users()
    }

    fn roles(&mut self) -> &mut dyn Roles {
        self.inner.roles()
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self.inner.sessions()
    }

    fn client_apps(&mut self) -> &mut dyn ClientApps {
        self.inner.client_apps()
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeys {
        self.inner.signing_keys()
    }

    fn attempts(&mut self) -> &mut dyn SignInAttempts {
        self.inner.attempts()
    }

    fn audit(&mut self) -> &mut dyn Audit {
        self
    }

    async fn guard(&mut self, guard: Guard) -> Result<(), StoreError> {
        self.inner.guard(guard).await
    }

    async fn purge_revocations(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.inner.purge_revocations(before, limit).await
    }

    fn after_commit(&mut self, action: AfterCommit) {
        self.inner.after_commit(action);
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let (appended, lines) = (std::mem::take(&mut self.appended), self.lines.clone());
        self.inner.after_commit(Box::new(move || lines.lock().unwrap().extend(appended)));
        self.inner.commit().await
    }
}

#[async_trait]
impl AuditRead for Work {
    async fn of_account(
        &mut self,
        account: UserId,
        after: Option<AuditEventId>,
        limit: usize,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        self.inner.audit().of_account(account, after, limit).await
    }
}

#[async_trait]
impl Audit for Work {
    async fn append(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        self.inner.audit().append(event).await?;
        self.appended.push(event.clone());
        Ok(())
    }

    async fn erase_personal(&mut self, account: UserId) -> Result<(), StoreError> {
        self.inner.audit().erase_personal(account).await
    }
}
