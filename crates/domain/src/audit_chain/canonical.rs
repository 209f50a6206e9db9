//! Writes objects of texts, numbers and nulls as canonical JSON (RFC 8785), so that the same values always have the same
//! bytes.
use super::hash::AuditHash;
use crate::hex;
use std::fmt::Write;

/// An object that is being written. The caller gives its members in the order of their names (§3.2.3).
pub struct Object<'a> {
    text: &'a mut String,
    separator: char,
}

impl<'a> Object<'a> {
    /// Begins an object at the end of this text.
    pub const fn begin(text: &'a mut String) -> Self {
        Self { text, separator: '{' }
    }

    fn name(&mut self, name: &str) -> &mut String {
        self.text.push(self.separator);
        self.separator = ',';
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
        self.text
    }

    pub fn text(mut self, name: &str, value: &str) -> Self {
        string(self.name(name), value);
        self
    }

    pub fn optional(mut self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => string(self.name(name), value),
            None => self.name(name).push_str("null"),
        }
        self
    }

    pub fn hash(mut self, name: &str, value: Option<AuditHash>) -> Self {
        let text = self.name(name);
        match value {
            Some(value) => {
                text.push('"');
                hex::append(value.as_bytes(), text);
                text.push('"');
            }
            None => text.push_str("null"),
        }
        self
    }

    /// A number below 2^53 in size, which an IEEE 754 double holds exactly (§3.2.2.3).
    pub fn number(mut self, name: &str, value: i64) -> Self {
        write!(self.name(name), "{value}").expect("a string takes any text");
        self
    }

    pub fn end(self) {
        self.text.push('}');
    }
}

/// §3.2.2.2: only the quotation mark, the backslash and control characters are escaped.
fn string(text: &mut String, value: &str) {
    text.push('"');
    let mut rest = value;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        text.push_str(&rest[..at]);
        let escaped = rest.as_bytes()[at];
        match escaped {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            8 => text.push_str("\\b"),
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            12 => text.push_str("\\f"),
            b'\r' => text.push_str("\\r"),
            _ => write!(text, "\\u{escaped:04x}").expect("a string takes any text"),
        }
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn written(value: &str, other: Option<&str>, number: i64) -> String {
        let mut text = String::new();
        Object::begin(&mut text).text("a", value).number("b", number).optional("c", other).end();
        text
    }

    /// RFC 8785 §3.2.2.2, the example.
    #[test]
    fn texts_are_escaped_as_little_as_possible() {
        let text = "\u{20ac}$\u{f}\u{a}A'\u{42}\u{22}\u{5c}\\\"/";
        let escaped = r#"{"a":"€$\u000f\nA'B\"\\\\\"/","b":-7,"c":null}"#;
        assert_eq!(written(text, None, -7), escaped);
    }

    proptest! {
        #[test]
        fn it_is_what_an_implementation_of_the_rfc_writes(
            value in any::<String>(), other in any::<Option<String>>(), number in -(1_i64 << 53)..1 << 53,
        ) {
            let expected = json!({ "a": value, "b": number, "c": other });
            let expected = serde_json_canonicalizer::to_string(&expected).unwrap();
            prop_assert_eq!(written(&value, other.as_deref(), number), expected);
        }
    }
}
