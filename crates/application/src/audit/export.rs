use super::list::understood;
use crate::services::{Act, Subject};
use async_trait::async_trait;
use doorward_domain::{AuditAction, AuditEventId};
use doorward_ports::Result;
use doorward_ports::inbound::{AuditExport, AuditQuery, ListedEvent};
use doorward_ports::outbound::{AuditFilter, Store};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How many lines are read, and so held in memory, at once.
const PART: usize = 500;

/// Who exports the log, and which part of it, is recorded before the first line is read: what was read by somebody who then
/// closed the connection was read all the same.
pub(super) async fn begin(mut act: Act<'_>, query: &AuditQuery) -> Result<Box<dyn AuditExport>> {
    let filter = understood(query)?;
    let store = act.tools().store.clone();
    let mut work = act.begin().await?;
    work.audit_with(AuditAction::AuditExported, Subject::AuditLog, described(&filter)).await?;
    work.commit().await?;
    Ok(Box::new(Export { store, filter, after: None, ended: false }))
}

/// The filters that were given. An id of an account is no personal data, and there is no other data of a person in them.
fn described(filter: &AuditFilter) -> Value {
    let AuditFilter { actor, subject, action, outcome, account, from, to } = filter;
    let given = [
        ("actor", actor.as_ref().map(ToString::to_string)),
        ("subject", subject.as_ref().map(ToString::to_string)),
        ("action", action.map(|action| action.to_string())),
        ("outcome", outcome.map(|outcome| outcome.as_str().to_owned())),
        ("account", account.map(|account| account.to_string())),
        ("from", from.map(|from| from.to_string())),
        ("to", to.map(|to| to.to_string())),
    ];
    let filters = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::from(Map::from_iter([("filters".to_owned(), Value::Object(filters.collect()))]))
}

/// Holds no connection between two parts: a client that reads slowly must not keep one from others.
struct Export {
    store: Arc<dyn Store>,
    filter: AuditFilter,
    after: Option<AuditEventId>,
    ended: bool,
}

#[async_trait]
impl AuditExport for Export {
    async fn next(&mut self) -> Result<Vec<ListedEvent>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let part = self.store.read().await?.audit().list(&self.filter, self.after, PART).await?;
        self.after = part.last().map(|line| line.event.id);
        self.ended = part.len() < PART;
        Ok(part)
    }
}
