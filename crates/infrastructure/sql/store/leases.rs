use super::SqlStore;
use super::columns::At;
use super::schema::leases;
use crate::backend::TimeSql;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use doorward_ports::outbound::{Lease, LeaseTerm, StoreError};

/// Changes one row for whoever holds the lease now, and none for all others.
const TAKE: &str = "INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, $3) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
    WHERE leases.holder = excluded.holder OR leases.held_until <= $4";

#[async_trait]
impl Lease for SqlStore {
    async fn take(&self, name: &str, term: &LeaseTerm) -> Result<bool, StoreError> {
        let mut work = self.connections.write().await?;
        let take = diesel::sql_query(TAKE)
            .bind::<Text, _>(name)
            .bind::<Text, _>(&term.holder)
            .bind::<TimeSql, _>(At(term.until))
            .bind::<TimeSql, _>(At(term.now));
        let taken = take.execute(work.conn()).await;
        let taken = work.settle(taken)?;
        work.finish().await?;
        Ok(taken == 1)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let mut work = self.connections.write().await?;
        let own = leases::table.find(name).filter(leases::holder.eq(holder));
        let released = diesel::delete(own).execute(work.conn()).await;
        // None is as good as one: its term has ended.
        work.settle(released)?;
        work.finish().await
    }
}
