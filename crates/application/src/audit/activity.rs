use super::{ORDER, after};
use crate::services::OwnAct;
use doorward_domain::{AuditActor, UserId};
use doorward_ports::inbound::{ActedBy, Activity, AuditEvent, ListedEvent};
use doorward_ports::outbound::AuditFilter;
use doorward_ports::{Cursor, Limit, Page, Result};
use std::collections::BTreeMap;

/// What the owner did, wherever, and what concerns their account, whoever did it. Each has an index of its own, so the two
/// are read apart, and the newest of both are the page.
pub(super) async fn own(
    OwnAct { act, owner }: OwnAct<'_>,
    cursor: Option<Cursor>,
    limit: Limit,
) -> Result<Page<Activity>> {
    let after = after(cursor)?;
    let did = AuditFilter { actor: Some(AuditActor::User(owner.user)), ..AuditFilter::default() };
    let concerns = AuditFilter { account: Some(owner.user), ..AuditFilter::default() };
    let mut snapshot = act.snapshot().await?;
    // By id, because what an owner does to their own account is in both.
    let mut lines = BTreeMap::new();
    for filter in [did, concerns] {
        let part = snapshot.audit().list(&filter, after, limit.get() + 1).await?;
        lines.extend(part.into_iter().map(|ListedEvent { event, .. }| (event.id, event)));
    }
    let newest = lines.into_values().rev().map(|event| shown(event, owner.user)).collect();
    Ok(Page::cut(newest, limit, ORDER, |activity: &Activity| activity.id.to_string()))
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
