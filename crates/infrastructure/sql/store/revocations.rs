use super::SqlStore;
use super::columns::{Id, TableRow};
use super::schema::invalidations;
use super::work::SqlWork;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_ports::outbound::{LogPosition, Revocation, RevocationLog, StoreError};

const SESSION: &str = "session";
const USER: &str = "user";
const ACCOUNT: &str = "account";
const CLIENT: &str = "client";
const KEYS: &str = "keys";
const PROVIDERS: &str = "providers";
const ROLES: &str = "roles";
const EVERYONE: &str = "everyone";

impl SqlWork {
    /// Writes in this transaction what all nodes must drop from their caches, and publishes it in this process once it
    /// is durable. Every change of a result of [`doorward_ports::outbound::Lookup`] calls it.
    pub(super) async fn invalidate(&mut self, revocation: Revocation) -> Result<(), StoreError> {
        let (kind, subject) = match revocation {
            Revocation::Session(id) => (SESSION, Some(Id::from(id))),
            Revocation::User(id) => (USER, Some(Id::from(id))),
            Revocation::Account(id) => (ACCOUNT, Some(Id::from(id))),
            Revocation::Client(id) => (CLIENT, Some(Id::from(id))),
            Revocation::Keys => (KEYS, None),
            Revocation::Providers => (PROVIDERS, None),
            Revocation::Roles => (ROLES, None),
            Revocation::Everyone => (EVERYONE, None),
        };
        let row = (invalidations::kind.eq(kind), invalidations::subject_id.eq(subject));
        let written = diesel::insert_into(invalidations::table).values(row).execute(self.conn()).await;
        self.settle(written)?;
        self.invalidated.push(revocation);
        Ok(())
    }

    async fn end_of_revocations(&mut self) -> Result<LogPosition, StoreError> {
        let last = invalidations::table.select(diesel::dsl::max(invalidations::seq));
        let last = last.get_result::<Option<i64>>(self.conn()).await;
        Ok(self.settle(last)?.map_or(LogPosition(0), LogPosition))
    }

    async fn revocations_since(&mut self, after: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError> {
        let rows = invalidations::table
            .filter(invalidations::seq.gt(after.0))
            .order(invalidations::seq)
            .select((invalidations::seq, invalidations::kind, invalidations::subject_id))
            .load::<(i64, String, Option<Id>)>(self.conn())
            .await;
        self.settle(rows)?.into_iter().map(read).collect()
    }
}

fn read((seq, kind, subject): (i64, String, Option<Id>)) -> Result<(LogPosition, Revocation), StoreError> {
    let revocation = match (kind.as_str(), subject) {
        (SESSION, Some(id)) => Revocation::Session(id.into()),
        (USER, Some(id)) => Revocation::User(id.into()),
        (ACCOUNT, Some(id)) => Revocation::Account(id.into()),
        (CLIENT, Some(id)) => Revocation::Client(id.into()),
        (KEYS, None) => Revocation::Keys,
        (PROVIDERS, None) => Revocation::Providers,
        (ROLES, None) => Revocation::Roles,
        (EVERYONE, None) => Revocation::Everyone,
        _ => {
            return Err(
                TableRow { table: "invalidations", row: &seq }.corrupt("an unknown kind, or one without its subject")
            );
        }
    };
    Ok((LogPosition(seq), revocation))
}

#[async_trait]
impl RevocationLog for SqlStore {
    async fn end(&self) -> Result<LogPosition, StoreError> {
        self.connections.reader().await?.end_of_revocations().await
    }

    async fn since(&self, after: LogPosition) -> Result<Vec<(LogPosition, Revocation)>, StoreError> {
        self.connections.reader().await?.revocations_since(after).await
    }
}

/// Deletes rows that were written before a time, oldest first.
pub(super) const WRITTEN_LONG_AGO: &str = "DELETE FROM invalidations WHERE seq IN \
    (SELECT seq FROM invalidations WHERE written_at < $1 ORDER BY written_at LIMIT $2)";
