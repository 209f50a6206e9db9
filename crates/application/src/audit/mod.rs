//! Reading the audit log: by administrators and the operator, and by each owner for their own account. Lines are appended
//! by [`crate::services::Work`], in the unit of work of what they describe.
mod activity;
mod export;
mod list;

pub(crate) use activity::export as export_activity;

use crate::Services;
use async_trait::async_trait;
use doorward_domain::AuditEventId;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{Activity, AuditExport, AuditQuery, AuditTrail, ListedEvent};
use doorward_ports::{Caller, Cursor, Limit, Page, Result};

const ORDER: &str = "audit";

#[async_trait]
impl AuditTrail for Services {
    async fn list(
        &self,
        caller: &Caller,
        query: AuditQuery,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<ListedEvent>> {
        list::list(self.authorize(caller, Operation::ListAuditEvents)?, &query, cursor, limit).await
    }

    async fn own(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<Activity>> {
        activity::own(self.authorize_own(caller, Operation::ListOwnActivity)?, cursor, limit).await
    }

    async fn export(&self, caller: &Caller, query: AuditQuery) -> Result<Box<dyn AuditExport>> {
        export::begin(self.authorize(caller, Operation::ExportAuditEvents)?, &query).await
    }
}

/// The line after which a page begins.
fn after(cursor: Option<Cursor>) -> Result<Option<AuditEventId>> {
    cursor.map(|cursor| cursor.key(ORDER)?.parse().map_err(|_| Cursor::invalid())).transpose()
}
