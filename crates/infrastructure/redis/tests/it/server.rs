//! A Redis server of one test's own, which may be killed, frozen and started again.
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct RedisServer {
    folder: TempDir,
    port: u16,
    mode: &'static [&'static str],
    running: Option<Child>,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::with("")
    }

    /// Begins with these settings, lines of its configuration file. What it changes in there itself it keeps.
    pub fn with(settings: &str) -> Self {
        let port = free_port();
        Self::begin(&[], port, &format!("port {port}\nsave \"\"\n{settings}"), &[])
    }

    /// A sentinel, which watches others.
    pub fn sentinel(settings: &str) -> Self {
        let port = free_port();
        Self::begin(&["--sentinel"], port, &format!("port {port}\n{settings}"), &[])
    }

    /// It answers to TLS only.
    pub fn with_tls(certificate: &Certificate, settings: &str) -> Self {
        let port = free_port();
        Self::begin(&[], port, &format!("{}save \"\"\n{settings}", by_tls(port)), &certificate.files())
    }

    /// A sentinel that answers to TLS only, and asks the others by TLS.
    pub fn sentinel_with_tls(certificate: &Certificate, settings: &str) -> Self {
        let port = free_port();
        Self::begin(&["--sentinel"], port, &format!("{}{settings}", by_tls(port)), &certificate.files())
    }

    fn begin(mode: &'static [&'static str], port: u16, settings: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let settings = format!("bind 127.0.0.1\n{settings}");
        for (name, content) in [("redis.conf", settings.as_str())].iter().chain(files) {
            std::fs::write(folder.path().join(name), content).expect("the folder is ours");
        }
        let mut server = Self { folder, port, mode, running: None };
        server.resume();
        server
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    pub fn tls_url(&self) -> String {
        format!("rediss://{}", self.address())
    }

    pub fn resume(&mut self) {
        let mut command = Command::new("redis-server");
        command.arg("redis.conf").args(self.mode).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running = Some(command.spawn().expect("redis-server is installed, as `tests/run` does"));
        let begun = Instant::now();
        while TcpStream::connect(self.address()).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "redis-server did not start");
            std::thread::yield_now();
        }
    }

    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().expect("it is our child");
            running.wait().expect("it is our child");
        }
    }

    pub fn signal(&self, signal: Signal) {
        let running = self.running.as_ref().expect("it runs");
        kill_process(Pid::from_child(running), signal).expect("it is our child");
    }

    /// Sends a command and waits for the beginning of its answer.
    pub fn command(&self, words: &[&[u8]]) -> String {
        self.converse(&[words])
    }

    /// As [`Self::command`], for a server that wants a password.
    pub fn command_as(&self, password: &str, words: &[&[u8]]) -> String {
        self.converse(&[&[b"AUTH", password.as_bytes()], words])
    }

    fn converse(&self, commands: &[&[&[u8]]]) -> String {
        let mut stream = TcpStream::connect(self.address()).expect("it runs");
        let mut text = String::new();
        for words in commands {
            stream.write_all(&written(words)).expect("it runs");
            let mut answer = [0; 4096];
            let length = stream.read(&mut answer).expect("it answers");
            text = String::from_utf8_lossy(&answer[..length]).into_owned();
            assert!(!text.starts_with('-'), "{text}");
        }
        text
    }
}

fn written(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n", word.len()).bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// A certificate for this machine that vouches for itself.
pub struct Certificate {
    pub pem: String,
    key: String,
}

impl Certificate {
    pub fn new() -> Self {
        // The program chooses it first of all.
        static CHOSEN: Once = Once::new();
        CHOSEN.call_once(|| {
            rustls::crypto::aws_lc_rs::default_provider().install_default().expect("nothing else does");
        });
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names).expect("these are names");
        Self { pem: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    fn files(&self) -> [(&str, &str); 2] {
        [("cert.pem", &self.pem), ("key.pem", &self.key)]
    }
}

fn by_tls(port: u16) -> String {
    format!(
        "port 0\ntls-port {port}\ntls-auth-clients no\ntls-replication yes\ntls-cluster yes\n\
         tls-cert-file cert.pem\ntls-key-file key.pem\ntls-ca-cert-file cert.pem\n"
    )
}

pub fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    free.local_addr().expect("it is bound").port()
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
