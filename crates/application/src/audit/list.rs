use super::{ORDER, after};
use crate::fields::Fields;
use crate::services::Act;
use doorward_domain::{AuditActor, AuditSubject, Timestamp, UserId};
use doorward_ports::inbound::{AuditQuery, ListedEvent};
use doorward_ports::outbound::AuditFilter;
use doorward_ports::{Cursor, Limit, Page, Result};

pub(super) async fn list(
    act: Act<'_>,
    query: &AuditQuery,
    cursor: Option<Cursor>,
    limit: Limit,
) -> Result<Page<ListedEvent>> {
    let (filter, after) = (understood(query)?, after(cursor)?);
    let lines = act.read().await?.audit().list(&filter, after, limit.get() + 1).await?;
    Ok(Page::cut(lines, limit, ORDER, |line| line.event.id.to_string()))
}

/// The filter that was typed; all its faults are reported together.
pub(super) fn understood(query: &AuditQuery) -> Result<AuditFilter> {
    let mut fields = Fields::default();
    let actor = query.actor.as_deref().map(str::parse::<AuditActor>);
    let subject = query.subject.as_deref().map(str::parse::<AuditSubject>);
    let account = query.account.as_deref().map(str::parse::<UserId>);
    let time = |pointer, text: Option<&str>, fields: &mut Fields| {
        fields.take_optional(pointer, "invalid_time", text.map(str::parse::<Timestamp>))
    };
    let filter = AuditFilter {
        from: time("/from", query.from.as_deref(), &mut fields),
        to: time("/to", query.to.as_deref(), &mut fields),
        actor: fields.take_optional("/actor", "invalid_actor", actor),
        subject: fields.take_optional("/subject", "invalid_subject", subject),
        action: fields.take_optional("/action", "invalid_action", query.action.as_deref().map(str::parse)),
        outcome: fields.take_optional("/outcome", "invalid_outcome", query.outcome.as_deref().map(str::parse)),
        account: fields.take_optional("/account", "invalid_id", account),
    };
    fields.finish().map(|()| filter)
}
