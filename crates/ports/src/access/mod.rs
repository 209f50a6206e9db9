//! The access table: the requirement, the rate limit and the error codes of each operation. REST, the CLI and every
//! later front end use it. The authorization matrix test, the refusals of the OpenAPI document and the pages
//! `docs/features/access.md` and `rate-limits.md` are made from it.
mod operations;
mod page;
mod refusals;
mod requirement;

pub use operations::{Operation, policy};
pub use page::render;
pub use requirement::{FRESH_FOR, Requirement, Who};

use crate::{Actor, Caller, Error, ErrorCode, Result, SignedIn};
use doorward_domain::UserId;

/// Checks that the caller may do the operation. Rules about the target come in addition.
///
/// # Errors
/// `authentication_required` if the operation needs a signed-in caller, `permission_denied` if the caller lacks the
/// permission, `reauthentication_required` if the last authentication is too long ago.
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
            Err(Error::new(ErrorCode::PermissionDenied, "Only the operator may do this, on the command line."))
        }
        (Who::Account, Actor::Client(_)) => Err(Error::new(
            ErrorCode::PermissionDenied,
            "This operation is for the caller's own account, and a client app has no account.",
        )),
        (Who::Account | Who::AccountOrClientApp | Who::Permission(_) | Who::ClientAppOr(_), _) => {
            Err(authentication_required())
        }
    }
}

impl Requirement {
    /// Checks that the token was issued to an app that may do this, by a recent authentication with the required level.
    fn judge_token(&self, signed_in: &SignedIn) -> Result<()> {
        let needs_an_account = !matches!(self.who, Who::Anybody | Who::Client);
        if needs_an_account && !self.any_app && !signed_in.client.is_first_party() {
            return Err(Error::new(
                ErrorCode::PermissionDenied,
                "This token was issued to another client app, which may not do this. Sign in to Doorward itself.",
            ));
        }
        let for_accounts = needs_an_account && self.who != Who::Operator;
        if for_accounts && signed_in.must_change_password {
            // It comes before an enrolment: somebody else who knows the password could enrol a factor of their own.
            return if self.while_changing_password {
                self.judge_time(signed_in)
            } else {
                Err(password_change_required())
            };
        }
        if for_accounts && signed_in.must_enrol && !self.while_enrolling {
            return Err(Error::new(
                ErrorCode::MfaEnrolmentRequired,
                "This account must have a second factor. Enrol one at /users/me/mfa/totp, or send a code of one to \
                 /auth/reauthenticate; until then, nothing else is possible.",
            ));
        }
        self.judge_time(signed_in)
    }

    /// Checks when and how the owner has authenticated.
    fn judge_time(&self, signed_in: &SignedIn) -> Result<()> {
        if self.fresh.is_some_and(|fresh| signed_in.authenticated_ago >= fresh) || signed_in.level < self.level {
            return Err(reauthentication_required());
        }
        Ok(())
    }
}

fn reauthentication_required() -> Error {
    Error::new(
        ErrorCode::ReauthenticationRequired,
        "This needs a sign-in within the last ten minutes. Authenticate again at /auth/reauthenticate, and repeat the \
         request with the new access token.",
    )
}

/// Checks that callers who use an operation of administrators on their own account have authenticated recently: it must
/// not be a way around what the operations of owners require.
///
/// # Errors
/// `reauthentication_required` if they have not.
pub fn recently_if_own(caller: &Caller, account: UserId) -> Result<()> {
    match &caller.actor {
        Actor::User(signed_in) if signed_in.user == account && signed_in.authenticated_ago >= FRESH_FOR => {
            Err(reauthentication_required())
        }
        _ => Ok(()),
    }
}

fn password_change_required() -> Error {
    Error::new(
        ErrorCode::PasswordChangeRequired,
        "This account must have another password. Change it at /users/me/password; until then, nothing else is possible.",
    )
}

/// Checks that a role of the actor has the permission.
///
/// # Errors
/// `permission_denied` if no role has it.
pub fn holds(actor: &Actor, permission: &str) -> Result<()> {
    let held = actor.permissions();
    if held.is_some_and(|held| held.iter().any(|held| held.as_str() == permission)) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::PermissionDenied,
        format!("This needs the permission {permission}, which none of your roles has."),
    ))
}

/// Like [`authorize`], for an operation on the caller's own account; returns who the caller is.
///
/// # Errors
/// As [`authorize`], and `authentication_required` for the operator, who has no account.
pub fn authorize_own(caller: &Caller, operation: Operation) -> Result<&SignedIn> {
    authorize(caller, operation)?;
    match &caller.actor {
        Actor::User(signed_in) => Ok(signed_in),
        Actor::Anonymous | Actor::Client(_) | Actor::Operator => Err(authentication_required()),
    }
}

/// The refusal if an operation needs a signed-in caller and there is none.
#[must_use]
pub fn authentication_required() -> Error {
    Error::new(ErrorCode::AuthenticationRequired, "Sign in first, and send the access token as a Bearer token.")
}
