//! A Redis server of one test's own, which may be killed, frozen and started again.
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct RedisServer {
    folder: TempDir,
    port: u16,
    tls: bool,
    running: Option<Child>,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::with(None)
    }

    /// It answers to TLS only.
    pub fn start_with_tls(certificate: &str, key: &str) -> Self {
        Self::with(Some((certificate, key)))
    }

    fn with(tls: Option<(&str, &str)>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let folder = tempfile::tempdir().expect("a folder can be made");
        if let Some((certificate, key)) = tls {
            std::fs::write(folder.path().join("cert.pem"), certificate).expect("the folder is ours");
            std::fs::write(folder.path().join("key.pem"), key).expect("the folder is ours");
        }
        let mut server = Self { folder, port, tls: tls.is_some(), running: None };
        server.resume();
        server
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    pub fn resume(&mut self) {
        let mut command = Command::new("redis-server");
        let port = self.port.to_string();
        command.args(["--bind", "127.0.0.1", "--save", ""]);
        if self.tls {
            command.args(["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"]);
            command.args([
                "--tls-cert-file",
                "cert.pem",
                "--tls-key-file",
                "key.pem",
                "--tls-ca-cert-file",
                "cert.pem",
            ]);
        } else {
            command.args(["--port", &port]);
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
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
        let mut stream = TcpStream::connect(self.address()).expect("it runs");
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            bytes.extend(format!("${}\r\n", word.len()).bytes());
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(b"\r\n");
        }
        stream.write_all(&bytes).expect("it runs");
        let mut answer = [0; 256];
        let length = stream.read(&mut answer).expect("it answers");
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(!answer.starts_with('-'), "{answer}");
        answer
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
