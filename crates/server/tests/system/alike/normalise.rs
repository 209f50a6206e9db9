//! Takes out of an answer what differs from run to run, and keeps which things are the same.
use std::collections::HashMap;

use serde_json::Value;

/// Gives each id and token a name by the order in which they turn up, so that "the same account" stays visible.
#[derive(Default)]
pub struct Names {
    known: HashMap<String, String>,
    counts: HashMap<&'static str, usize>,
}

impl Names {
    /// A whole JSON document.
    pub fn in_json(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    self.in_member(key, member);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.in_json(item)),
            Value::String(text) => *text = self.in_text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn in_member(&mut self, key: &str, member: &mut Value) {
        match (key, &*member) {
            (_, Value::String(text)) if key.ends_with("_at") => *member = Value::String(time(text)),
            // What is answered once more is the same token, a moment older.
            ("refresh_expires_in", Value::Number(seconds)) if seconds.as_u64().is_some_and(is_about_a_week) => {
                *member = "<a week, or a moment less>".into();
            }
            ("took_ms", _) => *member = "<milliseconds>".into(),
            ("access_token" | "refresh_token", Value::String(text)) => *member = self.name("token", text).into(),
            ("next_cursor", Value::String(text)) => *member = self.name("cursor", text).into(),
            ("correlation_id", Value::String(_)) => *member = "<correlation id>".into(),
            ("kid" | "x", Value::String(text)) => *member = self.name("key", text).into(),
            _ => self.in_json(member),
        }
    }

    /// Ids within a text, such as a path.
    pub fn in_text(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            if rest.get(..36).is_some_and(is_uuid) {
                out.push_str(&self.name("id", &rest[..36]));
                rest = &rest[36..];
            } else {
                let (first, after) = rest.split_at(rest.chars().next().map_or(1, char::len_utf8));
                out.push_str(first);
                rest = after;
            }
        }
        out
    }

    fn name(&mut self, what: &'static str, thing: &str) -> String {
        let Self { known, counts } = self;
        let new = || {
            let count = counts.entry(what).or_default();
            *count += 1;
            format!("<{what} {count}>")
        };
        known.entry(thing.to_owned()).or_insert_with(new).clone()
    }
}

fn is_about_a_week(seconds: u64) -> bool {
    (604_790..=604_800).contains(&seconds)
}

/// Its width is part of the answer: microseconds on both databases.
fn time(text: &str) -> String {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    format!("<{shape}>")
}

fn is_uuid(text: &str) -> bool {
    text.char_indices().all(|(at, c)| match at {
        8 | 13 | 18 | 23 => c == '-',
        _ => c.is_ascii_hexdigit(),
    })
}

#[test]
fn an_id_has_the_same_name_wherever_it_stands() {
    let mut names = Names::default();
    let id = "01a20928-e464-7967-92e1-b2eb1998331b";
    assert_eq!(names.in_text(&format!("/users/{id}/é")), "/users/<id 1>/é");
    let mut body = serde_json::json!({"id": id, "created_at": "2026-11-23T16:06:43.109923Z"});
    names.in_json(&mut body);
    assert_eq!(body, serde_json::json!({"id": "<id 1>", "created_at": "<9999-99-99T99:99:99.999999Z>"}));
}
