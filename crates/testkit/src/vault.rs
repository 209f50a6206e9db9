//! A server that plays the transit engine of HashiCorp Vault, as its documentation describes it.
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// The token that it accepts.
pub const TOKEN: &str = "hvs.copper-violin-marsh";

/// A server with one key, `transit/doorward`.
#[derive(Debug, Clone)]
pub struct PlayedVault {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    asked: Vec<String>,
}

/// How it behaves.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// The newest version of the key.
    pub newest: u32,
    /// The oldest version that it still decrypts.
    pub oldest: u32,
    /// The namespace that a request must name.
    pub namespace: Option<&'static str>,
    /// Whether it is sealed: it then answers 503.
    pub sealed: bool,
    /// Whether it never answers.
    pub silent: bool,
    /// What it answers in place of all else.
    pub nonsense: Option<&'static str>,
}

impl PlayedVault {
    /// Starts one on a free port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let behaviour =
            Behaviour { newest: 1, oldest: 1, namespace: None, sealed: false, silent: false, nonsense: None };
        let state = Arc::new(Mutex::new(State { behaviour, asked: Vec::new() }));
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = shared.clone();
                thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets it behave otherwise from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.state().behaviour);
    }

    /// The paths of all requests so far.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut headers) = (String::new(), BTreeMap::new());
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    for line in reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(": ") {
            headers.insert(name.to_lowercase(), value.to_owned());
        }
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    state.lock().unwrap().asked.push(path.clone());
    let behaviour = state.lock().unwrap().behaviour.clone();
    if behaviour.silent {
        // Until the client goes away.
        let _ = reader.read(&mut [0]);
        return;
    }
    let (status, answer) = behaviour.answer(&path, &headers, &body);
    let answer = behaviour.nonsense.map_or_else(|| answer.to_string(), str::to_owned);
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
    // A client may have gone away.
    let _ = stream.write_all((head + &answer).as_bytes());
}

impl Behaviour {
    fn answer(&self, path: &str, headers: &BTreeMap<String, String>, body: &[u8]) -> (u16, Value) {
        let refused = |status, words: &str| (status, json!({ "errors": [words] }));
        let header = |name: &str| headers.get(name).map(String::as_str);
        if self.sealed {
            return refused(503, "Vault is sealed");
        }
        if header("x-vault-token") != Some(TOKEN) || header("x-vault-namespace") != self.namespace {
            return refused(403, "permission denied");
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        match path {
            "/v1/transit/encrypt/doorward" => {
                let ciphertext = format!("vault:v{}:{}", self.newest, reversed(body["plaintext"].as_str().unwrap()));
                (200, json!({ "request_id": "x", "data": { "ciphertext": ciphertext, "key_version": self.newest } }))
            }
            "/v1/transit/decrypt/doorward" => {
                let text = body["ciphertext"].as_str().unwrap().strip_prefix("vault:v").unwrap();
                let (version, text) = text.split_once(':').unwrap();
                if version.parse::<u32>().unwrap() < self.oldest {
                    return refused(400, "ciphertext or signature version is disallowed by policy (too old)");
                }
                (200, json!({ "request_id": "x", "data": { "plaintext": reversed(text) } }))
            }
            _ => refused(404, "no handler for route"),
        }
    }
}

/// In place of encryption: it is not the text, and the text can be had from it.
fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}
