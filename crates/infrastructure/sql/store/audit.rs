use super::columns::{At, Id, TableRow, count};
use super::schema::{audit_events, audit_personal_details};
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{AuditAction, AuditEventId, AuditOutcome, UserId};
use doorward_ports::outbound::{Audit, AuditDetails, AuditEvent, AuditRead, PersonalDetails, SealedEvent, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(Backend))]
struct EventRow {
    id: Id,
    occurred_at: At,
    actor: String,
    action: String,
    subject: Option<String>,
    account_id: Option<Id>,
    outcome: String,
    correlation_id: String,
    details: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_personal_details, check_for_backend(Backend))]
struct PersonalRow {
    account_id: Option<Id>,
    address: Option<String>,
    user_agent: Option<String>,
}

fn read((event, personal): (EventRow, Option<PersonalRow>)) -> Result<AuditEvent, StoreError> {
    let row = TableRow { table: "audit_events", row: &event.id.0 };
    let action = AuditAction::ALL.iter().find(|action| action.as_str() == event.action);
    let outcome = [AuditOutcome::Success, AuditOutcome::Failure].into_iter().find(|o| o.as_str() == event.outcome);
    let address = personal.as_ref().and_then(|row| row.address.as_deref());
    Ok(AuditEvent {
        id: event.id.into(),
        occurred_at: event.occurred_at.0,
        action: *action.ok_or_else(|| row.corrupt("an unknown action"))?,
        outcome: outcome.ok_or_else(|| row.corrupt("an unknown outcome"))?,
        personal: PersonalDetails {
            of: personal.as_ref().and_then(|row| row.account_id).map(Into::into),
            address: row.read_some(address)?,
            user_agent: personal.and_then(|row| row.user_agent),
        },
        actor: row.read(&event.actor)?,
        subject: row.read_some(event.subject.as_deref())?,
        account: event.account_id.map(Into::into),
        correlation_id: event.correlation_id,
        details: AuditDetails::from_stored(event.details),
    })
}

#[async_trait]
impl AuditRead for SqlWork {
    async fn sealed_after(&mut self, seq: i64, limit: usize) -> Result<Vec<SealedEvent>, StoreError> {
        let personal = audit_personal_details::table.on(audit_personal_details::event_id.eq(audit_events::id));
        let columns =
            (audit_events::seq.assume_not_null(), (EventRow::as_select(), Option::<PersonalRow>::as_select()));
        let page = audit_events::table.left_join(personal).filter(audit_events::seq.gt(seq)).select(columns);
        let rows = page.order(audit_events::seq).limit(count(limit)).load(self.conn()).await;
        let sealed = |(seq, row)| Ok(SealedEvent { seq, event: read(row)? });
        self.settle(rows)?.into_iter().map(sealed).collect()
    }

    async fn of_account(
        &mut self,
        account: UserId,
        after: Option<AuditEventId>,
        limit: usize,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let personal = audit_personal_details::table.on(audit_personal_details::event_id.eq(audit_events::id));
        let events = audit_events::table.left_join(personal).filter(audit_events::account_id.eq(Id::from(account)));
        let columns = (EventRow::as_select(), Option::<PersonalRow>::as_select());
        let mut page = events.select(columns).into_boxed::<Backend>();
        if let Some(after) = after {
            page = page.filter(audit_events::id.lt(Id::from(after)));
        }
        let rows = page.order(audit_events::id.desc()).limit(count(limit)).load(self.conn()).await;
        self.settle(rows)?.into_iter().map(read).collect()
    }
}

#[async_trait]
impl Audit for SqlWork {
    async fn append(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        let row = (
            audit_events::id.eq(Id::from(event.id)),
            audit_events::occurred_at.eq(At(event.occurred_at)),
            audit_events::actor.eq(event.actor.to_string()),
            audit_events::action.eq(event.action.as_str()),
            audit_events::subject.eq(event.subject.as_ref().map(ToString::to_string)),
            audit_events::account_id.eq(event.account.map(Id::from)),
            audit_events::outcome.eq(event.outcome.as_str()),
            audit_events::correlation_id.eq(event.correlation_id.as_str()),
            audit_events::details.eq(event.details.as_str()),
        );
        let appended = diesel::insert_into(audit_events::table).values(row).execute(self.conn()).await;
        self.settle(appended)?;
        self.appended.push(event.clone());
        if event.personal.is_empty() { Ok(()) } else { self.append_personal(event).await }
    }

    async fn erase_personal(&mut self, account: UserId) -> Result<(), StoreError> {
        let rows = audit_personal_details::table.filter(audit_personal_details::account_id.eq(Id::from(account)));
        let erased = diesel::delete(rows).execute(self.conn()).await;
        // Any number is valid, also none: not every account has such lines.
        self.settle(erased).map(|_| ())
    }
}

impl SqlWork {
    async fn append_personal(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        let row = (
            audit_personal_details::event_id.eq(Id::from(event.id)),
            audit_personal_details::account_id.eq(event.personal.of.map(Id::from)),
            audit_personal_details::address.eq(event.personal.address.map(|address| address.to_string())),
            audit_personal_details::user_agent.eq(event.personal.user_agent.as_deref()),
        );
        let appended = diesel::insert_into(audit_personal_details::table).values(row).execute(self.conn()).await;
        self.settle(appended).map(|_| ())
    }
}
