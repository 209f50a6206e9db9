//! A real PgBouncer between the server and PostgreSQL.
use std::fs::Permissions;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use crate::alike;
use crate::client::{Client, access};
use crate::database::{OwnDatabase, sql};
use crate::faults::cluster::unprivileged;
use crate::place::{Kind, PASSWORD, Place, Port};
use crate::server::wait_until;

/// From this version on prepared statements are kept in transaction mode.
const KEEPS_STATEMENTS: (u32, u32) = (1, 21);

struct Pooler {
    running: Child,
    port: Port,
    database: OwnDatabase,
    _folder: TempDir,
}

impl Pooler {
    /// One that keeps so many prepared statements for each client; below version 1.21 it keeps none.
    fn start(mode: &str, kept: u32) -> Self {
        let (database, port) = (OwnDatabase::create(), Port::take());
        let folder = tempfile::tempdir_in("/tmp").expect("a folder can be made");
        let (server, name) = address_and_name(&database.url);
        let keeping = if keeps_statements() { format!("max_prepared_statements = {kept}\n") } else { String::new() };
        // A session has its connection to itself; transactions are to take turns on few.
        let most = if mode == "session" { 20 } else { 3 };
        let settings = format!(
            "[databases]\n{name} = host=127.0.0.1 port={server} dbname={name} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n\
             default_pool_size = {most}\n{keeping}",
            port.number
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).expect("the folder is ours");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("the folder is ours");
        let mut command = Command::new(program());
        command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            chown(folder.path(), Some(user), Some(group)).expect("root may give a folder away");
            command.uid(user).gid(group);
        }
        let running = command.spawn().expect("pgbouncer can be started");
        let pooler = Self { running, port, database, _folder: folder };
        wait_until("PgBouncer listens", || TcpStream::connect(("127.0.0.1", pooler.port.number)).is_ok());
        pooler
    }

    /// A place whose database is reached through it.
    fn place(&self) -> Place {
        let (_, name) = address_and_name(&self.database.url);
        let url = format!("postgres://postgres@127.0.0.1:{}/{name}", self.port.number);
        Place::on(Kind::Sqlite).set("DATABASE_URL", &url)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.running.kill().expect("it is our child");
        self.running.wait().expect("it is our child");
    }
}

/// The port of the server, and the name of the database.
fn address_and_name(url: &str) -> (String, String) {
    let (_, behind) = url.rsplit_once(':').expect("a test's URL has a port");
    let (port, name) = behind.split_once('/').expect("a test's URL names a database");
    (port.to_owned(), name.to_owned())
}

/// The newer one that `tests/run` makes, or that of the system.
fn program() -> PathBuf {
    match std::env::var_os("DOORWARD_TEST_PGBOUNCER") {
        Some(made) => made.into(),
        None if Path::new("/usr/sbin/pgbouncer").exists() => "/usr/sbin/pgbouncer".into(),
        None => "pgbouncer".into(),
    }
}

fn keeps_statements() -> bool {
    version() >= KEEPS_STATEMENTS
}

fn version() -> (u32, u32) {
    let told = Command::new(program()).arg("--version").output().expect("pgbouncer is here, as tests/run sees to");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let number = told.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = number.split('.').map(|part| part.parse().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

#[test]
fn in_session_mode_all_is_as_without_it() {
    lives_behind(&Pooler::start("session", 0));
}

#[test]
fn in_transaction_mode_all_is_as_without_it_where_statements_are_kept() {
    if !keeps_statements() {
        return println!(
            "skipped: this PgBouncer is {:?}, and none keeps statements before {KEEPS_STATEMENTS:?}",
            version()
        );
    }
    lives_behind(&Pooler::start("transaction", 100));
    let mut poolers = Vec::new();
    alike::all_answer_as_written(|| {
        poolers.push(Pooler::start("transaction", 100));
        poolers[poolers.len() - 1].place()
    });
}

#[test]
fn in_transaction_mode_that_loses_statements_it_is_refused() {
    let pooler = Pooler::start("transaction", 0);
    let place = pooler.place();
    for arguments in [&["doctor"][..], &["serve"], &["migrate"]] {
        let output = place.command(arguments).output().expect("the binary can be started");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains("PgBouncer 1.21 or newer with max_prepared_statements"), "{arguments:?}: {told}");
    }
}

/// A statement of our name on the connection that the pooler gives us second answers in place of our own.
#[test]
fn a_statement_that_another_process_left_is_not_taken_for_a_kept_one() {
    let pooler = Pooler::start("transaction", 0);
    let place = pooler.place();
    let (_, name) = address_and_name(&pooler.database.url);
    let behind = format!("postgres://postgres@127.0.0.1:{}/{name}", pooler.port.number);
    std::thread::scope(|scope| {
        scope.spawn(|| sql(&behind, "SELECT pg_sleep(1)"));
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(1)' AND state = 'active'";
        wait_until("the first connection is in use", || sql(&pooler.database.url, sleeping) == "1");
        sql(&behind, "PREPARE s0 AS SELECT 1");
    });
    let output = place.command(&["doctor"]).output().expect("the binary can be started");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("PgBouncer 1.21 or newer with max_prepared_statements"), "{told}");
}

/// Many at once, so that connections of the server's change hands.
fn lives_behind(pooler: &Pooler) {
    let place = pooler.place();
    let server = place.start();
    let client = server.client;
    std::thread::scope(|scope| {
        for one in 0..8 {
            scope.spawn(move || comes_and_stays(client, &format!("ann-{one}@example.com")));
        }
    });
    server.stop();
}

fn comes_and_stays(client: Client, email: &str) {
    client.register(email, PASSWORD);
    let mut tokens = client.sign_in(email, PASSWORD);
    for _ in 0..10 {
        let shown = json!({"refresh_token": tokens["refresh_token"]});
        tokens = client.post("/api/v1/auth/refresh", &shown).send().expect_status(200).json();
        client.get("/api/v1/users/me").bearer(access(&tokens)).send().expect_status(200);
    }
}
