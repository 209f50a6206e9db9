//! A provider that answers as it is told, and remembers what it was asked.
use crate::keys::Key;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The time in all tests, and as a date of HTTP.
pub const NOW: i64 = 1_800_000_000;
pub const DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";
pub const CLIENT: &str = "doorward-at-mock";
pub const SECRET: &str = "marked-secret: 100%";
pub const REDIRECT: &str = "https://id.example.com/api/v1/auth/callback/mock";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const NONCE: &str = "n-0S6_WzA2Mj";
pub const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";
pub const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnvyNHeKkc";

/// One answer out of the ordinary.
#[derive(Clone)]
pub enum Answer {
    With(u16, String),
    /// Never.
    Stall,
    /// More than anybody reads.
    Huge,
    /// To this URL.
    Redirect(String),
}

pub struct Request {
    pub line: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// What the provider publishes and states. Tests change it.
pub struct State {
    pub metadata: Value,
    pub published: Vec<Key>,
    pub signing: Key,
    pub header: Value,
    pub claims: Value,
    pub token: Value,
    /// In place of the ID token that is signed by the key.
    pub id_token: Option<String>,
    pub user_info: Value,
    pub emails: Value,
    /// What is answered once, by path.
    pub once: HashMap<String, VecDeque<Answer>>,
    /// What is answered always, by path.
    pub always: HashMap<String, Answer>,
    pub requests: Vec<Request>,
    pub redirect_uris: Vec<String>,
    /// Whether any client secret in the body is good.
    pub any_secret: bool,
    /// Whether it takes a client that sends a code verifier, or its secret in a header, for another one.
    pub refuses_pkce: bool,
}

#[derive(Clone)]
pub struct Mock {
    pub issuer: String,
    state: Arc<Mutex<State>>,
}

impl Mock {
    pub async fn start() -> Self {
        Self::below("").await
    }

    /// A provider whose issuer has this path.
    pub async fn below(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let issuer = format!("{base}{path}");
        let mock = Self { state: Arc::new(Mutex::new(State::of(&base, &issuer))), issuer };
        let serving = mock.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        mock
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes what the provider does.
    pub fn with(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.state());
        self
    }

    /// How often this path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.state().requests.iter().filter(|request| request.path() == path).count()
    }

    async fn serve(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let Some(request) = read(&mut stream).await else { return };
        let path = request.path().to_owned();
        let answer = {
            let mut state = self.state();
            let planned = state.once.get_mut(&path).and_then(VecDeque::pop_front);
            let planned = planned.or_else(|| state.always.get(&path).cloned());
            let answer = planned.unwrap_or_else(|| state.answer(&path, &request));
            state.requests.push(request);
            answer
        };
        send(stream.get_mut(), answer).await;
    }
}

impl Request {
    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default()
    }
}

impl State {
    fn of(base: &str, issuer: &str) -> Self {
        let key = Key::rsa("first");
        Self {
            metadata: json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"),
                "userinfo_endpoint": format!("{base}/userinfo"),
                "jwks_uri": format!("{base}/keys"),
                "response_types_supported": ["code", "id_token", "code id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA", "HS256", "none", "X1"],
                "code_challenge_methods_supported": ["plain", "S256"],
            }),
            published: vec![key.clone()],
            signing: key,
            header: json!({"typ": "JWT"}),
            claims: json!({
                "iss": issuer,
                "sub": "248289761001",
                "aud": CLIENT,
                "exp": NOW + 300,
                "iat": NOW,
                "nonce": NONCE,
                "email": "Ann@Example.com",
                "email_verified": true,
                "name": "Ann Example",
            }),
            token: json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600}),
            id_token: None,
            user_info: json!({"sub": "248289761001"}),
            emails: json!([]),
            once: HashMap::new(),
            always: HashMap::new(),
            requests: Vec::new(),
            redirect_uris: vec![REDIRECT.to_owned()],
            any_secret: false,
            refuses_pkce: false,
        }
    }

    fn answer(&self, path: &str, request: &Request) -> Answer {
        let json = |value: &Value| Answer::With(200, value.to_string());
        match path {
            "/keys" => {
                let keys: Vec<Value> = self.published.iter().map(Key::jwk).collect();
                json(&json!({"keys": keys}))
            }
            "/token" | "/login/oauth/access_token" | "/api/oauth2/token" => self.exchange(request),
            "/userinfo" | "/api/v3/user" | "/api/v10/users/@me" => json(&self.user_info),
            "/api/v3/user/emails" => json(&self.emails),
            "/authorize" => self.authorize(&request.line),
            _ if path.ends_with("/.well-known/openid-configuration") => json(&self.metadata),
            _ => Answer::With(404, String::new()),
        }
    }

    fn exchange(&self, request: &Request) -> Answer {
        let encoded = |text: &str| oauth2::url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET))));
        let field = |name, value: &str| request.body.split('&').any(|it| it == format!("{name}={}", encoded(value)));
        let by_basic = request.headers.get("authorization") == Some(&basic);
        let by_body = field("client_id", CLIENT) && (self.any_secret || field("client_secret", SECRET));
        let unexpected = by_basic || request.body.contains("code_verifier=");
        if !by_basic && !by_body || self.refuses_pkce && unexpected {
            return Answer::With(401, json!({"error": "invalid_client"}).to_string());
        }
        if !field("code", CODE)
            || !self.refuses_pkce && !field("code_verifier", VERIFIER)
            || !field("redirect_uri", REDIRECT)
        {
            return Answer::With(400, json!({"error": "invalid_grant"}).to_string());
        }
        let mut token = self.token.clone();
        let has_id_tokens = request.path() == "/token";
        if has_id_tokens && token.get("id_token").is_none() {
            token["id_token"] = self.id_token().into();
        }
        Answer::With(200, token.to_string())
    }

    pub fn id_token(&self) -> String {
        self.id_token.clone().unwrap_or_else(|| self.signing.jwt(&self.header, &self.claims))
    }

    fn authorize(&self, line: &str) -> Answer {
        let query = line.split(' ').nth(1).unwrap_or_default().split_once('?').map_or("", |(_, query)| query);
        let uri = oauth2::url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "redirect_uri");
        match uri.map(|(_, uri)| uri.into_owned()).filter(|uri| self.redirect_uris.contains(uri)) {
            Some(uri) => Answer::Redirect(format!("{uri}?error=login_required")),
            None => Answer::With(400, "unknown redirect_uri".to_owned()),
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { line, headers, body: String::from_utf8(body).ok()? })
}

async fn send(stream: &mut TcpStream, answer: Answer) {
    // A client that has heard enough closes the connection.
    let _ = match answer {
        Answer::With(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nDate: {DATE}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).await
        }
        Answer::Redirect(to) => {
            let head = format!("HTTP/1.1 302 x\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await
        }
        Answer::Stall => stream.read(&mut [0; 1]).await.map(drop),
        Answer::Huge => endless(stream).await,
    };
}

async fn endless(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"x\":\"").await?;
    loop {
        stream.write_all(&[b'x'; 16 * 1024]).await?;
    }
}

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
