//! A provider on this machine: what it is asked to prove, it proves, with a key of its own.
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

pub const CLIENT: &str = "doorward-here";
pub const SECRET: &str = "known to both";

/// It runs as long as the test.
#[derive(Clone)]
pub struct IdentityProvider {
    pub issuer: String,
    key: Arc<Ed25519KeyPair>,
    /// The claims for each code.
    codes: Arc<Mutex<HashMap<String, Value>>>,
}

impl IdentityProvider {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("it is bound"));
        let key = Arc::new(Ed25519KeyPair::generate().expect("there is randomness"));
        let provider = Self { issuer, key, codes: Arc::default() };
        let serving = provider.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(stream));
            }
        });
        provider
    }

    /// Somebody has signed in there, and their browser gets this code.
    #[expect(clippy::disallowed_methods, reason = "another process has no virtual clock")]
    pub fn signed_in(&self, code: &str, authorization_url: &str, subject: &str, email: &str) {
        let nonce = parameter(authorization_url, "nonce").expect("a nonce was sent");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
        let claims = json!({
            "iss": self.issuer, "sub": subject, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
            "email": email, "email_verified": true, "name": "Ann Example", "sid": session_of(subject),
        });
        self.codes.lock().expect("nobody panics").insert(code.to_owned(), claims);
    }

    /// What it sends when this person has signed out there.
    #[expect(clippy::disallowed_methods, reason = "another process has no virtual clock")]
    pub fn signed_out(&self, subject: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
        let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
        self.signed(&json!({
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": format!("{subject} {now}"),
            "events": event, "sid": session_of(subject),
        }))
    }

    fn serve(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let Some((path, body)) = read(&mut stream) else { return };
        let answer = match path.as_str() {
            "/.well-known/openid-configuration" => Some(self.metadata()),
            "/keys" => Some(json!({ "keys": [self.jwk()] })),
            "/token" => self.exchange(&body),
            // The page on which people would sign in.
            "/authorize" => Some(json!({})),
            _ => None,
        };
        let (status, text) =
            answer.map_or((400, r#"{"error":"invalid_grant"}"#.to_owned()), |it| (200, it.to_string()));
        let head =
            format!("HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", text.len());
        // Who has heard enough closes the connection.
        let _ = stream.get_mut().write_all((head + &text).as_bytes());
    }

    fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}/{path}", self.issuer);
        json!({
            "issuer": self.issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
            "jwks_uri": at("keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"], "code_challenge_methods_supported": ["S256"],
        })
    }

    fn jwk(&self) -> Value {
        let x = BASE64.encode(self.key.public_key().as_ref());
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "one", "x": x })
    }

    fn signed(&self, claims: &Value) -> String {
        let part = |value: &Value| BASE64.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" })), part(claims));
        format!("{signed}.{}", BASE64.encode(self.key.sign(signed.as_bytes())))
    }

    /// A code is good once.
    fn exchange(&self, body: &str) -> Option<Value> {
        let code = body.split('&').find_map(|pair| pair.strip_prefix("code="))?;
        let claims = self.codes.lock().expect("nobody panics").remove(code)?;
        let token = self.signed(&claims);
        Some(json!({ "access_token": "theirs", "token_type": "Bearer", "expires_in": 60, "id_token": token }))
    }
}

/// The session of this person there.
fn session_of(subject: &str) -> String {
    format!("session of {subject}")
}

/// The path and the body of a request.
fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.split('?').next()?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).ok()?))
}

/// The value of a parameter of a URL, which needs no decoding.
pub fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
