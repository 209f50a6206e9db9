//! The one table that says what each operation needs. REST, the CLI and whatever front end comes go through it, and the
//! authorization matrix test and the page `docs/features/access.md` are made from it.
use crate::{Actor, Caller, Error, ErrorCode, Result, SignedIn};
use std::time::Duration;

/// What a caller must be or hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing.
    Public,
    /// A live session.
    SignedIn,
    /// A live session, or a client app's own token.
    Known,
    /// A live session whose owner has proved who he is less than [`FRESH_FOR`] ago.
    Fresh,
    /// A live session whose account holds the permission; or the operator.
    Permission(&'static str),
    /// To be a client app that proves it by its secret, or one of its own tokens; or the permission as above.
    ClientOr(&'static str),
    /// To be the operator, on the machine itself.
    Operator,
}

/// How long a sign-in is fresh: what could lock the owner out is not to be done from a session left open (OWASP ASVS 7.5.1).
pub const FRESH_FOR: Duration = Duration::from_mins(10);

use Requirement::{ClientOr, Fresh, Known, Operator, Permission as Needs, Public, SignedIn as OwnSession};

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal => $requirement:expr;)*) => {
        /// Everything that can be asked of the service.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[doc = $doc])+ $variant),*
        }

        impl Operation {
            /// Every operation, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable name; also the `operationId` of its route.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it needs.
            #[must_use]
            pub const fn requirement(self) -> Requirement {
                match self { $(Self::$variant => $requirement),* }
            }

            /// What it does, in one sentence.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),* }
            }
        }

        /// Each operation as a type, so that a front end can write into a signature which one it asks for.
        pub mod policy {
            use super::Operation;

            /// Names an operation, whose rule is in the table.
            pub trait Policy: 'static {
                /// The operation.
                const OPERATION: Operation;
            }

            $(
                $(#[doc = $doc])+
                #[derive(Debug)]
                pub enum $variant {}

                impl Policy for $variant {
                    const OPERATION: Operation = Operation::$variant;
                }
            )*
        }
    };
}

operations! {
    /// Make an account for oneself.
    Register = "register" => Public;
    /// Sign in by password.
    SignIn = "sign_in" => Public;
    /// Exchange a refresh token for the next pair of tokens.
    Refresh = "refresh" => Public;
    /// End the session of a token that one holds.
    SignOut = "sign_out" => Public;
    /// Let an app behind a proxy know who calls it, and whether he may.
    CheckAccess = "check_access" => Known;

    /// Exchange a grant for tokens, as an OAuth client.
    IssueTokens = "issue_tokens" => Public;
    /// Ask whether a token is good, and what it says.
    IntrospectToken = "introspect_token" => ClientOr("tokens:introspect");
    /// Give a token back, as an OAuth client.
    RevokeToken = "revoke_token" => Public;

    /// Read one's own account.
    ReadOwnAccount = "read_own_account" => OwnSession;
    /// Change one's own username, name or language.
    ChangeOwnAccount = "change_own_account" => OwnSession;
    /// Delete one's own account.
    DeleteOwnAccount = "delete_own_account" => Fresh;
    /// Change one's own password.
    ChangeOwnPassword = "change_own_password" => Fresh;
    /// See where one is signed in.
    ListOwnSessions = "list_own_sessions" => OwnSession;
    /// End one of one's own sessions.
    EndOwnSession = "end_own_session" => OwnSession;
    /// End all of one's own sessions but the present one.
    EndOwnOtherSessions = "end_own_other_sessions" => OwnSession;

    /// List accounts.
    ListUsers = "list_users" => Needs("users:read");
    /// Read an account.
    ReadUser = "read_user" => Needs("users:read");
    /// Make an account for somebody.
    CreateUser = "create_user" => Needs("users:write");
    /// Change an account, disable or enable it.
    ChangeUser = "change_user" => Needs("users:write");
    /// Delete an account.
    DeleteUser = "delete_user" => Needs("users:write");
    /// Set somebody's password.
    SetUserPassword = "set_user_password" => Needs("users:write");
    /// Lift a lock after wrong passwords.
    UnlockUser = "unlock_user" => Needs("users:write");
    /// Give an account a role.
    GrantRole = "grant_role" => Needs("users:write");
    /// Take a role from an account.
    RevokeRole = "revoke_role" => Needs("users:write");
    /// See where an account is signed in.
    ListUserSessions = "list_user_sessions" => Needs("sessions:read");
    /// End all sessions of an account.
    EndUserSessions = "end_user_sessions" => Needs("sessions:revoke");

    /// List roles.
    ListRoles = "list_roles" => Needs("roles:read");
    /// Read a role.
    ReadRole = "read_role" => Needs("roles:read");
    /// Make a role.
    CreateRole = "create_role" => Needs("roles:write");
    /// Change a role's description.
    ChangeRole = "change_role" => Needs("roles:write");
    /// Delete a role.
    DeleteRole = "delete_role" => Needs("roles:write");
    /// Add a permission to a role.
    GrantPermission = "grant_permission" => Needs("roles:write");
    /// Take a permission from a role.
    RevokePermission = "revoke_permission" => Needs("roles:write");
    /// List permissions.
    ListPermissions = "list_permissions" => Needs("roles:read");
    /// Make a permission.
    CreatePermission = "create_permission" => Needs("roles:write");
    /// Delete a permission.
    DeletePermission = "delete_permission" => Needs("roles:write");

    /// List client apps.
    ListClientApps = "list_client_apps" => Needs("client_apps:read");
    /// Read a client app.
    ReadClientApp = "read_client_app" => Needs("client_apps:read");
    /// Make a client app.
    CreateClientApp = "create_client_app" => Needs("client_apps:write");
    /// Change a client app, disable or enable it.
    ChangeClientApp = "change_client_app" => Needs("client_apps:write");
    /// Delete a client app.
    DeleteClientApp = "delete_client_app" => Needs("client_apps:write");
    /// Give a client app a new secret.
    RotateClientSecret = "rotate_client_secret" => Needs("client_apps:write");

    /// See how each part of the service is.
    ReadHealth = "read_health" => Needs("system:read");
    /// Read what was counted and measured.
    ReadMetrics = "read_metrics" => Needs("system:read");
    /// Give an empty database its first administrator.
    Bootstrap = "bootstrap" => Operator;
    /// Record which sessions were used.
    RecordSightings = "record_sightings" => Operator;
    /// Remove what nobody needs any more.
    Tidy = "tidy" => Operator;

    /// List the keys that tokens are signed with.
    ListKeys = "list_keys" => Operator;
    /// Make the next key that tokens are signed with.
    RotateKeys = "rotate_keys" => Operator;
    /// Have a key sign no longer.
    RetireKey = "retire_key" => Operator;
    /// Refuse everything that a key has signed.
    RevokeKey = "revoke_key" => Operator;
}

