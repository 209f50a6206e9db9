//! A client of a few lines: one connection a request, and nothing is done behind the test's back.
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than the server allows any request to take.
const PATIENCE: Duration = Duration::from_secs(40);

/// Whoever talks to one server.
#[derive(Clone, Copy)]
pub struct Client {
    pub address: SocketAddr,
}

impl Client {
    pub fn get(self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub fn post(self, path: &str, body: &Value) -> Request {
        self.request("POST", path).json(body)
    }

    pub fn request(self, method: &str, path: &str) -> Request {
        Request { to: self.address, line: format!("{method} {path} HTTP/1.1"), headers: Vec::new(), body: None }
    }

    /// Signs in, and answers the tokens.
    #[track_caller]
    pub fn sign_in(self, identifier: &str, password: &str) -> Value {
        let body = serde_json::json!({"identifier": identifier, "password": password});
        self.post("/api/v1/auth/login", &body).send().expect_status(200).json()
    }

    /// Makes an account that signs in with this password, and answers it.
    #[track_caller]
    pub fn register(self, email: &str, password: &str) -> Value {
        let body = serde_json::json!({"email": email, "password": password});
        self.post("/api/v1/auth/register", &body).send().expect_status(201).json()
    }
}

/// A request that is put together.
pub struct Request {
    to: SocketAddr,
    line: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends it and reads the answer.
    #[track_caller]
    pub fn send(self) -> Answer {
        let line = self.line.clone();
        self.try_send().unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// As [`Self::send`], for a server that may not be there.
    pub fn try_send(self) -> io::Result<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(self.head().as_bytes())?;
        // A server that has refused a body need not read it to its end: its answer counts.
        let written = stream.write_all(self.body.as_deref().unwrap_or_default());
        match Answer::read(&mut stream, self.line.starts_with("HEAD ")) {
            Ok(answer) => Ok(answer),
            Err(error) => Err(written.err().unwrap_or(error)),
        }
    }

    fn head(&self) -> String {
        let mut head = format!("{}\r\nHost: {}\r\nConnection: close\r\n", self.line, self.to);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head + "\r\n"
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    fn read(stream: &mut TcpStream, bodiless: bool) -> io::Result<Self> {
        let (mut bytes, mut chunk) = (Vec::new(), [0; 16 * 1024]);
        // Only as far as the answer goes: a server that refuses a long body keeps the connection for a while.
        let ended = loop {
            match stream.read(&mut chunk) {
                Ok(0) => break Ok(()),
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                Err(error) => break Err(error),
            }
            if is_whole(&bytes) {
                break Ok(());
            }
        };
        let text = String::from_utf8(bytes).map_err(|_| malformed("an answer that is not UTF-8"))?;
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return Err(ended.err().unwrap_or_else(|| malformed("the connection ended before an answer")));
        };
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let status = status.ok_or_else(|| malformed("an answer without a status"))?;
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let answer = Self { status, headers: lines.filter_map(header).collect(), body: body.to_owned() };
        if !bodiless && answer.is_cut() {
            Err(malformed("the connection ended in the middle of an answer"))
        } else {
            Ok(answer)
        }
    }

    fn is_cut(&self) -> bool {
        let announced: Option<usize> = self.header("content-length").and_then(|length| length.parse().ok());
        announced.is_some_and(|length| self.body.len() < length)
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The code of a refusal; of anything else, nothing.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// The refusal is this one.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{self:?}");
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= end + 4 + length)
}

/// The access token of a pair.
#[track_caller]
pub fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens} has no access token"))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}
