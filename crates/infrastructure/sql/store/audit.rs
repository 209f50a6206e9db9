use super::columns::{At, Id, TableRow, count};
use super::schema::{audit_events, audit_personal_details};
use super::work::SqlWork;
use crate::backend::Backend;
use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use doorward_domain::{AuditEventId, AuditHash, AuditOutcome, UserId};
use doorward_ports::outbound::{
    Audit, AuditDetails, AuditEvent, AuditFilter, AuditRead, ListedEvent, PersonalDetails, SealedEvent, StoreError,
};

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
    let address = personal.as_ref().and_then(|row| row.address.as_deref());
    Ok(AuditEvent {
        id: event.id.into(),
        occurred_at: event.occurred_at.0,
        action: row.read(&event.action)?,
        outcome: row.read(&event.outcome)?,
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

type SealedRow = ((i64, Vec<u8>), (EventRow, Option<PersonalRow>));

fn read_sealed(((seq, link), row): SealedRow) -> Result<SealedEvent, StoreError> {
    Ok(SealedEvent { seq, link: AuditHash::from_stored(&link), event: read(row)? })
}

type NumberedRow = (Option<i64>, EventRow, Option<PersonalRow>);

fn read_numbered((seq, event, personal): NumberedRow) -> Result<ListedEvent, StoreError> {
    Ok(ListedEvent { seq, event: read((event, personal))? })
}

/// The id before which a page begins: the last one of the page before, or the end of the time, whichever is earlier. As
/// one condition, because of two, SQLite would use the first for its index.
fn end(filter: &AuditFilter, after: Option<AuditEventId>) -> Option<AuditEventId> {
    after.into_iter().chain(filter.to.map(AuditEventId::first_of)).min()
}

/// As text, and not as an argument: the index of refusals serves only statements that name the outcome.
const fn with_outcome(outcome: Option<AuditOutcome>) -> &'static str {
    match outcome {
        None => "TRUE",
        Some(AuditOutcome::Success) => "audit_events.outcome = 'success'",
        Some(AuditOutcome::Failure) => "audit_events.outcome = 'failure'",
    }
}

/// A macro, because the type of the query is long.
macro_rules! narrow {
    ($page:ident, $($filter:expr),* $(,)?) => {$(
        if let Some(filter) = $filter {
            $page = $page.filter(filter);
        }
    )*};
}

#[async_trait]
impl AuditRead for SqlWork {
    async fn sealed_after(&mut self, seq: i64, limit: usize) -> Result<Vec<SealedEvent>, StoreError> {
        let personal = audit_personal_details::table.on(audit_personal_details::event_id.eq(audit_events::id));
        let place = (audit_events::seq.assume_not_null(), audit_events::link.assume_not_null());
        let columns = (place, (EventRow::as_select(), Option::<PersonalRow>::as_select()));
        let page = audit_events::table.left_join(personal).filter(audit_events::seq.gt(seq)).select(columns);
        let rows = page.order(audit_events::seq).limit(count(limit)).load::<SealedRow>(self.conn()).await;
        self.settle(rows)?.into_iter().map(read_sealed).collect()
    }

    async fn list(
        &mut self,
        filter: &AuditFilter,
        after: Option<AuditEventId>,
        limit: usize,
    ) -> Result<Vec<ListedEvent>, StoreError> {
        let personal = audit_personal_details::table.on(audit_personal_details::event_id.eq(audit_events::id));
        let columns = (audit_events::seq.nullable(), EventRow::as_select(), Option::<PersonalRow>::as_select());
        let mut page = audit_events::table.left_join(personal).select(columns).into_boxed::<Backend>();
        // Raw SQL, so that the statement is not kept prepared: PostgreSQL would soon plan it for any values at once, and then
        // walk the whole log for a rare action.
        page = page.filter(sql::<Bool>(with_outcome(filter.outcome)));
        // A time range is a range of ids alone: with the column of the time too, PostgreSQL would expect few rows, read all
        // of the range and sort it.
        narrow!(
            page,
            filter.actor.as_ref().map(|actor| audit_events::actor.eq(actor.to_string())),
            filter.subject.as_ref().map(|subject| audit_events::subject.eq(subject.to_string())),
            filter.action.map(|action| audit_events::action.eq(action.as_str())),
            filter.account.map(|account| audit_events::account_id.eq(Id::from(account))),
            end(filter, after).map(|end| audit_events::id.lt(Id::from(end))),
            filter.from.map(|from| audit_events::id.ge(Id::from(AuditEventId::first_of(from)))),
        );
        let rows = page.order(audit_events::id.desc()).limit(count(limit)).load::<NumberedRow>(self.conn()).await;
        self.settle(rows)?.into_iter().map(read_numbered).collect()
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
