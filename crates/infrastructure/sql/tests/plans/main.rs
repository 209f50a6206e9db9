//! How the databases run what the store sends: every statement, taken from the connections as it was sent.
//!
//! PostgreSQL is asked for the plan of the prepared statement for any arguments, over tables that hold enough to tell.
//! A program of its own, because what is recorded is what the whole process sends.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod audit;
mod every_method;
#[path = "../sql/raw.rs"]
mod raw;
mod recorder;

use diesel::sql_types::Text;
use diesel::{QueryResult, QueryableByName, RunQueryDsl};
use doorward_domain::{RoleName, SearchKey};
use doorward_ports::Direction;
use doorward_ports::outbound::{KEYS_A_STATEMENT, OpenedStore, UserFilter, UserOrder, UserSort};
use doorward_ports::usage::Usage;
use doorward_sql_testing::TestDatabase;
use doorward_testkit::{START, a_session, a_user, an_exchange};
use raw::Raw;
use recorder::{Dialect, Recorder};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// All of them are asked for, and there are few: there is no other way, and none is needed.
const READ_WHOLE: [&str; 7] = [
    "ORDER BY \"providers\".\"position\"",
    "ORDER BY \"signing_keys\".",
    "ORDER BY \"audit_keys\".",
    "ORDER BY \"sealing_keys\".",
    "ORDER BY \"sealing_nodes\".",
    "FROM \"sealing_nodes\" WHERE (\"sealing_nodes\".\"seen_at\"",
    // An operator has the values of each sealing key counted.
    "GROUP BY 1",
];

fn is_read_whole(statement: &str) -> bool {
    READ_WHOLE.iter().any(|order| statement.replace('`', "\"").contains(order))
}

/// PostgreSQL's planner looks at how much there is.
const FILL_POSTGRES: &str = "
    INSERT INTO users SELECT md5('u' || n)::uuid, n || '@example.com', true, 'name' || n, NULL, NULL, n % 10 > 0, NULL, NULL,
        now(), now(), NULL, 1 FROM generate_series(1, 20000) AS n;
    INSERT INTO search_keys SELECT id, key, lag(key, 1, '') OVER (PARTITION BY id ORDER BY key), is_active FROM users, LATERAL unnest(ARRAY[email, username, 'example.com',
        'john ' || username]) AS key ON CONFLICT DO NOTHING;
    INSERT INTO user_roles SELECT id, 'user', now() FROM users ON CONFLICT DO NOTHING;
    INSERT INTO sessions SELECT md5('s' || u.id || n)::uuid, u.id, 'doorward', 'local', 'curl', NULL, NULL, now(), now(), 1,
        u.id, now(), now() + n * interval '1 day', NULL, NULL, NULL, NULL FROM users AS u, generate_series(1, 3) AS n;
    INSERT INTO audit_events (id, occurred_at, actor, action, subject, account_id, outcome, correlation_id, details)
        SELECT (lpad(to_hex(1767225600000 + n), 12, '0') || '70008000000000000000')::uuid, now(), 'user:' || id,
        CASE n % 20000 WHEN 0 THEN 'key.revoked' ELSE 'session.sign_in' END, 'user:' || id, id,
        CASE n % 1000 WHEN 0 THEN 'failure' ELSE 'success' END, 'x', '{}'
        FROM (SELECT id, row_number() OVER () AS n FROM users, generate_series(1, 3)) AS line;
    INSERT INTO provider_sessions SELECT s.id, 'example', 'https://id.example.com', u.email, 'x' || s.id FROM sessions AS s
        JOIN users AS u ON u.id = s.user_id ON CONFLICT DO NOTHING;
    INSERT INTO logout_tokens SELECT email, now() FROM users;
    INSERT INTO identities SELECT id, id, left(id::text, 2), 'https://id.example.com', email, now(), NULL FROM users;
    INSERT INTO authorization_attempts (id, provider, client_id, redirect_uri, challenge, begun_at, state_digest,
        sealed_verifier) SELECT id, 'example', 'doorward', 'https://app.example.com', 'x', now(), email, '' FROM users;
    INSERT INTO factors (id, user_id, kind, name, created_at, sealed_seed, drift, failures, window_started_at, level)
        SELECT id, id, 'totp', 'x', now(), '', 0, 0, now(), 0 FROM users;
    INSERT INTO recovery_codes (user_id, digest, created_at) SELECT id, n, now() FROM users, generate_series(1, 3) AS n;
    INSERT INTO pending_sign_ins (id, user_id, client_id, authentications, attempt_id, token_digest, begun_at, tries)
        SELECT id, id, 'doorward', '[]', id, email, now(), 0 FROM users;
    INSERT INTO outbox SELECT id, id, 'verify_email', '', now(), now(), now(), 0 FROM users;
    INSERT INTO mail_tokens SELECT id, 'verify', 'verify', email, md5(email), now(), now() FROM users;
    INSERT INTO audit_personal_details SELECT id, account_id, '203.0.113.7', 'x' FROM audit_events;
    INSERT INTO audit_seals SELECT n, n, '', now(), '', '' FROM generate_series(1, 20000) AS n ON CONFLICT DO NOTHING;
    INSERT INTO providers SELECT 'p' || n, 'oidc', 'X', NULL, 'https://id.example.com', 'x', '[]', '{}', true, 'ask', '[]', '[]',
        NULL, true, 0, false, NULL, now(), now(), 1 FROM generate_series(1, 20000) AS n;
    ANALYZE;";

