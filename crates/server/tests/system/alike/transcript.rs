//! A conversation with a server, written down so that two of them can be compared.
use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::normalise::Names;
use crate::client::{Answer, Client, Request};

/// What every answer has, so that it need not be written down each time.
const ALWAYS: [&str; 6] = [
    "content-security-policy",
    "date",
    "referrer-policy",
    "x-content-type-options",
    "x-correlation-id",
    "x-frame-options",
];
/// What depends on the body's length, or on the test's client.
const UNTOLD: [&str; 2] = ["connection", "content-length"];

pub struct Transcript {
    client: Client,
    names: Names,
    text: String,
}

impl Transcript {
    pub fn with(client: Client) -> Self {
        Self { client, names: Names::default(), text: String::new() }
    }

    /// Makes a call and writes down what it was for, and how it was answered.
    #[track_caller]
    pub fn call(&mut self, what: &str, method: &str, path: &str, more: impl FnOnce(Request) -> Request) -> Answer {
        let answer = more(self.client.request(method, path)).send();
        let path = self.names.in_text(path.split("cursor=").next().unwrap_or_default());
        writeln!(self.text, "## {what}\n{method} {path}\n{}", answer.status).expect("a text can be written to");
        self.headers(&answer);
        self.body(&answer);
        answer
    }

    fn headers(&mut self, answer: &Answer) {
        for name in ALWAYS {
            assert!(answer.header(name).is_some(), "{name} is missing: {answer:?}");
        }
        let mut lines = BTreeSet::new();
        for (name, value) in &answer.headers {
            if !ALWAYS.contains(&name.as_str()) && !UNTOLD.contains(&name.as_str()) {
                let value = match name.as_str() {
                    // Goes by the time between two calls.
                    "ratelimit" => "<what is left>",
                    _ if is_digest(name, value) => "<digest>",
                    _ => value,
                };
                let value = self.names.in_text(value).replace(&self.client.address.to_string(), "<address>");
                lines.insert(format!("{name}: {value}\n"));
            }
        }
        self.text.extend(lines);
    }

    fn body(&mut self, answer: &Answer) {
        if !answer.body.is_empty() {
            let mut body: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| answer.body.clone().into());
            self.names.in_json(&mut body);
            self.text.push_str(&serde_json::to_string_pretty(&body).expect("it is JSON"));
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    pub fn finish(self) -> String {
        self.text
    }
}

/// A version counts, and so is alike everywhere; the tag of the keys is made from the keys.
fn is_digest(name: &str, value: &str) -> bool {
    name == "etag" && !value.trim_matches('"').bytes().all(|byte| byte.is_ascii_digit())
}
