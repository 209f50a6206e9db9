//! PostgreSQL's own programs, and databases of our own on the server that `tests/run` starts.
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that lives as long as this.
pub struct OwnDatabase {
    pub url: String,
    name: String,
}

impl OwnDatabase {
    pub fn create() -> Self {
        let server = server_url();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("system_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        sql(&server, &format!("CREATE DATABASE {name}"));
        let (before, _) = server.rsplit_once('/').expect("the URL names a database");
        Self { url: format!("{before}/{name}"), name }
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        // One that stays behind goes with the throwaway server.
        let _ = psql(&server_url(), &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// The server that `tests/run` has started.
pub fn server_url() -> String {
    std::env::var("DOORWARD_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("DOORWARD_TEST_POSTGRES_URL is not set: run the tests by `tests/run system`, which starts PostgreSQL")
    })
}

/// Runs a statement and answers what it answers, one value a line.
#[track_caller]
pub fn sql(url: &str, statement: &str) -> String {
    let output = psql(url, statement);
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("psql speaks UTF-8").trim().to_owned()
}

fn psql(url: &str, statement: &str) -> Output {
    let mut command = Command::new(program("psql"));
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1"]);
    command.args(["--dbname", url, "--command", statement]).output().expect("psql can be started")
}

/// One of PostgreSQL's programs, from where its packages put them, or from the PATH.
pub fn program(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let found = folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} was not found: install PostgreSQL, as `tests/run` does"))
}
