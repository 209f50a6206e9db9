use doorward_domain::AssuranceLevel;
use std::time::Duration;

/// How long an authentication is recent: an operation that could lock the owner out must not be possible from a session
/// that was left open (OWASP ASVS 7.5.1).
pub const FRESH_FOR: Duration = Duration::from_mins(10);

/// The requirement for the caller of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// Who may call it.
    pub who: Who,
    /// How recent the last authentication must be; none: any time.
    pub fresh: Option<Duration>,
    /// The required assurance level.
    pub level: AssuranceLevel,
    /// Whether it accepts a token of an account that was issued to another app than Doorward's own client. Until tokens
    /// have scopes, such an app could otherwise do everything that the account may do.
    pub any_app: bool,
    /// Whether an account that must first enrol a second factor may do it.
    pub while_enrolling: bool,
    /// Whether an account that must first change its password may do it.
    pub while_changing_password: bool,
    /// Whether a front end also accepts the request without a token.
    pub token_optional: bool,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody; an access token is not read.
    Anybody,
    /// An OAuth client, which authenticates (RFC 6749 §2.3); a public one has only an id.
    Client,
    /// An account, with a live session.
    Account,
    /// An account, or a client app with its own token.
    AccountOrClientApp,
    /// A caller with the permission, and the operator.
    Permission(&'static str),
    /// A confidential client app, with its secret or its own token; or a caller with the permission, as above.
    ClientAppOr(&'static str),
    /// The operator, at the command line.
    Operator,
}

impl Requirement {
    const fn of(who: Who) -> Self {
        Self {
            who,
            fresh: None,
            level: AssuranceLevel::One,
            any_app: false,
            while_enrolling: false,
            while_changing_password: false,
            token_optional: false,
        }
    }

    /// Whether an access token is looked at. Where anybody may, it is not: a stale one must not keep its owner from signing
    /// in.
    #[must_use]
    pub const fn looks_at_a_token(&self) -> bool {
        self.token_optional || !matches!(self.who, Who::Anybody | Who::Client)
    }

    /// Requires an authentication within [`FRESH_FOR`].
    #[must_use]
    pub const fn fresh(mut self) -> Self {
        self.fresh = Some(FRESH_FOR);
        self
    }

    /// Accepts a token that was issued to any app.
    #[must_use]
    pub const fn any_app(mut self) -> Self {
        self.any_app = true;
        self
    }

    /// Accepts an account that must first enrol a second factor: it is part of that.
    #[must_use]
    pub const fn while_enrolling(mut self) -> Self {
        self.while_enrolling = true;
        self
    }

    /// Accepts an account that must first change its password: it is part of that.
    #[must_use]
    pub const fn while_changing_password(mut self) -> Self {
        self.while_changing_password = true;
        self
    }

    /// Checks a token if there is one, and accepts the request without one: something else may authenticate it, or part
    /// of the answer is for everybody.
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
