//! Databases for tests: each is migrated, empty except for the rows of migrations, and removed when it is dropped. A
//! test can open it several times; each opening is like another process.
use doorward_ports::outbound::OpenedStore;
use doorward_sql::Database;
pub use doorward_sql::Opening;
use std::fs::OpenOptions;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

/// The variable with the PostgreSQL server of the tests.
pub const SERVER_VARIABLE: &str = "DOORWARD_TEST_POSTGRES_URL";

/// A database of one test.
pub struct TestDatabase {
    url: String,
    _kept: Kept,
}

enum Kept {
    Folder { _folder: TempDir },
    OnServer { _database: OnServer },
}

impl TestDatabase {
    /// A copy of a migrated file, in its own folder.
    ///
    /// # Panics
    /// If the folder for temporary files can't be written.
    pub async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(migrated_file).await;
        let folder = tempfile::tempdir().expect("the folder for temporary files can be written");
        let path = folder.path().join("doorward.db");
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(template)).expect("a new folder can be written");
        Self { url: format!("sqlite://{}", path.display()), _kept: Kept::Folder { _folder: folder } }
    }

    /// A copy of a migrated database, on the server of [`SERVER_VARIABLE`].
    ///
    /// # Panics
    /// If the variable is not set, or the server can't be reached: a test that needs it must not pass without it.
    pub async fn postgres() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(migrated_database).await;
        Self::new_on_server(&format!("TEMPLATE {template}")).await
    }

    /// Its own folder without a file.
    ///
    /// # Panics
    /// As [`Self::sqlite`].
    #[must_use]
    pub fn no_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("the folder for temporary files can be written");
        let url = format!("sqlite://{}/data/doorward.db", folder.path().display());
        Self { url, _kept: Kept::Folder { _folder: folder } }
    }

    /// An empty database without tables.
    ///
    /// # Panics
    /// As [`Self::postgres`].
    pub async fn empty_postgres() -> Self {
        Self::new_on_server("").await
    }

    async fn new_on_server(from: &str) -> Self {
        let name = format!("doorward_test_{:016x}", RandomState::new().build_hasher().finish());
        administer(&format!("CREATE DATABASE {name} {from}")).await;
        Self { url: url_of(&name), _kept: Kept::OnServer { _database: OnServer(name) } }
    }

    /// Its URL, as in the settings.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its type in the service.
    ///
    /// # Panics
    /// Never: the URL is valid.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::parse(&self.url).expect("the URL is our own")
    }

    /// Opens it.
    #[must_use]
    pub fn open(&self) -> OpenedStore {
        self.open_by(opening())
    }

    /// Opens it with other options.
    #[must_use]
    pub fn open_by(&self, opening: Opening) -> OpenedStore {
        self.database().open(opening)
    }
}

/// How a test opens a database: with long timeouts, because many tests run at once; on this runtime; and without a bus
/// and an observer.
#[must_use]
pub fn opening() -> Opening {
    opening_on(Handle::current())
}

/// [`opening`] on another runtime.
#[must_use]
pub fn opening_on(backend: Handle) -> Opening {
    Opening { pool_size: 8, timeout: Duration::from_secs(20), backend, bus: Arc::new(()), observer: Arc::new(()) }
}

async fn migrate(url: &str) {
    let database = Database::parse(url).expect("the URL is our own");
    database.migrate().await.expect("an empty database can be migrated");
}

async fn migrated_file() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("the folder for temporary files can be written");
    let path = folder.path().join("template.db");
    migrate(&format!("sqlite://{}", path.display())).await;
    // When the last connection closed, it moved everything into the one file.
    std::fs::read(path).expect("the file was just made")
}

/// The first process creates it, and the others wait. It stays on the server for the next run of the same program.
async fn migrated_database() -> String {
    let template = format!("doorward_template_{:016x}", this_program());
    let server = server().await;
    server.batch_execute("SELECT pg_advisory_lock(719)").await.expect("the server answers");
    let query = "SELECT count(*) FROM pg_database WHERE datname = $1";
    let made: i64 = server.query_one(query, &[&template]).await.expect("the server answers").get(0);
    if made == 0 {
        let half_made = format!("{template}_half_made");
        administer(&format!("DROP DATABASE IF EXISTS {half_made}")).await;
        administer(&format!("CREATE DATABASE {half_made}")).await;
        migrate(&url_of(&half_made)).await;
        administer(&format!("ALTER DATABASE {half_made} RENAME TO {template}")).await;
    }
    template
}

/// Another build may have other migrations.
fn this_program() -> u64 {
    let program = std::env::current_exe().expect("the program has a file");
    let built_at = program.metadata().and_then(|file| file.modified()).expect("the program's file can be looked at");
    let mut hasher = std::hash::DefaultHasher::new();
    (program, built_at).hash(&mut hasher);
    hasher.finish()
}

fn server_url() -> String {
    std::env::var(SERVER_VARIABLE)
        .unwrap_or_else(|_| panic!("set {SERVER_VARIABLE}, or run the tests by tests/run, which starts a server"))
}

fn url_of(database: &str) -> String {
    let server = server_url();
    let (server, _) = server.rsplit_once('/').expect("the server's URL names a database");
    format!("{server}/{database}")
}

async fn server() -> Client {
    let (client, connection) = tokio_postgres::connect(&server_url(), NoTls).await.expect("the tests' server answers");
    tokio::spawn(connection);
    client
}

async fn administer(sql: &str) {
    server().await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

struct OnServer(String);

impl Drop for OnServer {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.0);
        // The runtime of the test may be the one that is ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a small runtime can be made").block_on(administer(&sql));
        });
        // A test that has already failed has reported enough.
        if dropping.join().is_err() && !std::thread::panicking() {
            panic!("the test's database {} could not be dropped", self.0);
        }
    }
}
