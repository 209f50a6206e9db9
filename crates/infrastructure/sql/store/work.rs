use super::kept::Keep;
use super::pool::Object;
use super::revocations::WRITTEN_LONG_AGO;
use super::schema::guards;
use super::watch::Watch;
use super::{Around, errors};
use crate::backend::{self, Conn};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl, TransactionManager};
use doorward_domain::Timestamp;
use doorward_ports::outbound::{
    AfterCommit, Audit, AuditChain, AuditChainRead, AuditEvent, AuditRead, AuthorizationAttempts, ClientApps,
    ClientAppsRead, Factors, FactorsRead, Guard, Identities, IdentitiesRead, MailTokens, MailTokensRead, Outbox,
    OutboxRead, PendingSignIns, ProviderSessions, Providers, ProvidersRead, ReadWork, Revocation, Roles, RolesRead,
    SealedValues, SealedValuesRead, SealingKeys, SealingKeysRead, Sessions, SessionsRead, SignInAttempts, SigningKeys,
    SigningKeysRead, StoreError, StoreOperation, Users, UsersRead, WriteWork,
};
use doorward_ports::usage::Usage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

type Transactions = <Conn as AsyncConnection>::TransactionManager;

/// A rollback that takes longer is not worth the connection.
const ROLLBACK_PATIENCE: Duration = Duration::from_millis(500);

/// One connection, and all repositories over it.
///
/// The connection returns to the pool only if it is known to be at rest: no statement is running, and no transaction is
/// open. The pool itself would notice this only at the next checkout, and the locks would stay until then.
pub struct SqlWork {
    conn: Option<Object>,
    /// A statement was started and its end was not seen.
    busy: bool,
    in_transaction: bool,
    /// A statement failed, and PostgreSQL would answer COMMIT with a rollback but without an error.
    void: bool,
    after_commit: Vec<AfterCommit>,
    /// The revocations of this work, to be published once it is durable.
    pub(super) invalidated: Vec<Revocation>,
    /// The audit lines of this work, to be reported likewise.
    pub(super) appended: Vec<AuditEvent>,
    /// How long the connection is held, for the observer.
    pub(super) watch: Option<Watch>,
    around: Arc<Around>,
}

impl SqlWork {
    pub fn new(conn: Object, around: Arc<Around>) -> Self {
        Self {
            conn: Some(conn),
            busy: false,
            in_transaction: false,
            void: false,
            after_commit: Vec::new(),
            invalidated: Vec::new(),
            appended: Vec::new(),
            watch: None,
            around,
        }
    }

    /// In a transaction. It is called on the finished guard, so that a cancellation in the middle of BEGIN leaves no
    /// transaction behind.
    pub async fn begun(mut self, sql: String) -> Result<Self, StoreError> {
        let begun = backend::begin(self.lend(), sql).await;
        self.settle(begun)?;
        self.in_transaction = true;
        Ok(self)
    }

    /// Lends the connection for one statement, whose result is then passed to [`Self::settle`].
    pub fn conn(&mut self) -> &mut Conn {
        Usage::count_statement();
        self.lend()
    }

    /// Lends it for the begin or the end of a transaction.
    fn lend(&mut self) -> &mut Conn {
        self.busy = true;
        self.conn.as_mut().expect("the connection leaves only with the work itself")
    }

    /// Checks the result of a statement. After an error that the statement did not cause, the connection counts as busy
    /// for good, so that the pool never gets it back.
    pub fn settle<T>(&mut self, answer: QueryResult<T>) -> Result<T, StoreError> {
        let judged = answer.map_err(errors::store_error);
        self.void |= judged.is_err();
        self.busy = matches!(judged, Err(StoreError::Unavailable(_)));
        judged
    }

    /// Commits, and then runs the actions after the commit. [`WriteWork::commit`] calls it where nothing can interrupt
    /// it.
    pub async fn finish(mut self: Box<Self>) -> Result<(), StoreError> {
        let committed = Transactions::commit_transaction(self.lend()).await;
        self.settle(committed)?;
        self.in_transaction = false;
        // Others may have the connection while the actions run.
        drop(self.conn.take());
        if !self.invalidated.is_empty() {
            shielded(|| self.around.bus.publish(&self.invalidated));
        }
        if !self.appended.is_empty() {
            shielded(|| self.around.observer.committed(&self.appended));
        }
        for action in std::mem::take(&mut self.after_commit) {
            shielded(action);
        }
        Ok(())
    }
}

fn shielded(action: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(action)).is_err() {
        tracing::error!("an action after a commit panicked; the others run all the same");
    }
}

