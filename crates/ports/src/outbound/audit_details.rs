use serde_json::Value;
use std::fmt;

/// Further data of an audit line, as canonical JSON (RFC 8785), so that the same details always have the same bytes, in
/// every database. It contains no secrets and no personal data.
///
/// In RFC 8785, a number is an IEEE 754 double: write a number with more digits as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AuditDetails(String);

impl AuditDetails {
    /// The stored details, byte for byte.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The bytes, as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Value> for AuditDetails {
    fn from(value: Value) -> Self {
        Self(serde_json_canonicalizer::to_string(&value).expect("no number of a JSON value is infinite"))
    }
}

impl fmt::Display for AuditDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 8785 §3.2.2 and §3.2.3, the examples.
    #[test]
    fn details_have_the_form_of_rfc_8785() {
        let numbers =
            json!({ "numbers": [333_333_333.333_333_3, 1e30, 4.50, 2e-3, 1e-27], "literals": [null, true, false] });
        assert_eq!(
            AuditDetails::from(numbers).as_str(),
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}"#
        );
        let keys = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
        });
        let order = ["Carriage Return", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"];
        let text = AuditDetails::from(keys);
        let places: Vec<_> = order.iter().map(|name| text.as_str().find(name).unwrap()).collect();
        assert!(places.is_sorted(), "by UTF-16: {text}");
    }

    #[test]
    fn what_is_stored_is_taken_as_it_is() {
        let stored = r#"{"b": 1.0, "a": 2}"#;
        assert_eq!(AuditDetails::from_stored(stored.to_owned()).as_str(), stored);
    }
}
