//! One request, and what it may be sent as.
use serde_json::{Value, json};

use crate::client::{Answer, Client};

#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// With another value of a parameter of the path.
    pub fn at(mut self, parameter: &str, value: &str) -> Self {
        self.target = self.target.replace(&format!("{{{parameter}}}"), value);
        self
    }

    pub fn query(mut self, query: &str) -> Self {
        self.target = format!("{}?{query}", self.target);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    /// A form with the members of an object, whose values need no escapes.
    pub fn form(self, body: &Value) -> Self {
        let members = body.as_object().expect("a form has names");
        let pairs: Vec<_> = members.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
        self.bytes("application/x-www-form-urlencoded", pairs.join("&"))
    }

    pub fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(name, _)| name != "Content-Type");
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// The members of its body, if that is an object or a form.
    pub fn members(&self) -> Option<Value> {
        let text = std::str::from_utf8(&self.body).ok().filter(|text| !text.is_empty())?;
        let form = || text.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.to_owned(), json!(v)));
        Some(serde_json::from_str(text).unwrap_or_else(|_| form().collect()))
    }

    pub fn is_form(&self) -> bool {
        self.headers.iter().any(|(_, value)| value == "application/x-www-form-urlencoded")
    }

    pub fn send(&self, client: Client, correlation_id: &str) -> Answer {
        let mut request = client.request(&self.method, &self.target).header("X-Correlation-ID", correlation_id);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.body.is_empty() {
            request = request.body(self.body.clone());
        }
        request.send()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a form has texts")
}
