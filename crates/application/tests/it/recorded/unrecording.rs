//! A store that takes everything but audit lines.
use crate::world::World;
use async_trait::async_trait;
use doorward_domain::{AuditEventId, Session, SessionId, Timestamp, UserId};
use doorward_ports::outbound::{
    AfterCommit, Audit, AuditChain, AuditEvent, AuditFilter, AuditRead, AuthorizationAttempts, ClientApps, Exchange,
    Factors, Guard, Identities, ListedEvent, MailTokens, Outbox, PendingSignIns, ProviderSessions, Providers, ReadWork,
    Roles, SealedEvent, SealedValues, SealingKeys, Sessions, SignInAttempts, SigningKeys, Store, StoreError, Users,
    WriteWork,
};
use std::sync::Arc;

type Stored<T> = Result<T, StoreError>;

/// The same service with a log that can't be written.
pub fn unrecording(world: &World) -> World {
    world.changed(|tools, _| tools.store = Arc::new(Unrecording(tools.store.clone())))
}

struct Unrecording(Arc<dyn Store>);

#[async_trait]
impl Store for Unrecording {
    async fn write(&self) -> Stored<Box<dyn WriteWork>> {
        Ok(Box::new(UnrecordingWork(self.0.write().await?)))
    }

    async fn read(&self) -> Stored<Box<dyn ReadWork>> {
        self.0.read().await
    }

    async fn snapshot(&self) -> Stored<Box<dyn ReadWork>> {
        self.0.snapshot().await
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Stored<Option<Session>> {
        self.0.exchange(id, exchange).await
    }

    async fn ping(&self) -> Stored<()> {
        self.0.ping().await
    }

    async fn try_write(&self) -> Stored<()> {
        self.0.try_write().await
    }
}

struct UnrecordingWork(Box<dyn WriteWork>);

#[async_trait]
impl WriteWork for UnrecordingWork {
    fn users(&mut self) -> &mut dyn Users {
        self.0.users()
    }

    fn roles(&mut self) -> &mut dyn Roles {
        self.0.roles()
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self.0.sessions()
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeys {
        self.0.signing_keys()
    }

    fn sealing_keys(&mut self) -> &mut dyn SealingKeys {
        self.0.sealing_keys()
    }

    fn sealed_values(&mut self) -> &mut dyn SealedValues {
        self.0.sealed_values()
    }

    fn attempts(&mut self) -> &mut dyn SignInAttempts {
        self.0.attempts()
    }

    fn client_apps(&mut self) -> &mut dyn ClientApps {
        self.0.client_apps()
    }

    fn identities(&mut self) -> &mut dyn Identities {
        self.0.identities()
    }

    fn providers(&mut self) -> &mut dyn Providers {
        self.0.providers()
    }

    fn mail_tokens(&mut self) -> &mut dyn MailTokens {
        self.0.mail_tokens()
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        self.0.outbox()
    }

    fn authorization_attempts(&mut self) -> &mut dyn AuthorizationAttempts {
        self.0.authorization_attempts()
    }

    fn factors(&mut self) -> &mut dyn Factors {
        self.0.factors()
    }

    fn pending_sign_ins(&mut self) -> &mut dyn PendingSignIns {
        self.0.pending_sign_ins()
    }

    fn provider_sessions(&mut self) -> &mut dyn ProviderSessions {
        self.0.provider_sessions()
    }

    fn audit(&mut self) -> &mut dyn Audit {
        self
    }

    fn audit_chain(&mut self) -> &mut dyn AuditChain {
        self.0.audit_chain()
    }

    async fn guard(&mut self, guard: Guard) -> Stored<()> {
        self.0.guard(guard).await
    }

    async fn purge_revocations(&mut self, before: Timestamp, limit: usize) -> Stored<usize> {
        self.0.purge_revocations(before, limit).await
    }

    fn after_commit(&mut self, action: AfterCommit) {
        self.0.after_commit(action);
    }

    async fn commit(self: Box<Self>) -> Stored<()> {
        self.0.commit().await
    }
}

#[async_trait]
impl AuditRead for UnrecordingWork {
    async fn sealed_after(&mut self, seq: i64, limit: usize) -> Stored<Vec<SealedEvent>> {
        self.0.audit().sealed_after(seq, limit).await
    }

    async fn list(
        &mut self,
        filter: &AuditFilter,
        after: Option<AuditEventId>,
        limit: usize,
    ) -> Stored<Vec<ListedEvent>> {
        self.0.audit().list(filter, after, limit).await
    }
}

#[async_trait]
impl Audit for UnrecordingWork {
    async fn append(&mut self, _: &AuditEvent) -> Stored<()> {
        Err(StoreError::Failed("the test takes no lines".into()))
    }

    async fn erase_personal(&mut self, account: UserId) -> Stored<()> {
        self.0.audit().erase_personal(account).await
    }
}
