//! What is sent over the connections of this process.
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use std::sync::Mutex;

static SENT: Mutex<Vec<String>> = Mutex::new(Vec::new());
static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Records the statements to one database, for one test at a time.
pub struct Recorder {
    dialect: Dialect,
    _turn: tokio::sync::MutexGuard<'static, ()>,
}

struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let (statement, _) = text.split_once(" -- binds").unwrap_or((&text, ""));
            SENT.lock().unwrap().push(statement.trim().to_owned());
        } else if let InstrumentationEvent::CacheQuery { sql, .. } = event {
            KEPT.lock().unwrap().push(sql.to_owned());
        }
    }
}

impl Recorder {
    /// Connections opened from now on are listened to.
    pub async fn start(dialect: Dialect) -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        set_default_instrumentation(|| Some(Box::new(Listener))).unwrap();
        SENT.lock().unwrap().clear();
        KEPT.lock().unwrap().clear();
        Self { dialect, _turn: turn }
    }

    pub fn forget(&self) {
        SENT.lock().unwrap().clear();
    }

    /// Whether a statement that begins so was kept prepared; its names are quoted as standard SQL does.
    pub fn kept(&self, beginning: &str) -> bool {
        KEPT.lock().unwrap().iter().any(|text| text.replace('`', "\"").starts_with(beginning))
    }

    /// How many statements with a plan were sent so far.
    pub fn count(&self) -> usize {
        SENT.lock().unwrap().iter().filter(|text| self.is_ours(text)).count()
    }

    /// How many transactions were committed so far.
    pub fn commits(&self) -> usize {
        SENT.lock().unwrap().iter().filter(|text| *text == "COMMIT").count()
    }

    /// The statements so far that have a plan, each once.
    pub fn statements(&self) -> Vec<String> {
        let mut sent: Vec<String> = SENT.lock().unwrap().iter().filter(|text| self.is_ours(text)).cloned().collect();
        sent.sort();
        sent.dedup();
        sent
    }

    /// Not what the test's own hands and the migrations send. Diesel quotes names for each database in its own way; the
    /// few texts of ours have none to quote.
    fn is_ours(&self, statement: &str) -> bool {
        let quotes = if self.dialect == Dialect::Sqlite { '"' } else { '`' };
        let has_plan = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|verb| statement.starts_with(verb));
        has_plan && !statement.contains(quotes) && !statement.contains("diesel") && !statement.contains("sqlite_master")
    }
}