#[derive(QueryableByName)]
struct PlanRow {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn plan_on_sqlite(raw: &mut Raw, statement: &str) -> Vec<String> {
    let Raw::Sqlite(conn) = raw else { panic!("this is not SQLite") };
    let rows: QueryResult<Vec<PlanRow>> =
        diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut **conn);
    rows.unwrap_or_else(|e| panic!("{statement}: {e}")).into_iter().map(|row| row.detail).collect()
}

async fn plan_on_postgres(raw: &mut Raw, statement: &str) -> Vec<String> {
    let arguments = (1..).take_while(|n| statement.contains(&format!("${n}"))).count();
    let nulls = if arguments == 0 { String::new() } else { format!("({})", vec!["NULL"; arguments].join(", ")) };
    raw.run("SET plan_cache_mode = force_generic_plan; DEALLOCATE ALL").await.unwrap();
    raw.run(&format!("PREPARE sent AS {statement}")).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    raw.lines(&format!("EXPLAIN (COSTS OFF) EXECUTE sent{nulls}")).await
}

/// The statement that chooses the accounts of a page, which begins after a key.
async fn list_statement(opened: &OpenedStore, recorder: &Recorder, filter: &UserFilter, order: UserOrder) -> String {
    let mut read = opened.store.read().await.unwrap();
    recorder.forget();
    read.users().list(filter, &order, 20).await.unwrap();
    let mut sent = recorder.statements();
    if matches!(order.sort, UserSort::Found(_)) {
        // What was found is looked up by its ids.
        sent.retain(|statement| statement.contains("search_keys"));
    }
    assert_eq!(sent.len(), 1, "a page is chosen by one statement: {sent:#?}");
    sent.remove(0)
}

