use super::{ORDER, after};
use crate::services::OwnAct;
use async_trait::async_trait;
use doorward_domain::{AuditActor, AuditEventId, UserId};
use doorward_ports::inbound::{ActedBy, Activity, ActivityExport, AuditEvent, ListedEvent};
use doorward_ports::outbound::{AuditFilter, ReadWork, Store};
use doorward_ports::{Cursor, Limit, Page, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) async fn own(
    OwnAct { act, owner }: OwnAct<'_>,
    cursor: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Activity>> {
    let after = after(cursor)?;
    let newest = newest(&mut *act.snapshot().await?, (owner.user, after), limit.get() + 1).await?;
    Ok(Page::cut(newest, limit, ORDER, |activity: &Activity| activity.id.to_string()))
}

/// What the owner did, wherever, and what concerns their account, whoever did it. Each has an index of its own, so the two
/// are read apart, and the newest of both are the page.
async fn newest(
    read: &mut dyn ReadWork,
    (owner, after): (UserId, Option<AuditEventId>),
    limit: usize,
) -> Result<Vec<Activity>> {
    let did = AuditFilter { actor: Some(AuditActor::User(owner)), ..AuditFilter::default() };
    let concerns = AuditFilter { account: Some(owner), ..AuditFilter::default() };
    // By id, because what an owner does to their own account is in both.
    let mut lines = BTreeMap::new();
    for filter in [did, concerns] {
        let part = read.audit().list(&filter, after, limit).await?;
        lines.extend(part.into_iter().map(|ListedEvent { event, .. }| (event.id, event)));
    }
    Ok(lines.into_values().rev().take(limit).map(|event| shown(event, owner)).collect())
}

/// How many lines are read, and so held in memory, at once.
const PART: usize = 500;

/// All of it, newest first. It holds no connection between two parts.
pub(crate) fn export(store: Arc<dyn Store>, owner: UserId) -> Box<dyn ActivityExport> {
    Box::new(Export { store, owner, after: None, ended: false })
}

struct Export {
    store: Arc<dyn Store>,
    owner: UserId,
    after: Option<AuditEventId>,
    ended: bool,
}

#[async_trait]
impl ActivityExport for Export {
    async fn next(&mut self) -> Result<Vec<Activity>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let part = newest(&mut *self.store.snapshot().await?, (self.owner, self.after), PART).await?;
        self.after = part.last().map(|line| line.id);
        self.ended = part.len() < PART;
        Ok(part)
    }
}

/// The origin of a request is shown if it is the owner's own, or that of a caller who was not known yet: this is how an
/// owner recognizes a sign-in that was not theirs. That of another user or a client app belongs to somebody else.
fn shown(event: AuditEvent, owner: UserId) -> Activity {
    let by = by(&event.actor, owner);
    let may_see = matches!(by, ActedBy::Owner | ActedBy::Anonymous) && event.personal.of == Some(owner);
    Activity {
        id: event.id,
        occurred_at: event.occurred_at,
        by,
        action: event.action,
        subject: event.subject,
        outcome: event.outcome,
        correlation_id: event.correlation_id,
        address: event.personal.address.filter(|_| may_see),
        user_agent: event.personal.user_agent.filter(|_| may_see),
        details: event.details,
    }
}

fn by(actor: &AuditActor, owner: UserId) -> ActedBy {
    match actor {
        AuditActor::User(user) if *user == owner => ActedBy::Owner,
        AuditActor::User(_) => ActedBy::Administrator,
        AuditActor::Client(_) => ActedBy::ClientApp,
        AuditActor::Operator => ActedBy::Operator,
        AuditActor::Anonymous => ActedBy::Anonymous,
    }
}