impl Drop for SqlWork {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        if self.busy {
            self.around.give_up(conn);
        } else if self.in_transaction {
            let unfinished = Unfinished { conn: Some(conn), around: self.around.clone() };
            self.around.backend.spawn(unfinished.roll_back());
        }
    }
}

/// A connection at rest in an open transaction can be used again after a rollback. If this is dropped in between, the
/// connection is lost.
struct Unfinished {
    conn: Option<Object>,
    around: Arc<Around>,
}

impl Unfinished {
    async fn roll_back(mut self) {
        let conn = self.conn.as_mut().expect("only this function takes it");
        let done = tokio::time::timeout(ROLLBACK_PATIENCE, Transactions::rollback_transaction(&mut **conn)).await;
        if let Ok(Ok(())) = done {
            drop(self.conn.take());
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.around.give_up(conn);
        }
    }
}

impl Around {
    /// The pool never gets it back.
    fn give_up(&self, conn: Object) {
        self.abandon.abandon(Object::take(conn), &self.backend);
    }
}

impl ReadWork for SqlWork {
    fn users(&mut self) -> &mut dyn UsersRead {
        self
    }

    fn roles(&mut self) -> &mut dyn RolesRead {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionsRead {
        self
    }

    fn client_apps(&mut self) -> &mut dyn ClientAppsRead {
        self
    }

    fn identities(&mut self) -> &mut dyn IdentitiesRead {
        self
    }

    fn factors(&mut self) -> &mut dyn FactorsRead {
        self
    }

    fn providers(&mut self) -> &mut dyn ProvidersRead {
        self
    }

    fn mail_tokens(&mut self) -> &mut dyn MailTokensRead {
        self
    }

    fn outbox(&mut self) -> &mut dyn OutboxRead {
        self
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeysRead {
        self
    }

    fn sealing_keys(&mut self) -> &mut dyn SealingKeysRead {
        self
    }

    fn sealed_values(&mut self) -> &mut dyn SealedValuesRead {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditRead {
        self
    }

    fn audit_chain(&mut self) -> &mut dyn AuditChainRead {
        self
    }
}

#[async_trait]
impl WriteWork for SqlWork {
    fn users(&mut self) -> &mut dyn Users {
        self
    }

    fn roles(&mut self) -> &mut dyn Roles {
        self
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self
    }

    fn signing_keys(&mut self) -> &mut dyn SigningKeys {
        self
    }

    fn sealing_keys(&mut self) -> &mut dyn SealingKeys {
        self
    }

    fn sealed_values(&mut self) -> &mut dyn SealedValues {
        self
    }

    fn attempts(&mut self) -> &mut dyn SignInAttempts {
        self
    }

    fn client_apps(&mut self) -> &mut dyn ClientApps {
        self
    }

    fn identities(&mut self) -> &mut dyn Identities {
        self
    }

    fn providers(&mut self) -> &mut dyn Providers {
        self
    }

    fn mail_tokens(&mut self) -> &mut dyn MailTokens {
        self
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    fn authorization_attempts(&mut self) -> &mut dyn AuthorizationAttempts {
        self
    }

    fn factors(&mut self) -> &mut dyn Factors {
        self
    }

    fn pending_sign_ins(&mut self) -> &mut dyn PendingSignIns {
        self
    }

    fn provider_sessions(&mut self) -> &mut dyn ProviderSessions {
        self
    }

    fn audit(&mut self) -> &mut dyn Audit {
        self
    }

    fn audit_chain(&mut self) -> &mut dyn AuditChain {
        self
    }

    async fn guard(&mut self, guard: Guard) -> Result<(), StoreError> {
        let row = guards::table.find(guard.as_str());
        let taken = diesel::update(row).set(guards::n.eq(guards::n + 1)).kept().execute(self.conn()).await;
        errors::exactly_one(self.settle(taken)?, "guards", &guard.as_str())
    }

    async fn purge_revocations(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(WRITTEN_LONG_AGO, before, limit).await
    }

    fn after_commit(&mut self, action: AfterCommit) {
        self.after_commit.push(action);
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.watch = self.watch.take().map(|held| held.then(StoreOperation::Commit));
        if self.void {
            return Err(errors::void());
        }
        // In a task of its own: a caller that goes away can't separate the commit from what must follow it.
        let backend = self.around.backend.clone();
        backend
            .spawn(Usage::during(Usage::current(), self.finish()).in_current_span())
            .await
            .unwrap_or_else(|stopped| Err(StoreError::Unavailable(stopped.into())))
    }
}
