use crate::{ClientId, KeyId, Permission, ProviderName, RoleName, SealingKeyId, SessionId, UserId};
use std::fmt;
use std::str::FromStr;

/// The actor of an audit line. The text forms are stable: tools filter by them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AuditActor {
    /// An unknown caller: `anonymous`.
    Anonymous,
    /// A user: `user:ID`.
    User(UserId),
    /// A client app with its own token: `client:ID`.
    Client(ClientId),
    /// The operator at the command line: `operator`.
    Operator,
}

/// The target of an audit line. The text forms are stable: tools filter by them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AuditSubject {
    /// An account: `user:ID`.
    User(UserId),
    /// A session: `session:ID`.
    Session(SessionId),
    /// A role: `role:NAME`.
    Role(RoleName),
    /// A permission: `permission:NAME`.
    Permission(Permission),
    /// A client app: `client_app:ID`.
    ClientApp(ClientId),
    /// A provider: `provider:NAME`.
    Provider(ProviderName),
    /// A signing key: `key:ID`.
    Key(KeyId),
    /// A sealing key: `sealing_key:ID`.
    SealingKey(SealingKeyId),
    /// The audit log itself: `audit_log`.
    AuditLog,
}

/// The text names neither an actor nor a subject of audit lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("names no party to an audit line: it has the form user:ID, for example")]
pub struct AuditPartyError;

impl fmt::Display for AuditActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

impl FromStr for AuditActor {
    type Err = AuditPartyError;

    fn from_str(text: &str) -> Result<Self, AuditPartyError> {
        match text.split_once(':') {
            None if text == "anonymous" => Ok(Self::Anonymous),
            None if text == "operator" => Ok(Self::Operator),
            Some(("user", id)) => read(id).map(Self::User),
            Some(("client", id)) => read(id).map(Self::Client),
            _ => Err(AuditPartyError),
        }
    }
}

impl fmt::Display for AuditSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Role(name) => write!(f, "role:{name}"),
            Self::Permission(name) => write!(f, "permission:{name}"),
            Self::ClientApp(id) => write!(f, "client_app:{id}"),
            Self::Provider(name) => write!(f, "provider:{name}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::SealingKey(id) => write!(f, "sealing_key:{id}"),
            Self::AuditLog => f.write_str("audit_log"),
        }
    }
}

impl FromStr for AuditSubject {
    type Err = AuditPartyError;

    fn from_str(text: &str) -> Result<Self, AuditPartyError> {
        match text.split_once(':').unwrap_or((text, "")) {
            ("audit_log", _) if !text.contains(':') => Ok(Self::AuditLog),
            ("user", id) => read(id).map(Self::User),
            ("session", id) => read(id).map(Self::Session),
            ("role", name) => read(name).map(Self::Role),
            ("permission", name) => read(name).map(Self::Permission),
            ("client_app", id) => read(id).map(Self::ClientApp),
            ("provider", name) => read(name).map(Self::Provider),
            ("key", id) => read(id).map(Self::Key),
            ("sealing_key", id) => read(id).map(Self::SealingKey),
            _ => Err(AuditPartyError),
        }
    }
}

fn read<T: FromStr>(name: &str) -> Result<T, AuditPartyError> {
    name.parse().map_err(|_| AuditPartyError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn actors() -> Vec<(AuditActor, &'static str)> {
        let user = "user:018f0000-0000-7000-8000-000000000000";
        vec![
            (AuditActor::Anonymous, "anonymous"),
            (AuditActor::User(user[5..].parse().unwrap()), user),
            (AuditActor::Client("billing".parse().unwrap()), "client:billing"),
            (AuditActor::Operator, "operator"),
        ]
    }

    fn subjects() -> Vec<(AuditSubject, &'static str)> {
        let (user, session) =
            ("user:018f0000-0000-7000-8000-000000000000", "session:018f0000-0000-7000-8000-000000000001");
        let key = "key:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        vec![
            (AuditSubject::User(user[5..].parse().unwrap()), user),
            (AuditSubject::Session(session[8..].parse().unwrap()), session),
            (AuditSubject::Role("support".parse().unwrap()), "role:support"),
            (AuditSubject::Permission("reports:read".parse().unwrap()), "permission:reports:read"),
            (AuditSubject::ClientApp("billing".parse().unwrap()), "client_app:billing"),
            (AuditSubject::Provider("work".parse().unwrap()), "provider:work"),
            (AuditSubject::Key(key[4..].parse().unwrap()), key),
            (AuditSubject::SealingKey("00c0ffee00c0ffee".parse().unwrap()), "sealing_key:00c0ffee00c0ffee"),
            (AuditSubject::AuditLog, "audit_log"),
        ]
    }

    #[test]
    fn every_party_has_one_text_and_is_read_back_from_it() {
        for (actor, text) in actors() {
            assert_eq!((actor.to_string(), text.parse()), (text.to_owned(), Ok(actor)));
        }
        for (subject, text) in subjects() {
            assert_eq!((subject.to_string(), text.parse()), (text.to_owned(), Ok(subject)));
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for text in ["", "user", "user:", "user:ann", "somebody", "operator:", "role:support"] {
            assert_eq!(text.parse::<AuditActor>(), Err(AuditPartyError), "{text}");
        }
        for text in ["", "operator", "role:", "client:billing", "session:1", "audit_log:"] {
            assert_eq!(text.parse::<AuditSubject>(), Err(AuditPartyError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".*") {
            let _ = (text.parse::<AuditActor>(), text.parse::<AuditSubject>());
        }
    }
}