/// Each kind of list, with the index condition that must bound it on SQLite and on PostgreSQL.
fn keyset_lists() -> Vec<(UserFilter, UserSort, String, [&'static str; 2])> {
    let (any, id, email) = (UserFilter::default(), a_user("x").id.to_string(), "m@example.com".to_owned());
    let active = UserFilter { is_active: Some(true), ..any.clone() };
    let holders = UserFilter { role: Some(RoleName::user()), ..any.clone() };
    vec![
        (any.clone(), UserSort::CreatedAt, id.clone(), ["(id?)", "(id ? $1)"]),
        (any, UserSort::Email, email.clone(), ["(email?)", "(email ? $1)"]),
        (
            active.clone(),
            UserSort::CreatedAt,
            id.clone(),
            ["(is_active=? AND id?)", "((is_active = $1) AND (id ? $2))"],
        ),
        (active, UserSort::Email, email, ["(is_active=? AND email?)", "((is_active = $1) AND (email ? $2))"]),
        (holders, UserSort::CreatedAt, id, ["(role_name=? AND user_id?)", "((role_name = $1) AND (user_id ? $2))"]),
    ]
}

/// A search walks the keys that begin so, from the one where the page begins, and reads nothing but the index. It is kept
/// prepared, and PostgreSQL keeps its plan: that needs one table, and a limit that is no argument.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_walks_an_index_from_the_place_of_the_page_on() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let recorder = Recorder::start(dialect).await;
        let database = match dialect {
            Dialect::Sqlite => TestDatabase::sqlite().await,
            Dialect::Postgres => TestDatabase::postgres().await,
        };
        let (opened, mut raw) = (database.open(), Raw::open(&database).await);
        if dialect == Dialect::Postgres {
            raw.run(FILL_POSTGRES).await.unwrap();
        }
        for is_active in [None, Some(false)] {
            let filter = UserFilter { is_active, ..UserFilter::default() };
            let after = Some(format!("{} john m", a_user("x").id).into());
            let sort = UserSort::Found(SearchKey::searched("john").unwrap());
            let order = UserOrder { sort, direction: Direction::Ascending, after };
            let statement = list_statement(&opened, &recorder, &filter, order).await;
            let plan = match dialect {
                Dialect::Sqlite => plan_on_sqlite(&mut raw, &statement),
                Dialect::Postgres => plan_on_postgres(&mut raw, &statement).await,
            };
            let index = if is_active.is_none() { "search_keys_by_key" } else { "search_keys_by_activity_and_key" };
            assert!(plan.iter().any(|line| line.contains(index)), "{index} is not in {plan:#?} of {statement}");
            let sorts = plan.iter().any(|line| line.contains("ORDER BY") || line.contains("Sort"));
            assert!(!sorts, "it sorts: {plan:#?} of {statement}");
            let place = ["(key,user_id)>(?,?)", "ROW(key, user_id) > ROW("];
            let bound = plan.iter().any(|line| place.iter().any(|place| line.contains(place)));
            assert!(bound, "the place of the page does not bound it: {plan:#?} of {statement}");
            let alone =
                plan.iter().filter(|line| line.contains(" USING COVERING ") || line.contains("Index Only Scan"));
            assert_eq!(alone.count(), 1, "it reads more than the index: {plan:#?} of {statement}");
            assert!(!statement.contains("users") && statement.ends_with(" LIMIT 32"), "{statement}");
            assert!(recorder.kept(&statement.replace('`', "\"")), "{statement}");
        }
    }
}

/// Many may wait, after an import: each batch reads its own lines alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_lines_that_wait_for_a_seal_are_read_in_their_order_by_an_index() {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let recorder = Recorder::start(dialect).await;
        let database = match dialect {
            Dialect::Sqlite => TestDatabase::sqlite().await,
            Dialect::Postgres => TestDatabase::postgres().await,
        };
        let (opened, mut raw) = (database.open(), Raw::open(&database).await);
        if dialect == Dialect::Postgres {
            raw.run(FILL_POSTGRES).await.unwrap();
        }
        let mut work = opened.store.write().await.unwrap();
        recorder.forget();
        work.audit_chain().unsealed(1000).await.unwrap();
        let statement = recorder.statements().pop().unwrap();
        let plan = match dialect {
            Dialect::Sqlite => plan_on_sqlite(&mut raw, &statement),
            Dialect::Postgres => plan_on_postgres(&mut raw, &statement).await,
        };
        assert!(plan.iter().any(|line| line.contains("audit_events_unsealed")), "{plan:#?} of {statement}");
        let sorts = plan.iter().any(|line| line.contains("ORDER BY") || line.contains("Sort"));
        assert!(!sorts, "it sorts: {plan:#?} of {statement}");
    }
}

/// A page of a search is two statements, however many it shows.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_search_finds_is_looked_up_by_one_statement() {
    for (dialect, database) in
        [(Dialect::Sqlite, TestDatabase::sqlite().await), (Dialect::Postgres, TestDatabase::postgres().await)]
    {
        let recorder = Recorder::start(dialect).await;
        let opened = database.open();
        let mut work = opened.store.write().await.unwrap();
        for n in 0..20 {
            work.users().insert(&a_user(&format!("john{n}")), None).await.unwrap();
        }
        work.commit().await.unwrap();
        for (search, shown, statements) in [("john", 20, 2), ("john7", 1, 2), ("nobody", 0, 1)] {
            let sort = UserSort::Found(SearchKey::searched(search).unwrap());
            let order = UserOrder { sort, direction: Direction::Ascending, after: None };
            let mut read = opened.store.read().await.unwrap();
            recorder.forget();
            assert_eq!(read.users().list(&UserFilter::default(), &order, 30).await.unwrap().len(), shown);
            assert_eq!(recorder.count(), statements, "{search}");
        }
    }
}

