//! A PostgreSQL server of one test's own, which may be stopped and started.
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use crate::database::{program, sql};
use crate::server::wait_until;

pub struct Cluster {
    folder: TempDir,
    address: SocketAddr,
    running: Option<Child>,
}

impl Cluster {
    /// Makes one and starts it there.
    pub fn start(address: SocketAddr) -> Self {
        let mut cluster = Self::empty(address);
        let initdb = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D", "data"];
        let made = cluster.command("initdb", &initdb).output().expect("initdb can be started");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.resume();
        cluster
    }

    /// A hot standby of another one, started there: it answers, and takes no writes.
    pub fn standby_of(primary: &Self, address: SocketAddr) -> Self {
        let mut standby = Self::empty(address);
        let from = primary.url();
        let copy = ["--dbname", &from, "--pgdata", "data", "--write-recovery-conf", "--wal-method=stream", "--no-sync"];
        let copied = standby.command("pg_basebackup", &[&copy[..], &["--checkpoint=fast"]].concat()).output();
        let copied = copied.expect("pg_basebackup can be started");
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        standby.resume();
        standby
    }

    fn empty(address: SocketAddr) -> Self {
        let folder = tempfile::tempdir_in("/tmp").expect("a folder can be made");
        if let Some((user, group)) = unprivileged() {
            chown(folder.path(), Some(user), Some(group)).expect("root may give a folder away");
        }
        Self { folder, address, running: None }
    }

    /// Whom it admits, in the words of `pg_hba.conf`; the first line that fits counts.
    pub fn admit(&self, lines: &str) {
        let file = self.folder.path().join("data/pg_hba.conf");
        std::fs::write(file, lines).expect("the folder is ours");
        sql(&self.url(), "SELECT pg_reload_conf()");
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program(name));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it and waits until it answers.
    pub fn resume(&mut self) {
        let port = self.address.port().to_string();
        let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let arguments: Vec<&str> = ["-D", "data", "-p", &port].into_iter().chain(settings).collect();
        let mut command = self.command("postgres", &arguments);
        let running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.running = Some(running.expect("postgres can be started"));
        let (url, mut asks) = (self.url(), self.command("pg_isready", &["-q", "-d", &self.url()]));
        wait_until(&format!("PostgreSQL answers at {url}"), || asks.status().is_ok_and(|status| status.success()));
    }

    /// Stops it at once, as a crash would.
    pub fn stop(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        // SIGQUIT is the immediate shutdown, which also ends the processes of its clients.
        kill_process(Pid::from_child(&running), Signal::QUIT).expect("it is our child");
        running.wait().expect("it is our child");
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address)
    }

    /// Ends every connection but the one that asks.
    pub fn cut_all_connections(&self) {
        let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                      WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
        assert_ne!(sql(&self.url(), others), "0", "the server has no connection");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// PostgreSQL refuses to run as root: then whom it runs as.
pub fn unprivileged() -> Option<(u32, u32)> {
    if !geteuid().is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the users can be read");
    let number = |field: Option<&str>| field.and_then(|number| number.parse().ok());
    let ids = |name: &str| {
        let mut fields = users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':').skip(2);
        Some((number(fields.next())?, number(fields.next())?))
    };
    Some(ids("postgres").or_else(|| ids("nobody")).expect("there is a user postgres or nobody"))
}
