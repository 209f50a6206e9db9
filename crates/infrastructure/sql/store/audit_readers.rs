use super::SqlStore;
use super::columns::At;
use super::schema::audit_readers;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_ports::outbound::{AuditReaders, AuditStep, StoreError};

#[async_trait]
impl AuditReaders for SqlStore {
    async fn place(&self, reader: &str) -> Result<i64, StoreError> {
        let mut work = self.connections.reader().await?;
        let place = audit_readers::table.find(reader).select(audit_readers::seq);
        let place = place.get_result(work.conn()).await.optional();
        Ok(work.settle(place)?.unwrap_or(0))
    }

    async fn advance(&self, reader: &str, step: AuditStep) -> Result<bool, StoreError> {
        if step.to <= step.from {
            return Ok(false);
        }
        let mut work = self.connections.write().await?;
        let place = (audit_readers::seq.eq(step.to), audit_readers::moved_at.eq(At(step.at)));
        // A reader without a row is before the first line.
        let moved = if step.from == 0 {
            let first = diesel::insert_into(audit_readers::table).values((audit_readers::name.eq(reader), place));
            first.on_conflict_do_nothing().execute(work.conn()).await
        } else {
            let there = audit_readers::table.find(reader).filter(audit_readers::seq.eq(step.from));
            diesel::update(there).set(place).execute(work.conn()).await
        };
        let moved = work.settle(moved)?;
        work.finish().await?;
        Ok(moved == 1)
    }
}
