use super::canonical::Object;
use super::hash::AuditHash;
use crate::Timestamp;

/// The statement that the chain ends so: with this line, and through its link with exactly these lines before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// The number of the last line.
    pub seq: i64,
    /// Its link.
    pub link: AuditHash,
    /// When it was sealed; never before the seal before it.
    pub sealed_at: Timestamp,
    /// The name of the audit key that has signed it.
    pub key_id: String,
}

/// The statement that lines were deleted by the operator: all up to this one, which had this link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditAnchor {
    /// The number of the last deleted line.
    pub seq: i64,
    /// Its link, from which the chain continues.
    pub link: AuditHash,
    /// When they were deleted.
    pub pruned_at: Timestamp,
    /// The name of the audit key that has signed it.
    pub key_id: String,
    /// The signature of [`Self::statement`].
    pub signature: Vec<u8>,
}

/// A signed head, with the lines that it confirms for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSeal {
    /// The number of the first line since the seal before.
    pub first_seq: i64,
    /// The statement.
    pub head: AuditHead,
    /// The signature of [`AuditHead::statement`].
    pub signature: Vec<u8>,
}

impl AuditHead {
    /// The bytes that are signed: a name for this kind of statement, a line break, and canonical JSON (RFC 8785).
    #[must_use]
    pub fn statement(&self) -> Vec<u8> {
        let mut text = "doorward audit head v1\n".to_owned();
        Object::begin(&mut text)
            .text("key_id", &self.key_id)
            .text("link", &self.link.to_string())
            .text("sealed_at", &self.sealed_at.to_string())
            .number("seq", self.seq)
            .end();
        text.into_bytes()
    }
}

impl AuditAnchor {
    /// The bytes that are signed; see [`AuditHead::statement`].
    #[must_use]
    pub fn statement(&self) -> Vec<u8> {
        let mut text = "doorward audit anchor v1\n".to_owned();
        Object::begin(&mut text)
            .text("key_id", &self.key_id)
            .text("link", &self.link.to_string())
            .text("pruned_at", &self.pruned_at.to_string())
            .number("seq", self.seq)
            .end();
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever verifies a head with another program needs these bytes; they never change.
    #[test]
    fn no_statement_can_be_taken_for_one_of_the_other_kind() {
        let (link, at) = (AuditHash::ORIGIN, Timestamp::from_micros(1_700_000_000_000_001));
        let head = AuditHead { seq: 7, link, sealed_at: at, key_id: "k".to_owned() };
        let anchor = AuditAnchor { seq: 7, link, pruned_at: at, key_id: "k".to_owned(), signature: vec![1] };
        let zeros = "0".repeat(64);
        let json =
            |time: &str| format!(r#"{{"key_id":"k","link":"{zeros}","{time}":"2023-11-14T22:13:20.000001Z","seq":7}}"#);
        assert_eq!(head.statement(), format!("doorward audit head v1\n{}", json("sealed_at")).into_bytes());
        assert_eq!(anchor.statement(), format!("doorward audit anchor v1\n{}", json("pruned_at")).into_bytes());
    }
}
