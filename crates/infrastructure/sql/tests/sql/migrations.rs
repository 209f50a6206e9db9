//! Bringing a schema up to date.
use crate::raw::Raw;
use doorward_ports::outbound::SchemaError;
use doorward_sql::Database;
use doorward_sql_testing::TestDatabase;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const ALL: [&str; 21] = [
    "0001_accounts",
    "0002_roles",
    "0003_sessions",
    "0004_lockout",
    "0005_audit",
    "0006_invalidations",
    "0007_signing_keys",
    "0008_client_apps",
    "0009_search_keys",
    "0010_leases",
    "0011_audit_chain",
    "0012_audit_indexes",
    "0013_audit_readers",
    "0014_identities",
    "0015_providers",
    "0016_provider_sessions",
    "0017_sealing_keys",
    "0018_factors",
    "0019_outbox",
    "0020_provider_details",
    "0021_password_change",
];
const TABLES_ON_SQLITE: &str = "SELECT count(*) || '' AS line FROM sqlite_master";
const TABLES_ON_POSTGRES: &str =
    "SELECT count(*)::text AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace";

async fn a_crowd_migrates(database: TestDatabase) {
    let one = |_| {
        let one = database.database();
        tokio::spawn(async move { one.migrate().await.unwrap().applied })
    };
    let crowd: Vec<_> = (0..8).map(one).collect();
    let mut applied = Vec::new();
    for member in crowd {
        applied.extend(member.await.unwrap());
    }
    assert_eq!(applied, ALL, "each once, by one of them");
    assert_eq!(database.database().pending().await.unwrap(), Vec::<String>::new());
    database.open().store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_migrates_sqlite_at_once_does_it_once() {
    a_crowd_migrates(TestDatabase::no_sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_migrates_postgres_at_once_does_it_once() {
    a_crowd_migrates(TestDatabase::empty_postgres().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_what_is_pending_changes_nothing() {
    let database = TestDatabase::no_sqlite();
    assert_eq!(database.database().pending().await.unwrap(), ALL);
    let path = database.url().strip_prefix("sqlite://").unwrap();
    assert!(!Path::new(path).parent().unwrap().exists());

    let database = TestDatabase::empty_postgres().await;
    assert_eq!(database.database().pending().await.unwrap(), ALL);
    assert_eq!(Raw::open(&database).await.lines(TABLES_ON_POSTGRES).await, ["0"]);
}

/// As after going back to an older binary.
async fn is_refused_when_newer(database: TestDatabase, tables: &str) {
    let mut raw = Raw::open(&database).await;
    raw.run("INSERT INTO __diesel_schema_migrations (version) VALUES ('9998')").await.unwrap();
    raw.run("DELETE FROM __diesel_schema_migrations WHERE version = '0013'").await.unwrap();
    let before = raw.lines(tables).await;
    let refusals = [database.database().migrate().await.map(|_| ()), database.database().pending().await.map(|_| ())];
    for refusal in refusals {
        let Err(SchemaError::Newer { found, known }) = refusal else { panic!("{refusal:?}") };
        assert_eq!((found.as_str(), known.as_str()), ("9998", "0021_password_change"));
    }
    assert_eq!(raw.lines(tables).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_of_sqlite_is_refused_and_left_alone() {
    is_refused_when_newer(TestDatabase::sqlite().await, TABLES_ON_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_of_postgres_is_refused_and_left_alone() {
    is_refused_when_newer(TestDatabase::postgres().await, TABLES_ON_POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_sqlite_are_for_their_owner_alone() {
    let database = TestDatabase::no_sqlite();
    database.database().migrate().await.unwrap();
    let opened = database.open();
    let mut work = opened.store.write().await.unwrap();
    work.users().insert(&doorward_testkit::a_user("ann"), None).await.unwrap();
    let path = database.url().strip_prefix("sqlite://").unwrap();
    let mode = |path: &str| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(Path::new(path).parent().unwrap().to_str().unwrap()), 0o700);
    for suffix in ["", "-wal", "-shm", "-migrate"] {
        assert_eq!(mode(&format!("{path}{suffix}")), 0o600, "{suffix}");
    }
}

/// A folder that was there before is somebody's decision.
#[tokio::test(flavor = "multi_thread")]
async fn an_existing_folder_keeps_its_mode() {
    let database = TestDatabase::no_sqlite();
    let folder = Path::new(database.url().strip_prefix("sqlite://").unwrap()).parent().unwrap();
    std::fs::create_dir(folder).unwrap();
    std::fs::set_permissions(folder, Permissions::from_mode(0o750)).unwrap();
    database.database().migrate().await.unwrap();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o750);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_unavailable() {
    let refusal = Database::parse("postgres://nobody@127.0.0.1:1/none").unwrap().migrate().await;
    assert!(matches!(refusal, Err(SchemaError::Unavailable { .. })), "{refusal:?}");
}
