//! Pages of the audit log, which is long.
use crate::every_method;
use crate::raw::Raw;
use crate::recorder::{Dialect, Recorder};
use crate::{FILL_POSTGRES, plan_on_sqlite};
use doorward_domain::{AuditAction, AuditActor, AuditEventId, AuditOutcome, AuditSubject, UserId};
use doorward_ports::outbound::{AuditFilter, OpenedStore};
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{START, a_user, an_event};
use std::time::Duration;

/// Whatever the filter, a page of the audit log walks one index from the place of the page on, and sorts nothing: the
/// column of the filter comes first in it, and then the id.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_audit_log_walks_an_index_from_the_place_of_the_page_on_sqlite() {
    let ann = a_user("ann");
    let recorder = Recorder::start(Dialect::Sqlite).await;
    let database = TestDatabase::sqlite().await;
    let (opened, mut raw) = (database.open(), Raw::open(&database).await);
    for filter in every_method::audit_filters(&ann) {
        let statement = audit_statement(&opened, &recorder, &filter, an_event(&ann).id).await;
        let plan = plan_on_sqlite(&mut raw, &statement);
        let place = match (filtered_column(&filter), filter.outcome) {
            (Some(column), _) => format!("({column}=? AND id"),
            (None, Some(AuditOutcome::Failure)) => "audit_events_refused (id".to_owned(),
            (None, _) => "(id".to_owned(),
        };
        assert!(plan[0].contains(&place), "{place} is not in {plan:#?} of {statement}");
        assert!(!plan.iter().any(|line| line.contains("ORDER BY")), "it sorts: {plan:#?} of {statement}");
    }
}

/// PostgreSQL chooses by what there is: it may walk all lines for a value that most of them have. So what counts is how
/// many rows a page reads, of sixty thousand: for common values and for rare ones, anywhere in the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_audit_log_reads_few_rows_on_postgres() {
    let recorder = Recorder::start(Dialect::Postgres).await;
    let database = TestDatabase::postgres().await;
    let (opened, mut raw) = (database.open(), Raw::open(&database).await);
    raw.run(FILL_POSTGRES).await.unwrap();
    let somebody = raw.lines("SELECT id::text AS line FROM users WHERE email = '9@example.com'").await.remove(0);
    for filter in common_and_rare(somebody.parse().unwrap()) {
        for place in [59_000, 1_000] {
            let after = AuditEventId::first_of(START.plus(Duration::from_millis(place)));
            let statement = audit_statement(&opened, &recorder, &filter, after).await;
            assert!(!recorder.kept(&statement), "it is planned for its values: {statement}");
            let plan = analyzed(&mut raw, &statement, &arguments(&filter, after)).await;
            assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{plan:#?} of {statement}");
            let read = plan.iter().flat_map(|line| numbers_of_rows(line)).max().unwrap();
            assert!(read <= 100, "{read} rows in {plan:#?} of {statement} with {filter:?}");
        }
    }
}

/// A seal finds its lines by their ids, and does not compare each with all lines that have no seal yet.
#[tokio::test(flavor = "multi_thread")]
async fn lines_get_their_places_by_their_ids_on_sqlite() {
    let recorder = Recorder::start(Dialect::Sqlite).await;
    let database = TestDatabase::sqlite().await;
    every_method::call(&database.open()).await;
    let sent = recorder.statements();
    let statement = sent.iter().find(|statement| statement.starts_with("UPDATE audit_events SET seq")).unwrap();
    let plan = plan_on_sqlite(&mut Raw::open(&database).await, statement);
    assert!(plan.iter().any(|line| line.starts_with("SEARCH audit_events") && line.ends_with("(id=?)")), "{plan:#?}");
}

/// Each value alone, and within the last minute before the page.
fn common_and_rare(somebody: UserId) -> Vec<AuditFilter> {
    let any = AuditFilter::default();
    let each = [
        any.clone(),
        AuditFilter { actor: Some(AuditActor::User(somebody)), ..any.clone() },
        AuditFilter { subject: Some(AuditSubject::User(somebody)), ..any.clone() },
        AuditFilter { account: Some(somebody), ..any.clone() },
        AuditFilter { action: Some(AuditAction::SignIn), ..any.clone() },
        AuditFilter { action: Some(AuditAction::KeyRevoked), ..any.clone() },
        AuditFilter { action: Some(AuditAction::RoleDeleted), ..any.clone() },
        AuditFilter { outcome: Some(AuditOutcome::Success), ..any.clone() },
        AuditFilter { outcome: Some(AuditOutcome::Failure), ..any },
    ];
    let in_time = |filter: &AuditFilter| AuditFilter { from: Some(START), ..filter.clone() };
    each.iter().flat_map(|filter| [filter.clone(), in_time(filter)]).collect()
}

async fn audit_statement(
    opened: &OpenedStore,
    recorder: &Recorder,
    filter: &AuditFilter,
    after: AuditEventId,
) -> String {
    let mut read = opened.store.read().await.unwrap();
    recorder.forget();
    read.audit().list(filter, Some(after), 20).await.unwrap();
    let mut sent = recorder.statements();
    assert_eq!(sent.len(), 1, "a page is one statement: {sent:#?}");
    sent.remove(0)
}

/// What the statement is sent with, in its order.
fn arguments(filter: &AuditFilter, after: AuditEventId) -> String {
    let AuditFilter { actor, subject, action, account, from, .. } = filter;
    let given = [
        actor.as_ref().map(ToString::to_string),
        subject.as_ref().map(ToString::to_string),
        action.map(|action| action.to_string()),
        account.map(|account| account.to_string()),
        Some(after.to_string()),
        from.map(|from| AuditEventId::first_of(from).to_string()),
    ];
    let quoted: Vec<String> = given.into_iter().flatten().map(|value| format!("'{value}'")).collect();
    quoted.join(", ") + ", 20"
}

/// The plan for these arguments, and how many rows each of its steps had.
async fn analyzed(raw: &mut Raw, statement: &str, arguments: &str) -> Vec<String> {
    raw.run("DEALLOCATE ALL").await.unwrap();
    raw.run(&format!("PREPARE sent AS {statement}")).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    raw.lines(&format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE sent({arguments})")).await
}

/// Those that a step passed on, and those that it read in vain.
fn numbers_of_rows(line: &str) -> Vec<u64> {
    let behind = |word: &str| {
        let rest = line.split_once(word)?.1;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    ["actual rows=", "Rows Removed by Filter: "].into_iter().filter_map(behind).collect()
}

fn filtered_column(filter: &AuditFilter) -> Option<&'static str> {
    let AuditFilter { actor, subject, action, account, .. } = filter;
    let given = [
        ("actor", actor.is_some()),
        ("subject", subject.is_some()),
        ("action", action.is_some()),
        ("account_id", account.is_some()),
    ];
    given.into_iter().find_map(|(column, given)| given.then_some(column))
}
