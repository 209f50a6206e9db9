//! Where servers run: a folder, an address, a database and settings. All of it outlives a server, which may start again.
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

use crate::client::Client;
use crate::database::OwnDatabase;
use crate::server::Server;

/// Keeps every rule of passwords.
pub const PASSWORD: &str = "copper-violin-marsh-42";
pub const ADMIN: &str = "admin@doorward.local";

/// Below the ports that the kernel gives to clients, so that no client of another test can sit on one.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

pub struct Place {
    folder: TempDir,
    port: Port,
    settings: Vec<(String, String)>,
    /// Dropped after the last server, with the place.
    _database: Option<OwnDatabase>,
}

impl Place {
    pub fn on(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::new(None),
            Kind::Postgres => {
                let database = OwnDatabase::create();
                let url = database.url.clone();
                Self::new(Some(database)).set("DATABASE_URL", &url)
            }
        }
    }

    fn new(database: Option<OwnDatabase>) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let port = Port::take();
        let place = Self { folder, port, settings: Vec::new(), _database: database };
        let bind = place.address().to_string();
        let place = place.set("DOORWARD_HTTP__BIND", &bind).set("DOORWARD_PASSWORDS__BCRYPT_COST", "4");
        // All clients of a test have one address.
        place.set("DOORWARD_HTTP__MAX_CONNECTIONS_PER_ADDRESS", "0").with_limits("1000000/m")
    }

    /// With a setting, or another variable of the environment.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a setting that was made here.
    #[track_caller]
    pub fn setting(&self, name: &str) -> &str {
        let set = self.settings.iter().find(|(known, _)| known == name);
        &set.unwrap_or_else(|| panic!("{name} is not set")).1
    }

    /// All settings that were made here.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// With this limit for every class that is counted by address or account; without it a test, which calls from one
    /// address, is not limited.
    pub fn with_limits(self, rate: &str) -> Self {
        let names = ["LOGIN", "AUTH", "API", "ADMIN", "PUBLIC"].map(|class| format!("DOORWARD_RATE_LIMIT__{class}"));
        names.iter().fold(self, |place, name| place.set(name, rate))
    }

    /// With the limits that hold unless an operator sets others.
    pub fn with_default_limits(mut self) -> Self {
        self.settings.retain(|(name, _)| !name.starts_with("DOORWARD_RATE_LIMIT__"));
        self
    }

    /// Another node: the same settings, and so the same database, at an address and in a folder of its own.
    pub fn another(&self) -> Self {
        let other = Self::new(None);
        let settings = self.settings.iter().chain(&other.settings).cloned().collect();
        Self { settings, ..other }
    }

    /// With [`PASSWORD`] for the first administrator.
    pub fn with_known_admin(self) -> Self {
        self.set("DOORWARD_BOOTSTRAP__ADMIN_PASSWORD", PASSWORD)
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port.number))
    }

    pub fn client(&self) -> Client {
        Client { address: self.address() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Where its mails are, unless a mail server gets them.
    pub fn mails(&self) -> PathBuf {
        self.data().join("mails")
    }

    /// The program, with nothing in its environment but this place's settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.prepared(Command::new(env!("CARGO_BIN_EXE_doorward")), arguments)
    }

    /// As [`Self::command`], for a program that starts Doorward.
    pub fn prepared(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).env_clear().envs(self.settings.iter().cloned()).current_dir(self.folder());
        // Where a binary built for coverage writes what it ran; else it would be here.
        command.envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts a server and waits until it is ready.
    #[track_caller]
    pub fn start(&self) -> Server {
        Server::start(self.command(&[]), self.client())
    }
}

/// A port that no other test takes while this one holds it.
pub struct Port {
    pub number: u16,
    _claim: File,
}

impl Port {
    pub fn take() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let folder = std::env::temp_dir().join("doorward-test-ports");
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let first = u16::try_from(std::process::id() % 9_973).expect("it is below 10,000");
        loop {
            let offset = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % (PORTS.end - PORTS.start);
            let number = PORTS.start + offset;
            let claim = File::create(folder.join(number.to_string())).expect("a file can be made");
            if claim.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok() {
                return Self { number, _claim: claim };
            }
        }
    }
}
