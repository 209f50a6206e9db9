//! What a change has changed, for the details of its audit line.
use serde_json::{Map, Value, json};

/// The changed members of a thing, with the names that the API gives them.
#[derive(Default)]
pub(crate) struct Changes(Map<String, Value>);

impl Changes {
    /// A member that is neither secret nor personal: the line shows its value before and after.
    pub fn shown(mut self, member: &str, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        let (before, after): (Value, Value) = (before.into(), after.into());
        if before != after {
            self.0.insert(member.to_owned(), json!({ "before": before, "after": after }));
        }
        self
    }

    /// A member that is secret, or belongs to a person: the line shows only that it was changed, because it outlives the
    /// person's account.
    pub fn hidden(mut self, member: &str, differs: bool) -> Self {
        if differs {
            self.0.insert(member.to_owned(), "changed".into());
        }
        self
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The details of the line.
    pub fn into_details(self) -> Value {
        json!({ "changes": self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_listed_and_a_hidden_member_without_its_value() {
        let same = Changes::default().shown("name", json!("a"), json!("a")).hidden("password", false);
        assert!(same.is_empty());
        let changes = same.shown("is_active", json!(true), json!(false)).hidden("email", true);
        assert!(!changes.is_empty());
        let expected = json!({ "changes": { "email": "changed", "is_active": { "before": true, "after": false } } });
        assert_eq!(changes.into_details(), expected);
    }
}
