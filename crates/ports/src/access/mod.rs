//! The one table that says what each operation needs, how often it may be asked for and why it may be refused. REST, the
//! CLI and whatever front end comes go through it; the authorization matrix test, the refusals of the OpenAPI document and
//! the pages `docs/features/access.md` and `rate-limits.md` are made from it.
mod operations;
mod page;
mod refusals;
mod requirement;

pub use operations::{Operation, policy};
pub use page::render;
pub use requirement::{FRESH_FOR, Requirement, Who};

use crate::{Actor, Caller, Error, ErrorCode, Result, SignedIn};

/// Whether the caller may do it at all. Rules about the subject come on top.
///
/// # Errors
/// `authentication_required` when nobody is signed in and somebody must be, `permission_denied` when they lack the
/// permission, `reauthentication_required` when their sign-in is too long ago.
pub fn authorize(caller: &Caller, operation: Operation) -> Result<()> {
    let requirement = operation.requirement();
    if let Actor::User(signed_in) = &caller.actor {
        requirement.judge_token(signed_in)?;
    }
    match (requirement.who, &caller.actor) {
        (Who::Anybody | Who::Client, _)
        | (Who::Permission(_) | Who::ClientAppOr(_) | Who::Operator, Actor::Operator)
        | (Who::AccountOrClientApp, Actor::User(_) | Actor::Client(_))
        | (Who::Account, Actor::User(_))
        | (Who::ClientAppOr(_), Actor::Client(_)) => Ok(()),
        (Who::Permission(permission) | Who::ClientAppOr(permission), actor @ (Actor::User(_) | Actor::Client(_))) => {
            holds(actor, permission)
        }
        (Who::Operator, _) => {
            Err(Error::new(ErrorCode::PermissionDenied, "Only the operator may do this, on the machine itself."))
        }
        (Who::Account, Actor::Client(_)) => Err(Error::new(
            ErrorCode::PermissionDenied,
            "This is about the caller's own account, and a client app has none.",
        )),
        (Who::Account | Who::AccountOrClientApp | Who::Permission(_) | Who::ClientAppOr(_), _) => {
            Err(authentication_required())
        }
    }
}

impl Requirement {
    /// Whether it was issued to an app that may do this, by a sign-in that is fresh and sure enough.
    fn judge_token(&self, signed_in: &SignedIn) -> Result<()> {
        let needs_an_account = !matches!(self.who, Who::Anybody | Who::Client);
        if needs_an_account && !self.any_app && !signed_in.client.is_first_party() {
            return Err(Error::new(
                ErrorCode::PermissionDenied,
                "This token was issued to another app, which may not do this. Sign in to Doorward itself.",
            ));
        }
        if self.fresh.is_some_and(|fresh| signed_in.authenticated_ago >= fresh) || signed_in.level < self.level {
            return Err(Error::new(
                ErrorCode::ReauthenticationRequired,
                "This needs a sign-in of the last ten minutes. Prove who you are again at /auth/reauthenticate, and repeat \
                 it with the new access token.",
            ));
        }
        Ok(())
    }
}

/// Whether a role of the actor allows it.
///
/// # Errors
/// `permission_denied` when none does.
pub fn holds(actor: &Actor, permission: &str) -> Result<()> {
    let held = actor.permissions();
    if held.is_some_and(|held| held.iter().any(|held| held.as_str() == permission)) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::PermissionDenied,
        format!("This needs the permission {permission}, which none of your roles holds."),
    ))
}

/// [`authorize`] for an operation on what is the caller's own: answers who that is.
///
/// # Errors
/// As [`authorize`], and `authentication_required` for an operator, who has no account.
pub fn authorize_own(caller: &Caller, operation: Operation) -> Result<&SignedIn> {
    authorize(caller, operation)?;
    match &caller.actor {
        Actor::User(signed_in) => Ok(signed_in),
        Actor::Anonymous | Actor::Client(_) | Actor::Operator => Err(authentication_required()),
    }
}

/// The refusal of an operation that needs somebody signed in, to nobody.
#[must_use]
pub fn authentication_required() -> Error {
    Error::new(ErrorCode::AuthenticationRequired, "Sign in first, and send the access token as a Bearer token.")
}