/// Whether the caller may do it at all. Rules about the subject come on top.
///
/// # Errors
/// `authentication_required` when nobody is signed in and somebody must be, `permission_denied` when he lacks the
/// permission, `reauthentication_required` when his sign-in is too long ago.
pub fn authorize(caller: &Caller, operation: Operation) -> Result<()> {
    match (operation.requirement(), &caller.actor) {
        (Public, _)
        | (Needs(_) | ClientOr(_) | Operator, Actor::Operator)
        | (OwnSession | Known, Actor::User(_))
        | (ClientOr(_) | Known, Actor::Client(_)) => Ok(()),
        (Fresh, Actor::User(signed_in)) => proven_lately(signed_in),
        (Needs(permission) | ClientOr(permission), actor @ (Actor::User(_) | Actor::Client(_))) => {
            holds(actor, permission)
        }
        (Operator, _) => {
            Err(Error::new(ErrorCode::PermissionDenied, "Only the operator may do this, on the machine itself."))
        }
        (OwnSession | Fresh, Actor::Client(_)) => Err(Error::new(
            ErrorCode::PermissionDenied,
            "This is about an account of one's own, and a client app has none.",
        )),
        (OwnSession | Fresh | Known | Needs(_) | ClientOr(_), _) => Err(authentication_required()),
    }
}

fn proven_lately(signed_in: &SignedIn) -> Result<()> {
    if signed_in.authenticated_ago < FRESH_FOR {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ReauthenticationRequired,
        "This needs a sign-in of the last ten minutes. Sign in again, and repeat it with the new access token.",
    ))
}

/// Whether one of their roles allows it.
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
        format!("This needs the permission {permission}, which no role of yours holds."),
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

/// The page `docs/features/access.md`.
#[must_use]
pub fn render() -> String {
    let mut page = String::from(
        "# Who may do what\n\n<!-- Generated by `doorward access docs` from the table in \
         crates/ports/src/access.rs; do not edit. -->\n\n\
         Every operation, whichever way it is asked for, needs what this table says. On top of it, nobody grants a \
         permission he lacks, and nobody edits a role or an account that holds one he lacks.\n\n\
         | operation | what it does | needs |\n| --- | --- | --- |\n",
    );
    for operation in Operation::ALL {
        let needs = match operation.requirement() {
            Public => "nothing".to_owned(),
            OwnSession => "a live session".to_owned(),
            Known => "a live session, or a client app's own token".to_owned(),
            Fresh => "a sign-in of the last ten minutes".to_owned(),
            Needs(permission) => format!("`{permission}`"),
            ClientOr(permission) => format!("to be a client app, or `{permission}`"),
            Operator => "the command line".to_owned(),
        };
        page.push_str(&format!("| `{}` | {} | {needs} |\n", operation.as_str(), operation.summary().trim()));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_asks_only_for_permissions_that_exist() {
        for operation in Operation::ALL {
            if let Needs(permission) | ClientOr(permission) = operation.requirement() {
                assert!(doorward_domain::SYSTEM_PERMISSIONS.contains(&permission), "{operation:?} needs {permission}");
            }
        }
    }

    #[test]
    fn the_page_has_a_row_for_every_operation() {
        let page = render();
        for operation in Operation::ALL {
            assert!(page.contains(&format!("| `{}` |", operation.as_str())), "{operation:?}");
        }
    }
}
