//! The commands that work on the store, run as a person or a script runs them: the binary, its answers, its exit codes.
//! Each test has a folder of its own with its own SQLite.

mod accounts;
mod audit;
mod beside_a_server;
mod doctor;
mod keys;
mod masking;
mod roles;
mod schema;
mod secrets;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Keeps every rule of passwords.
const PASSWORD: &str = "copper-violin-marsh-42";

/// A folder in which commands are run, with cheap hashes and nothing else set.
struct Place {
    folder: TempDir,
}

impl Place {
    fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder can be made") }
    }

    /// With an up-to-date database.
    fn migrated() -> Self {
        let place = Self::empty();
        place.run(&["migrate"]).done();
        place
    }

    /// With an account.
    fn with_account(email: &str) -> Self {
        let place = Self::migrated();
        place.create(&[email]);
        place
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command.args(arguments).env_clear().current_dir(self.folder.path());
        // Where a binary built for coverage writes what it ran; else it would be here.
        command.envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)));
        command.env("DOORWARD_PASSWORDS__BCRYPT_COST", "4").env("DOORWARD_TELEMETRY__LOG_LEVEL", "warn");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command with nothing on standard input.
    fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments))
    }

    /// Runs a command with this on standard input.
    fn told(&self, input: &str, arguments: &[&str]) -> Answer {
        let mut running = self.command(arguments).stdin(Stdio::piped()).spawn().expect("the binary can be started");
        let mut stdin = running.stdin.take().expect("standard input is piped");
        stdin.write_all(input.as_bytes()).expect("the binary reads its standard input");
        drop(stdin);
        Answer::from(running.wait_with_output().expect("the binary ends"))
    }

    /// Makes an account that signs in with [`PASSWORD`], and answers it.
    fn create(&self, arguments: &[&str]) -> Value {
        let line = [&["user", "create", "--output", "json"], arguments].concat();
        self.told(&format!("{PASSWORD}\n"), &line).done().json()
    }

    fn show(&self, who: &str) -> Value {
        self.run(&["user", "show", who, "--output", "json"]).done().json()
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
struct Answer {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<std::process::Output> for Answer {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Answer {
    fn of(mut command: Command) -> Self {
        Self::from(command.output().expect("the binary can be started"))
    }

    #[track_caller]
    fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// It failed with this exit code, answered nothing, and said this.
    #[track_caller]
    fn refused(self, code: i32, said: &str) {
        assert_eq!((self.code, self.out.as_str()), (Some(code), ""), "{self:?}");
        assert!(self.err.contains(said), "{said:?} is not in {self:?}");
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// Where nobody listens.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("a listener has an address")
}

/// The names of a JSON object's members.
fn names(object: &Value) -> Vec<String> {
    let mut names: Vec<String> = object.as_object().expect("it is an object").keys().cloned().collect();
    names.sort();
    names
}

/// The names of the properties that REST gives to one of its answers.
fn described(schema: &str) -> Vec<String> {
    let document = Place::empty().run(&["openapi"]).done().json();
    names(&document["components"]["schemas"][schema]["properties"])
}
