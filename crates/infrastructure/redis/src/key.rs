use std::fmt;

/// The name of an entry of Doorward in Redis. The braces are the hash tag of a cluster: other entries of the same thing
/// can have names on the same node.
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
