//! A database that can't be opened: the error has all that caused it and says what to do, and holds no password.
use doorward_ports::Causes;
use doorward_ports::outbound::SchemaError;
use doorward_sql::Database;
use doorward_sql_testing::TestDatabase;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

/// All that caused it, and the cure.
fn told(url: &str, refusal: Result<impl std::fmt::Debug, SchemaError>) -> (String, &'static str) {
    let Err(error) = refusal else { panic!("{url} was opened: {refusal:?}") };
    let causes = Causes(&error).to_string();
    assert!(causes.starts_with("the database can't be opened: ") && !causes.contains("s3cret"), "{causes}");
    let SchemaError::Unavailable { cure, .. } = error else { panic!("{error:?}") };
    (causes, cure)
}

/// What migrating, looking what is pending, and surveying say: the same.
async fn told_by_all(url: &str) -> (String, &'static str) {
    let database = Database::parse(url).unwrap();
    let migrating = told(url, database.migrate().await);
    assert_eq!(told(url, database.pending().await), migrating);
    assert_eq!(told(url, database.survey().await), migrating);
    migrating
}

/// The URL of the tests' server, with a password and as another role would write it.
async fn changed(change: impl FnOnce(&str) -> String) -> (TestDatabase, String) {
    let database = TestDatabase::empty_postgres().await;
    let url = change(&database.url().replacen("postgres@", "postgres:s3cret@", 1));
    (database, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_not_there_is_named() {
    let (_database, url) = changed(|url| url.replacen("postgres:s3cret@", "nobody_here:s3cret@", 1)).await;
    let (causes, cure) = told_by_all(&url).await;
    assert!(causes.contains("nobody_here"), "{causes}");
    assert!(cure.contains("role") && cure.contains("pg_hba.conf"), "{cure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_named() {
    let (_database, url) = changed(|url| format!("{url}_not_there")).await;
    let (causes, cure) = told_by_all(&url).await;
    assert!(causes.contains("_not_there"), "{causes}");
    assert!(cure.contains("CREATE DATABASE"), "{cure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_connect_is_told_so() {
    let (database, url) = changed(|url| url.replacen("postgres:s3cret@", "may_not_connect:s3cret@", 1)).await;
    let mut raw = crate::raw::Raw::open(&database).await;
    // Roles are the server's: another run may have made it.
    let make = "DO $$ BEGIN CREATE ROLE may_not_connect LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    raw.run(make).await.unwrap();
    let lines = raw.lines("SELECT current_database() AS line").await;
    raw.run(&format!("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", lines[0])).await.unwrap();
    let (causes, cure) = told_by_all(&url).await;
    assert!(causes.contains(&lines[0]), "{causes}");
    assert!(cure.contains("grant"), "{cure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_where_nothing_listens_is_told_from_a_name_that_is_not_known() {
    let (causes, cure) = told_by_all("postgres://ann:s3cret@127.0.0.1:1/doorward").await;
    assert!(causes.contains("refused"), "{causes}");
    assert!(cure.contains("listens on that address and port"), "{cure}");
    let (causes, cure) = told_by_all("postgres://ann:s3cret@no-such-host.invalid/doorward").await;
    assert!(causes.contains("lookup"), "{causes}");
    assert!(cure.contains("check the host name"), "{cure}");
}

/// The tests' server speaks no TLS.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_where_it_is_required_is_told_so() {
    let (_database, url) = changed(|url| format!("{url}?sslmode=require")).await;
    let (causes, cure) = told_by_all(&url).await;
    assert!(causes.contains("does not support TLS"), "{causes}");
    assert!(cure.contains("sslmode"), "{cure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_is_told_so() {
    let (database, url) = changed(str::to_owned).await;
    let mut raw = crate::raw::Raw::open(&database).await;
    let lines = raw.lines("SELECT current_database() AS line").await;
    raw.run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", lines[0])).await.unwrap();
    let (causes, cure) = told_by_all(&url).await;
    assert!(causes.contains("does not allow writes"), "{causes}");
    assert!(cure.contains("primary server"), "{cure}");
    assert!(database.open().store.ping().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_the_one_that_can_be_reached_is_taken() {
    let database = TestDatabase::empty_postgres().await;
    let (_, server) = database.url().split_once('@').unwrap();
    let (address, name) = server.split_once('/').unwrap();
    let several = Database::parse(&format!("postgres://postgres@127.0.0.1:1,{address}/{name}")).unwrap();
    several.migrate().await.unwrap();
    assert_eq!(several.pending().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_sqlite_that_can_not_be_made_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let url = format!("sqlite://{}/doorward.db", file.display());
    let (causes, cure) = told(&url, Database::parse(&url).unwrap().migrate().await);
    assert!(causes.contains("os error"), "{causes}");
    assert!(cure.contains("the file and the folder"), "{cure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("doorward.db");
    std::fs::write(&file, "this is not a database, nor was it ever one").unwrap();
    let url = format!("sqlite://{}", file.display());
    let (causes, cure) = told(&url, Database::parse(&url).unwrap().migrate().await);
    assert!(causes.contains("not a database"), "{causes}");
    assert!(cure.contains("backup"), "{cure}");
}
