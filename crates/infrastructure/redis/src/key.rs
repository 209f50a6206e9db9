use std::fmt;

/// The name of something of ours in Redis. The braces are a cluster's hash tag: whatever else belongs to the same thing
/// can be named so that it lies on the same node.
pub(crate) fn key(kind: &str, id: impl fmt::Display) -> String {
    format!("doorward:{{{kind}:{id}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_they_are() {
        assert_eq!(key("session", 7), "doorward:{session:7}");
    }
}
