use super::canonical::Object;
use super::hash::AuditHash;

/// An audit line as the database contains it. Its values are texts, because a line that was tampered with need not be
/// valid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditLine {
    /// The id.
    pub id: String,
    /// The time, RFC 3339 with microseconds.
    pub occurred_at: String,
    /// The actor.
    pub actor: String,
    /// The action.
    pub action: String,
    /// The target.
    pub subject: Option<String>,
    /// The account that it concerns.
    pub account_id: Option<String>,
    /// The outcome.
    pub outcome: String,
    /// The correlation id of the request.
    pub correlation_id: String,
    /// Further data, to the byte.
    pub details: String,
    /// Personal data, until it is erased.
    pub personal: Option<AuditPersonal>,
}

/// The personal data of an audit line, as the database contains it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPersonal {
    /// Random bytes that are erased with the data. Without them, the digest would reveal an IPv4 address to everybody
    /// who tries all of them.
    pub salt: Vec<u8>,
    /// The account to which the data belongs.
    pub account_id: Option<String>,
    /// The IP address of the caller.
    pub address: Option<String>,
    /// The `User-Agent` of the caller.
    pub user_agent: Option<String>,
}

impl AuditPersonal {
    /// What the chain contains instead of the data: SHA-256(salt ‖ canonical data).
    #[must_use]
    pub fn digest(&self) -> AuditHash {
        self.digest_in(&mut String::new())
    }

    fn digest_in(&self, text: &mut String) -> AuditHash {
        text.clear();
        Object::begin(text)
            .optional("account_id", self.account_id.as_deref())
            .optional("address", self.address.as_deref())
            .optional("user_agent", self.user_agent.as_deref())
            .end();
        AuditHash::of(&[&self.salt, text.as_bytes()])
    }
}

/// A line with its place in the chain, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedLine {
    /// The id of the line.
    pub id: String,
    /// Its number: 1 for the first line, and one more for each further one.
    pub seq: i64,
    /// Its link to all lines before it.
    pub link: AuditHash,
    /// The digest of its personal data, if it has such data.
    pub personal_digest: Option<AuditHash>,
}

/// A line that has its place in the chain, as the database contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLine {
    /// Its number.
    pub seq: i64,
    /// Its link.
    pub link: AuditHash,
    /// The digest of its personal data, which stays when the data is erased.
    pub personal_digest: Option<AuditHash>,
    /// Its contents.
    pub line: AuditLine,
}

/// The end of a chain, to which lines are appended.
#[derive(Debug, Clone)]
pub struct AuditChain {
    last_seq: i64,
    link: AuditHash,
    /// The text that was hashed last, kept for its memory.
    text: String,
}

impl AuditChain {
    /// The chain that ends with this line; 0 and [`AuditHash::ORIGIN`] for the chain without lines.
    #[must_use]
    pub const fn ending(last_seq: i64, link: AuditHash) -> Self {
        Self { last_seq, link, text: String::new() }
    }

    /// The number of the last line.
    #[must_use]
    pub const fn last_seq(&self) -> i64 {
        self.last_seq
    }

    /// The link of the last line.
    #[must_use]
    pub const fn link(&self) -> AuditHash {
        self.link
    }

    /// Gives the line the next number, and the link SHA-256(link of the line before ‖ canonical line).
    pub fn append(&mut self, line: AuditLine) -> ChainedLine {
        let personal_digest = line.personal.as_ref().map(|personal| self.digest(personal));
        self.extend(&line, personal_digest);
        ChainedLine { id: line.id, seq: self.last_seq, link: self.link, personal_digest }
    }

    pub(super) fn digest(&mut self, personal: &AuditPersonal) -> AuditHash {
        personal.digest_in(&mut self.text)
    }

    pub(super) fn extend(&mut self, line: &AuditLine, personal_digest: Option<AuditHash>) {
        self.last_seq += 1;
        self.text.clear();
        Object::begin(&mut self.text)
            .optional("account_id", line.account_id.as_deref())
            .text("action", &line.action)
            .text("actor", &line.actor)
            .text("correlation_id", &line.correlation_id)
            .text("details", &line.details)
            .text("id", &line.id)
            .text("occurred_at", &line.occurred_at)
            .text("outcome", &line.outcome)
            .hash("personal_digest", personal_digest)
            .number("seq", self.last_seq)
            .optional("subject", line.subject.as_deref())
            .end();
        self.link = AuditHash::of(&[self.link.as_bytes(), self.text.as_bytes()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever verifies the chain with another program needs these bytes; they never change.
    #[test]
    fn the_canonical_line_and_its_link_are_what_the_documentation_says() {
        let personal = AuditPersonal {
            salt: (0..16).collect(),
            account_id: Some("018f0000-0000-7000-8000-000000000000".to_owned()),
            address: Some("203.0.113.7".to_owned()),
            user_agent: None,
        };
        let line = AuditLine {
            id: "018f0000-0000-7000-8000-000000000001".to_owned(),
            occurred_at: "2026-11-27T09:30:00.000001Z".to_owned(),
            actor: "anonymous".to_owned(),
            action: "session.sign_in".to_owned(),
            subject: Some("user:018f0000-0000-7000-8000-000000000000".to_owned()),
            account_id: personal.account_id.clone(),
            outcome: "success".to_owned(),
            correlation_id: "a".to_owned(),
            details: r#"{"provider":"local"}"#.to_owned(),
            personal: Some(personal.clone()),
        };
        let mut chain = AuditChain::ending(0, AuditHash::ORIGIN);
        let chained = chain.append(line);
        let digest = personal.digest();
        let data = r#"{"account_id":"018f0000-0000-7000-8000-000000000000","address":"203.0.113.7","user_agent":null}"#;
        assert_eq!(digest, AuditHash::of(&[&personal.salt, data.as_bytes()]));
        let text = format!(
            "{{\"account_id\":\"018f0000-0000-7000-8000-000000000000\",\"action\":\"session.sign_in\",\
             \"actor\":\"anonymous\",\"correlation_id\":\"a\",\"details\":\"{{\\\"provider\\\":\\\"local\\\"}}\",\
             \"id\":\"018f0000-0000-7000-8000-000000000001\",\"occurred_at\":\"2026-11-27T09:30:00.000001Z\",\
             \"outcome\":\"success\",\"personal_digest\":\"{digest}\",\"seq\":1,\
             \"subject\":\"user:018f0000-0000-7000-8000-000000000000\"}}"
        );
        let link = AuditHash::of(&[&[0; 32], text.as_bytes()]);
        assert_eq!((chained.seq, chained.link, chained.personal_digest), (1, link, Some(digest)));
    }
}
