use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::document::{Operation, Parameter, resolve};
use crate::client::{Answer, Client};
use crate::place::PASSWORD;

/// Texts that have broken other servers.
const HOSTILE: [&str; 20] = [
    "",
    " ",
    "\u{0}",
    "a\u{0}b",
    "\u{feff}",
    "\u{202e}drow",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "e\u{301}\u{301}\u{301}",
    "ſﬁ\u{37a}",
    "' OR 1=1 --",
    "%00",
    "%",
    "_",
    "../../etc/passwd",
    "-1",
    "9223372036854775808",
    "1e999",
    "null",
    "0000-00-00T00:00:00Z",
    "00000000-0000-0000-0000-000000000000",
];

/// A request, written out so that a failing test shows it.
#[derive(Debug)]
pub struct Draft {
    method: String,
    target: String,
    pub headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Draft {
    pub fn of(operation: &Operation, document: &Value, chance: &mut Chance, seen: &[String]) -> Self {
        let mut maker = Maker { document, chance, seen };
        let mut draft = Self {
            method: operation.method.clone(),
            target: maker.target(operation),
            headers: maker.headers(operation),
            body: operation.body.as_ref().and_then(|schema| maker.body(schema)),
        };
        if draft.body.is_some() {
            let kinds = ["application/json", "application/json; charset=utf-8", "application/merge-patch+json"];
            let wrong = ["text/plain", "application/x-www-form-urlencoded", "application/", ";", "json"];
            let kinds: &[&str] = if maker.chance.percent(4) { &wrong } else { &kinds };
            draft.headers.push(("Content-Type".to_owned(), (*maker.chance.pick(kinds)).to_owned()));
        }
        draft
    }

    pub fn send(&self, client: Client) -> Answer {
        let mut request = client.request(&self.method, &self.target);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &self.body {
            request = request.body(body.as_str());
        }
        request.send()
    }
}

/// Makes up the parts of one request.
struct Maker<'a> {
    document: &'a Value,
    chance: &'a mut Chance,
    seen: &'a [String],
}

