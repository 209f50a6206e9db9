//! Reading claims, whose types no provider guarantees.
use serde_json::{Map, Value};

/// The claims of a token or of a user info.
#[derive(Clone, Default)]
pub struct Claims(pub Map<String, Value>);

/// The longest text of a claim that is read.
const LONGEST: usize = 2048;
/// The largest number of values of a claim that are read.
const MOST: usize = 500;

impl Claims {
    /// Whether the claim is there.
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty() && text.len() <= LONGEST)
    }

    /// A text, or a number that is an id.
    pub fn id(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::Number(number) if number.is_u64() => Some(number.to_string()),
            _ => self.text(name).map(str::to_owned),
        }
    }

    /// A number of seconds (RFC 7519 §2, `NumericDate`), rounded down.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        let whole = |number: f64| (number.is_finite() && number.abs() < 1e15).then_some(number.floor());
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and smaller than 2^53")]
        value.as_i64().or_else(|| whole(value.as_f64()?).map(|number| number as i64))
    }

    /// Whether the claim is true. Some providers write it as a text, or as a number.
    pub fn is_true(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) => text == "true" || text == "1",
            Some(Value::Number(number)) => number.as_u64() == Some(1),
            _ => false,
        }
    }

    /// Whether the value of a claim is to be fetched elsewhere (OpenID Connect Core §5.6.2).
    pub fn refers_to(&self, name: &str) -> bool {
        self.0.get("_claim_names").and_then(|names| names.get(name)).is_some()
    }

    /// [`Self::texts`]; nothing if there are more than are read.
    pub fn all_texts(&self, name: &str) -> Option<Vec<String>> {
        let too_many = self.0.get(name).and_then(Value::as_array).is_some_and(|values| values.len() > MOST);
        (!too_many).then(|| self.texts(name))
    }

    /// The texts of a list, or the one text in its place.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(values)) => {
                values.iter().filter_map(Value::as_str).take(MOST).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: &Value) -> Claims {
        Claims(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_time_is_a_number_and_nothing_else() {
        let read = |value| claims(&json!({"exp": value})).seconds("exp");
        assert_eq!(read(json!(1_700_000_000)), Some(1_700_000_000));
        assert_eq!(read(json!(1_700_000_000.9)), Some(1_700_000_000));
        for other in [json!("1700000000"), json!(null), json!(1e300), json!([1]), json!(true)] {
            assert_eq!(read(other.clone()), None, "{other}");
        }
    }

    #[test]
    fn only_true_is_true() {
        let read = |value| claims(&json!({"v": value})).is_true("v");
        for value in [json!(true), json!("true"), json!("1"), json!(1)] {
            assert!(read(value.clone()), "{value}");
        }
        for value in
            [json!(false), json!("false"), json!("True"), json!(0), json!(2), json!(null), json!({}), json!([true])]
        {
            assert!(!read(value.clone()), "{value}");
        }
        assert!(!claims(&json!({})).is_true("v"));
    }

    #[test]
    fn texts_are_those_of_a_list_or_one() {
        let read = |value| claims(&json!({"aud": value})).texts("aud");
        assert_eq!(read(json!("a")), ["a"]);
        assert_eq!(read(json!(["a", 1, "b"])), ["a", "b"]);
        assert!(read(json!(1)).is_empty());
        let all = |many: usize| claims(&json!({"groups": vec!["a"; many]})).all_texts("groups").map(|all| all.len());
        assert_eq!((all(MOST), all(MOST + 1)), (Some(MOST), None));
        assert_eq!(claims(&json!({})).all_texts("groups"), Some(vec![]));
    }
}
