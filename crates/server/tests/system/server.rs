//! A running server: the real binary, its outputs and its end.
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::Client;

/// How long anything may take that another process does.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Server {
    child: Child,
    pub client: Client,
    out: Reading,
    log: Reading,
}

impl Server {
    /// Starts it and waits until it is ready.
    #[track_caller]
    pub fn start(command: Command, client: Client) -> Self {
        let mut server = Self::spawn(command, client);
        let ready = |server: &mut Self| {
            assert!(server.child.try_wait().expect("it is our child").is_none(), "it ended: {}", server.log());
            server.is_ready()
        };
        wait_until("the server is ready", || ready(&mut server));
        server
    }

    /// Starts it, ready or not.
    pub fn spawn(mut command: Command, client: Client) -> Self {
        let mut child = command.spawn().expect("the binary can be started");
        let out = Reading::of(child.stdout.take());
        let log = Reading::of(child.stderr.take());
        Self { child, client, out, log }
    }

    pub fn is_ready(&self) -> bool {
        self.client.get("/health/ready").try_send().is_ok_and(|answer| answer.status == 200)
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Its memory, as the kernel tells it.
    pub fn resident_kib(&self) -> usize {
        let status = std::fs::read_to_string(self.in_proc("status")).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel tells it");
        line.trim().trim_end_matches(" kB").parse().expect("it is a number")
    }

    pub fn open_files(&self) -> usize {
        std::fs::read_dir(self.in_proc("fd")).expect("the server runs").count()
    }

    fn in_proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.pid().as_raw_nonzero())
    }

    /// What it has said on standard output so far.
    pub fn out(&self) -> String {
        self.out.text()
    }

    /// What it has said on standard error so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a child that was not waited for can be signalled");
    }

    /// Waits for its end, and answers how it ended and all that it said: standard output, and standard error.
    #[track_caller]
    pub fn ended(mut self) -> (ExitStatus, String, String) {
        let mut status = None;
        wait_until("the server ends", || {
            status = self.child.try_wait().expect("it is our child");
            status.is_some()
        });
        (status.expect("it has ended"), self.out.whole(), self.log.whole())
    }

    /// Asks it to stop, waits, and answers all that it said.
    #[track_caller]
    pub fn stop(self) -> (String, String) {
        self.signal(Signal::TERM);
        let (status, out, log) = self.ended();
        assert_eq!(status.code(), Some(0), "{log}");
        (out, log)
    }

    /// Kills it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is our child");
        self.child.wait().expect("it is our child");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has then told.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the server's log ends with:\n{}", tail(&self.log(), 40));
        }
    }
}

fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A stream that is read while the process runs, so that it never waits for a reader.
struct Reading {
    text: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Reading {
    /// Of nothing, where the test has led the stream elsewhere.
    fn of(stream: Option<impl Read + Send + 'static>) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let shared = Arc::clone(&text);
        let thread = std::thread::spawn(move || {
            let Some(stream) = stream else { return };
            let mut lines = BufReader::new(stream);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                shared.lock().expect("no reader panics").push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        Self { text, thread: Some(thread) }
    }

    fn text(&self) -> String {
        self.text.lock().expect("no reader panics").clone()
    }

    /// Everything, once the process has ended.
    fn whole(&mut self) -> String {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no reader panics");
        }
        self.text()
    }
}

/// Waits for something that another process does.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        pause(Duration::from_millis(10));
    }
}

#[expect(clippy::disallowed_methods, reason = "another process has no virtual clock")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}