impl Maker<'_> {
    fn target(&mut self, operation: &Operation) -> String {
        let mut target = operation.path.clone();
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place == "path") {
            let mut value = self.parameter(parameter);
            // An empty part would be another route.
            if value.is_empty() || value == "." || value == ".." {
                value.push('x');
            }
            target = target.replace(&format!("{{{}}}", parameter.name), &escaped(&value));
        }
        let mut query = Vec::new();
        for parameter in operation.parameters.iter().filter(|parameter| parameter.place == "query") {
            if self.chance.percent(25) {
                query.push(format!("{}={}", parameter.name, escaped(&self.parameter(parameter))));
            }
        }
        let takes_query = operation.parameters.iter().any(|parameter| parameter.place == "query");
        if takes_query && self.chance.percent(3) {
            query.push((*self.chance.pick(&["unknown=1", "limit", "&&&", "%ff=%fe", "limit=1&limit=1"])).to_owned());
        }
        if query.is_empty() { target } else { format!("{target}?{}", query.join("&")) }
    }

    fn parameter(&mut self, parameter: &Parameter) -> String {
        let schema = resolve(self.document, &parameter.schema);
        match self.chance.below(10) {
            0..5 => self.chance.pick(self.seen).clone(),
            5..8 => match self.valid(schema, &parameter.name) {
                Value::String(text) => text,
                other => other.to_string(),
            },
            _ => self.hostile_text(),
        }
    }

    fn headers(&mut self, operation: &Operation) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        if operation.parameters.iter().any(|p| p.place == "header") && self.chance.percent(40) {
            let tags = ["\"1\"", "\"2\"", "*", "W/\"1\"", "1", "\"", ",", "\"1\", \"2\"", "\"99999999999999999999\""];
            headers.push(("If-Match".to_owned(), (*self.chance.pick(&tags)).to_owned()));
        }
        let odd = [
            ("X-Correlation-ID", "abc-123"),
            ("X-Correlation-ID", "\u{fc}\u{fc}"),
            ("X-Forwarded-For", "1.2.3.4, nonsense, ::1"),
            ("Forwarded", "for=\"[::1]:99999\";by=;;"),
            ("If-None-Match", "\"1\""),
            ("Accept-Encoding", "gzip;q=0, identity"),
            ("Accept", "text/html"),
            ("User-Agent", "\u{1f600}"),
            ("traceparent", "00-zz"),
            ("Origin", "null"),
        ];
        if self.chance.percent(20) {
            let (name, value) = *self.chance.pick(&odd);
            headers.push((name.to_owned(), value.to_owned()));
        }
        headers
    }

    fn body(&mut self, schema: &Value) -> Option<String> {
        let schema = resolve(self.document, schema);
        let mut body = self.valid(schema, "");
        match self.chance.below(20) {
            0..10 => {}
            10..16 => self.mutate(&mut body),
            16 => return Some(self.broken(&body)),
            17 => return Some("[".repeat(1_000) + &"]".repeat(1_000)),
            18 => return Some(" ".repeat(70_000)),
            _ => return None,
        }
        Some(body.to_string())
    }

    /// What is no JSON, or not in UTF-8's spirit.
    fn broken(&mut self, body: &Value) -> String {
        let text = body.to_string();
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        let others = ["", "\u{0}", "{\"a\":NaN}", "{\"a\":\"\\ud800\"}", "{,}", "\"", "1e999", "{\"a\":1}x"];
        if self.chance.percent(50) { half } else { (*self.chance.pick(&others)).to_owned() }
    }

    /// Changes one member into what it should not be, or adds one.
    fn mutate(&mut self, body: &mut Value) {
        let Some(members) = body.as_object_mut() else { return };
        let names: Vec<String> = members.keys().cloned().collect();
        if names.is_empty() || self.chance.percent(10) {
            members.insert("unknown".to_owned(), json!(1));
            return;
        }
        let name = self.chance.pick(&names).clone();
        let value = match self.chance.below(8) {
            0 => Value::Null,
            1 => json!(u64::MAX),
            2 => json!(-1.5e300),
            3 => json!([[{"a": []}]]),
            4 => json!({"": {"\u{0}": null}}),
            5 => json!(true),
            _ => json!(self.hostile_text()),
        };
        members.insert(name, value);
    }

    fn hostile_text(&mut self) -> String {
        match self.chance.below(HOSTILE.len() + 3) {
            0 => "x".repeat(300),
            1 => "\u{10ffff}".repeat(200),
            2 => "a@".repeat(200),
            _ => (*self.chance.pick(&HOSTILE)).to_owned(),
        }
    }

    /// A value that keeps what the schema says, and often also the rules that no schema can say.
    fn valid(&mut self, schema: &Value, name: &str) -> Value {
        let schema = resolve(self.document, schema);
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => self.object(schema),
            Some("array") => {
                Value::Array((0..self.chance.below(3)).map(|_| json!(self.chance.pick(self.seen))).collect())
            }
            Some("boolean") => json!(self.chance.percent(50)),
            Some("integer" | "number") => json!(1 + self.chance.below(100)),
            _ => json!(self.text(name)),
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        // One name to sign in with, for more are refused.
        let names = ["identifier", "username", "email"];
        let sign_in = properties.contains_key("identifier").then(|| *self.chance.pick(&names));
        let mut members = Map::new();
        for (name, property) in &properties {
            let chosen = match sign_in {
                Some(only) if names.contains(&name.as_str()) => name == only,
                _ => required.iter().any(|known| known == name) || self.chance.percent(30),
            };
            if chosen {
                members.insert(name.clone(), self.valid(property, name));
            }
        }
        Value::Object(members)
    }

    fn text(&mut self, name: &str) -> String {
        let number = self.chance.below(40);
        match name {
            "email" | "q" => format!("person{number}@example.com"),
            "identifier" => "ann@example.com".to_owned(),
            "username" => format!("person{number}"),
            "password" | "current_password" | "new_password" => PASSWORD.to_owned(),
            "locale" => "en-GB".to_owned(),
            "sort" => (*self.chance.pick(&["email", "-email", "created_at", "-created_at"])).to_owned(),
            "name" => format!("thing{number}"),
            _ => self.chance.pick(self.seen).clone(),
        }
    }
}

/// Percent-encodes all but the plainest characters.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}
