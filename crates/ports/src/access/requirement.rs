use doorward_domain::AssuranceLevel;
use std::time::Duration;

/// How long a sign-in is fresh: what could lock the owner out must not be done from a session left open (OWASP ASVS 7.5.1).
pub const FRESH_FOR: Duration = Duration::from_mins(10);

/// What a caller must be or hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// Who may.
    pub who: Who,
    /// How long ago they may have proved who they are; none: at any time.
    pub fresh: Option<Duration>,
    /// How sure it must be that an account's owner asks.
    pub level: AssuranceLevel,
    /// Whether a token of the account's will do that was issued to another app than Doorward's own client. Until tokens have
    /// scopes, such an app could otherwise do with the account whatever its owner may.
    pub any_app: bool,
    /// Whether a front end also takes the request without a token.
    pub token_optional: bool,
}

/// Who may do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody; an access token is not looked at.
    Anybody,
    /// An OAuth client, which shows its credentials (RFC 6749 §2.3); a public one has an id alone.
    Client,
    /// An account, by a live session.
    Account,
    /// An account, or a client app by a token of its own.
    AccountOrClientApp,
    /// Whoever holds the permission; and the operator.
    Permission(&'static str),
    /// A confidential client app, by its secret or a token of its own; or whoever holds the permission, as above.
    ClientAppOr(&'static str),
    /// The operator, on the machine itself.
    Operator,
}

impl Requirement {
    const fn of(who: Who) -> Self {
        Self { who, fresh: None, level: AssuranceLevel::One, any_app: false, token_optional: false }
    }

    /// Whether an access token is looked at. Where anybody may, it is not: a stale one must not keep its owner from signing
    /// in.
    #[must_use]
    pub const fn looks_at_a_token(&self) -> bool {
        self.token_optional || !matches!(self.who, Who::Anybody | Who::Client)
    }

    /// With a sign-in of the last [`FRESH_FOR`].
    #[must_use]
    pub const fn fresh(mut self) -> Self {
        self.fresh = Some(FRESH_FOR);
        self
    }

    /// By a token that was issued to any app.
    #[must_use]
    pub const fn any_app(mut self) -> Self {
        self.any_app = true;
        self
    }

    /// A token is looked at where there is one, and its absence does not end the request: something else may stand for it,
    /// or part of the answer is for everybody.
    #[must_use]
    pub const fn token_optional(mut self) -> Self {
        self.token_optional = true;
        self
    }
}

pub(super) const fn anybody() -> Requirement {
    Requirement::of(Who::Anybody)
}

pub(super) const fn client() -> Requirement {
    Requirement::of(Who::Client)
}

pub(super) const fn account() -> Requirement {
    Requirement::of(Who::Account)
}

pub(super) const fn account_or_client_app() -> Requirement {
    Requirement::of(Who::AccountOrClientApp)
}

pub(super) const fn permission(name: &'static str) -> Requirement {
    Requirement::of(Who::Permission(name))
}

pub(super) const fn client_app_or(name: &'static str) -> Requirement {
    Requirement::of(Who::ClientAppOr(name))
}

pub(super) const fn operator() -> Requirement {
    Requirement::of(Who::Operator)
}