/// As PostgreSQL and SQLite write it, for this direction.
fn condition(template: &str, dialect: Dialect, direction: Direction) -> String {
    let sign = if direction == Direction::Ascending { '>' } else { '<' };
    match dialect {
        Dialect::Postgres => template.replace('?', &sign.to_string()),
        Dialect::Sqlite => template.replace("id?", &format!("id{sign}?")).replace("email?", &format!("email{sign}?")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_page_bounds_the_index_on_sqlite() {
    let recorder = Recorder::start(Dialect::Sqlite).await;
    let database = TestDatabase::sqlite().await;
    let (opened, mut raw) = (database.open(), Raw::open(&database).await);
    for (filter, sort, after, [wanted, _]) in keyset_lists() {
        for direction in DIRECTIONS {
            let order = UserOrder { sort: sort.clone(), direction, after: Some(after.as_str().into()) };
            let statement = list_statement(&opened, &recorder, &filter, order).await;
            let plan = plan_on_sqlite(&mut raw, &statement);
            let wanted = condition(wanted, Dialect::Sqlite, direction);
            assert!(plan.iter().any(|line| line.ends_with(&wanted)), "{wanted} is not in {plan:#?} of {statement}");
            assert!(!plan.iter().any(|line| line.contains("ORDER BY")), "it sorts: {plan:#?} of {statement}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_page_bounds_the_index_on_postgres() {
    let recorder = Recorder::start(Dialect::Postgres).await;
    let database = TestDatabase::postgres().await;
    let (opened, mut raw) = (database.open(), Raw::open(&database).await);
    raw.run(FILL_POSTGRES).await.unwrap();
    for (filter, sort, after, [_, wanted]) in keyset_lists() {
        for direction in DIRECTIONS {
            let order = UserOrder { sort: sort.clone(), direction, after: Some(after.as_str().into()) };
            let statement = list_statement(&opened, &recorder, &filter, order).await;
            let plan = plan_on_postgres(&mut raw, &statement).await;
            let wanted = format!("Index Cond: {}", condition(wanted, Dialect::Postgres, direction));
            assert!(plan.iter().any(|line| line.trim() == wanted), "{wanted} is not in {plan:#?} of {statement}");
            assert!(!plan.iter().any(|line| line.contains("Sort")), "it sorts: {plan:#?} of {statement}");
        }
    }
}

/// What sign-ins and refreshes send.
const OFTEN: [&str; 16] = [
    "SELECT \"users\".\"id\", \"users\".\"email\"",
    "INSERT INTO \"sign_in_attempts\"",
    "UPDATE \"sign_in_attempts\" SET \"failures\"",
    "INSERT INTO \"known_networks\"",
    "UPDATE \"users\" SET \"last_sign_in_at\"",
    "INSERT INTO \"sessions\"",
    "UPDATE \"sessions\" SET \"generation\"",
    "INSERT INTO \"invalidations\"",
    "INSERT INTO \"audit_events\"",
    "INSERT INTO \"audit_personal_details\"",
    "INSERT INTO \"authorization_attempts\"",
    "UPDATE \"authorization_attempts\" SET \"answered_at\"",
    "UPDATE \"authorization_attempts\" SET \"code_digest\"",
    "UPDATE \"authorization_attempts\" SET \"code_spent_at\"",
    "UPDATE \"identities\" SET \"last_used_at\"",
    "INSERT INTO \"provider_sessions\"",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_often_is_prepared_once_on_either_database() {
    for (dialect, database) in
        [(Dialect::Sqlite, TestDatabase::sqlite().await), (Dialect::Postgres, TestDatabase::postgres().await)]
    {
        let recorder = Recorder::start(dialect).await;
        every_method::call(&database.open()).await;
        for statement in OFTEN {
            assert!(recorder.kept(statement), "{statement}");
        }
    }
}

/// Transactions are not counted, because requests may share one.
#[tokio::test(flavor = "multi_thread")]
async fn each_statement_is_counted_for_the_request_that_sends_it() {
    for (dialect, database) in
        [(Dialect::Sqlite, TestDatabase::sqlite().await), (Dialect::Postgres, TestDatabase::postgres().await)]
    {
        let recorder = Recorder::start(dialect).await;
        let usage = Arc::<Usage>::default();
        Usage::during(Some(usage.clone()), every_method::call(&database.open())).await;
        assert_eq!(usage.statements(), recorder.count() as u64, "{:#?}", recorder.statements());
    }
}

/// SQLite looks at a bound limit when it plans (`sqlite3ExprIsInteger`), and so prepares the statement anew each time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_up_by_a_key_has_no_limit_on_sqlite() {
    let recorder = Recorder::start(Dialect::Sqlite).await;
    let database = TestDatabase::sqlite().await;
    every_method::call(&database.open()).await;
    for statement in recorder.statements().iter().filter(|statement| statement.contains("LIMIT ?")) {
        assert!(statement.contains("ORDER BY") || !statement.contains("WHERE"), "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_looked_up_by_one_statement_for_as_many_keys_as_it_takes() {
    for (dialect, database) in
        [(Dialect::Sqlite, TestDatabase::sqlite().await), (Dialect::Postgres, TestDatabase::postgres().await)]
    {
        let recorder = Recorder::start(dialect).await;
        let opened = database.open();
        let ids: Vec<_> = (0..=KEYS_A_STATEMENT).map(|_| a_user("nobody").id).collect();
        for (keys, statements) in [(0, 0), (KEYS_A_STATEMENT, 1), (KEYS_A_STATEMENT + 1, 2)] {
            recorder.forget();
            opened.users.find_many(&ids[..keys]).await.unwrap();
            assert_eq!(recorder.count(), statements, "{keys} keys");
        }
    }
}

/// The first is in its turn before the others come; they are done together in the next.
#[tokio::test(flavor = "multi_thread")]
async fn exchanges_of_refresh_tokens_that_meet_on_sqlite_share_a_commit() {
    let recorder = Recorder::start(Dialect::Sqlite).await;
    let database = TestDatabase::sqlite().await;
    let (store, ann) = (database.open().store, a_user("ann"));
    let sessions: Vec<_> = (0..16).map(|_| a_session(&ann)).collect();
    let mut work = store.write().await.unwrap();
    work.users().insert(&ann, None).await.unwrap();
    for session in &sessions {
        work.sessions().insert(session).await.unwrap();
    }
    work.commit().await.unwrap();
    recorder.forget();
    let held = store.write().await.unwrap();
    let mut crowd = Vec::new();
    for session in &sessions {
        let store = store.clone();
        let mut one = Box::pin(async move { store.exchange(session.id, &an_exchange(session, START)).await });
        assert!(poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx).is_pending())).await);
        crowd.push(one);
    }
    drop(held);
    for one in crowd {
        assert!(one.await.unwrap().is_some());
    }
    assert!((1..=2).contains(&recorder.commits()), "{}", recorder.commits());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_goes_by_an_index_on_sqlite() {
    let recorder = Recorder::start(Dialect::Sqlite).await;
    let database = TestDatabase::sqlite().await;
    every_method::call(&database.open()).await;
    let mut raw = Raw::open(&database).await;
    let statements = recorder.statements();
    assert!(statements.len() > 50, "{}", statements.len());
    for statement in statements.into_iter().filter(|statement| !is_read_whole(statement)) {
        for line in plan_on_sqlite(&mut raw, &statement) {
            // An index may be walked from its beginning for the first rows in its order; rows to insert, and those of an
            // argument, are no table.
            let first_rows = line.contains(" USING ") && statement.contains("LIMIT");
            let new_rows = line.ends_with("-ROW VALUES CLAUSE") || line.contains(" VIRTUAL TABLE ");
            assert!(!line.starts_with("SCAN") || first_rows || new_rows, "{line} in {statement}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_goes_by_an_index_on_postgres() {
    let recorder = Recorder::start(Dialect::Postgres).await;
    let database = TestDatabase::postgres().await;
    every_method::call(&database.open()).await;
    let mut raw = Raw::open(&database).await;
    raw.run(FILL_POSTGRES).await.unwrap();
    // Small tables are read whole for good reason; what counts is that there is another way.
    raw.run("SET enable_seqscan = off").await.unwrap();
    let statements = recorder.statements();
    assert!(statements.len() > 50, "{}", statements.len());
    for statement in statements.into_iter().filter(|statement| !is_read_whole(statement)) {
        let plan = plan_on_postgres(&mut raw, &statement).await;
        let any_row = statement.ends_with("LIMIT $1") && !statement.contains("WHERE");
        assert!(any_row || !plan.iter().any(|line| line.contains("Seq Scan")), "{plan:#?} of {statement}");
    }
}
