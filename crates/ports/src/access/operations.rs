//! The table of operations. A row contains the requirement, the class of rate limits and by what it is counted, and the error
//! codes of the operation itself; [`Operation::refusals`] adds those that follow from the other two.
use super::requirement::{
    Requirement, account, account_or_client_app, anybody, client, client_app_or, operator, permission,
};
use crate::ErrorCode;
use crate::limits::CountedBy;
use doorward_domain::RateClass;

macro_rules! limit {
    (unlimited) => {
        None
    };
    ($class:ident by $by:ident) => {
        Some((RateClass::$class, CountedBy::$by))
    };
}

macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident = $name:literal => $requirement:expr, $($limit:ident)+, may: [$($refusal:ident),*];
    )*) => {
        /// All operations of the service.
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

            /// The requirement for its caller.
            #[must_use]
            pub const fn requirement(self) -> Requirement {
                match self { $(Self::$variant => $requirement),* }
            }

            /// The class of rate limits, and by what it is counted; None if it has no limit.
            #[must_use]
            pub const fn limit(self) -> Option<(RateClass, CountedBy)> {
                match self { $(Self::$variant => limit!($($limit)+)),* }
            }

            /// What it does, in one sentence.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii()),* }
            }

            /// The error codes in its row.
            pub(super) const fn own_refusals(self) -> &'static [ErrorCode] {
                match self { $(Self::$variant => &[$(ErrorCode::$refusal),*]),* }
            }
        }

        /// Each operation as a type, so that a front end can name it in a signature.
        pub mod policy {
            use super::Operation;

            /// Names an operation of the table.
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
    /// Register an account.
    Register = "register" => anybody(), Login by Address,
        may: [ValidationFailed, RegistrationDisabled, EmailTaken, UsernameTaken, HashingOverloaded];
    /// Sign in with a password.
    SignIn = "sign_in" => anybody(), Login by Address,
        may: [ValidationFailed, InvalidCredentials, AccountDisabled, EmailUnverified, MfaRequired, HashingOverloaded];
    /// Sign in: verify the second factor.
    VerifySecondFactor = "verify_second_factor" => anybody(), Login by Address,
        may: [ValidationFailed, MfaTokenInvalid, InvalidCode];
    /// Send the link to verify an e-mail address again.
    ResendVerification = "resend_verification" => anybody(), Login by Address,
        may: [ValidationFailed, MailDisabled];
    /// Verify an e-mail address with the token from a mail.
    VerifyEmail = "verify_email" => anybody(), Login by Address,
        may: [ValidationFailed, MailDisabled, InvalidMailToken, EmailTaken];
    /// Send a link to set a new password.
    ForgotPassword = "forgot_password" => anybody(), Login by Address,
        may: [ValidationFailed, MailDisabled];
    /// Set a new password with the token from a mail.
    ResetPassword = "reset_password" => anybody(), Login by Address,
        may: [ValidationFailed, MailDisabled, InvalidMailToken, HashingOverloaded];
    /// Report, with the token from a mail, that somebody else uses the account.
    ReportTakeover = "report_takeover" => anybody(), Login by Address,
        may: [ValidationFailed, MailDisabled, InvalidMailToken];
    /// Authenticate again within the same session (step-up).
    Reauthenticate = "reauthenticate" => account().while_enrolling().while_changing_password(), Login by Address,
        may: [ValidationFailed, WrongPassword, InvalidCode, HashingOverloaded];
    /// Exchange a refresh token for the next pair of tokens.
    Refresh = "refresh" => anybody(), Auth by Address,
        may: [AuthenticationRequired, InvalidToken, RefreshTokenReused];
    /// List the providers that people can sign in with.
    ListSignInProviders = "list_sign_in_providers" => anybody(), Auth by Address,
        may: [];
    /// Begin a sign-in with a provider: get the URL to open.
    BeginAuthorization = "begin_authorization" => anybody(), Auth by Address,
        may: [ValidationFailed, ProviderNotFound, ProviderUnavailable];
    /// Begin a sign-in with a provider in a browser, which is sent there.
    OpenAuthorization = "open_authorization" => anybody(), Auth by Address,
        may: [ValidationFailed, ProviderNotFound, ProviderUnavailable];
    /// Take the answer of a provider, and send the browser on to the client.
    FinishAuthorization = "finish_authorization" => anybody(), Auth by Address,
        may: [InvalidState];
    /// Send the answer of a provider that came by POST to the same place by GET.
    ForwardAuthorization = "forward_authorization" => anybody(), Auth by Address,
        may: [];
    // A provider sends one for each session that has ended there: what is refused is never sent again.
    /// End the sessions that began with a session of a provider, because it has ended there.
    EndProviderSessions = "end_provider_sessions" => anybody(), Api by Caller,
        may: [ProviderNotFound, InvalidLogoutToken, ProviderUnavailable];
    /// Sign out: end the session of a token.
    SignOut = "sign_out" => anybody().token_optional(), Api by Caller,
        may: [AuthenticationRequired, ValidationFailed];
    // The proxy of an app sends one for each request of the app, also for images; it has its own limits, and treats a refusal
    // as an error.
    /// Check a request for a proxy: who calls, and whether they may pass.
    CheckAccess = "check_access" => account_or_client_app().any_app(), unlimited,
        may: [PermissionDenied, ValidationFailed];

    /// Exchange a grant for tokens, as an OAuth client.
    IssueTokens = "issue_tokens" => client(), Auth by Client,
        may: [UnsupportedGrantType, UnauthorizedClient, InvalidScope, InvalidToken, RefreshTokenReused, InvalidGrant, LinkRequired,
            EmailRequired, EmailDomainNotAllowed, RegistrationDisabled, EmailTaken, AccountDisabled, EmailUnverified, MfaRequired];
    /// Find out whether a token is active, and what it contains.
    IntrospectToken = "introspect_token" => client_app_or("tokens:introspect").any_app(), Api by Client,
        may: [];
    /// Revoke a token, as an OAuth client.
    RevokeToken = "revoke_token" => client(), Auth by Client,
        may: [UnsupportedTokenType];

    /// Read your own account.
    ReadOwnAccount = "read_own_account" => account().any_app(), Api by Caller,
        may: [UserNotFound];
    /// Change your own username, full name or language.
    ChangeOwnAccount = "change_own_account" => account(), Api by Caller,
        may: [ValidationFailed, UserNotFound, UsernameTaken, VersionMismatch];
    /// Delete your own account.
    DeleteOwnAccount = "delete_own_account" => account().fresh(), Api by Caller,
        may: [ExceedsOwnPermissions, UserNotFound, LastAdmin];
    /// Change your own password.
    ChangeOwnPassword = "change_own_password" => account().fresh().while_changing_password(), Login by Address,
        may: [ValidationFailed, WrongPassword, UserNotFound, HashingOverloaded];
    /// Ask for another e-mail address of your account.
    ChangeOwnEmail = "change_own_email" => account().fresh(), Api by Caller,
        may: [ValidationFailed, MailDisabled, UserNotFound];
    /// List your own sessions.
    ListOwnSessions = "list_own_sessions" => account(), Api by Caller,
        may: [InvalidCursor];
    /// End one of your own sessions.
    EndOwnSession = "end_own_session" => account(), Api by Caller,
        may: [SessionNotFound];
    /// End all your own sessions except the current one.
    EndOwnOtherSessions = "end_own_other_sessions" => account(), Api by Caller,
        may: [];
    /// List the identities at providers that sign in to your account.
    ListOwnIdentities = "list_own_identities" => account(), Api by Caller,
        may: [];
    /// Begin to link an identity at a provider to your account.
    BeginLink = "begin_link" => account().fresh(), Api by Caller,
        may: [ValidationFailed, ProviderNotFound, ProviderUnavailable];
    /// Link an identity at a provider to your account.
    LinkIdentity = "link_identity" => account().fresh(), Login by Address,
        may: [ValidationFailed, InvalidGrant, IdentityInUse];
    /// Unlink an identity at a provider from your account.
    UnlinkIdentity = "unlink_identity" => account().fresh(), Api by Caller,
        may: [IdentityNotFound, LastCredential];
    /// List your own second factors.
    ListOwnFactors = "list_own_factors" => account().while_enrolling(), Api by Caller,
        may: [];
    /// Begin to enrol an authenticator as a second factor of your account.
    EnrolTotp = "enrol_totp" => account().fresh().while_enrolling(), Api by Caller,
        may: [ValidationFailed, TooManyFactors];
    /// Confirm an authenticator with its first code.
    ConfirmTotp = "confirm_totp" => account().fresh().while_enrolling(), Login by Address,
        may: [ValidationFailed, FactorNotFound, InvalidCode];
    /// Delete a second factor of your account.
    DeleteFactor = "delete_factor" => account().fresh(), Api by Caller,
        may: [FactorNotFound, LastFactor];
    /// Replace the recovery codes of your account.
    ReplaceRecoveryCodes = "replace_recovery_codes" => account().fresh(), Api by Caller,
        may: [FactorNotFound];
    /// List what you did, and what concerns your account.
    ListOwnActivity = "list_own_activity" => account(), Api by Caller,
        may: [InvalidCursor];
    /// Export all data about you.
    ExportOwnData = "export_own_data" => account().fresh(), Api by Caller,
        may: [UserNotFound];

    /// List accounts.
    ListUsers = "list_users" => permission("users:read"), Admin by Caller,
        may: [ValidationFailed, InvalidCursor];
    /// Read an account.
    ReadUser = "read_user" => permission("users:read"), Admin by Caller,
        may: [UserNotFound];
    /// Create an account for somebody else.
    CreateUser = "create_user" => permission("users:write"), Admin by Caller,
        may: [ValidationFailed, ExceedsOwnPermissions, EmailTaken, UsernameTaken, TooManyRoles, HashingOverloaded];
    /// Change, disable or enable an account.
    ChangeUser = "change_user" => permission("users:write"), Admin by Caller,
        may: [ValidationFailed, ReauthenticationRequired, ExceedsOwnPermissions, UserNotFound, EmailTaken, UsernameTaken, LastAdmin,
            VersionMismatch];
    /// Delete an account.
    DeleteUser = "delete_user" => permission("users:write"), Admin by Caller,
        may: [ReauthenticationRequired, ExceedsOwnPermissions, UserNotFound, LastAdmin];
    /// Set the password of an account.
    SetUserPassword = "set_user_password" => permission("users:write"), Admin by Caller,
        may: [ValidationFailed, ReauthenticationRequired, ExceedsOwnPermissions, UserNotFound, HashingOverloaded];
    /// Unlock an account that too many wrong passwords have locked.
    UnlockUser = "unlock_user" => permission("users:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, UserNotFound];
    /// Invite the owner of an account without a password: send a link to set one.
    InviteUser = "invite_user" => permission("users:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, UserNotFound, MailDisabled, UserNotInvitable];
    /// Delete all second factors of an account, whose owner has lost them.
    ResetUserFactors = "reset_user_factors" => permission("users:write").fresh(), Admin by Caller,
        may: [ExceedsOwnPermissions, UserNotFound];
    /// Grant a role to an account.
    GrantRole = "grant_role" => permission("users:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, UserNotFound, RoleNotFound, TooManyRoles];
    /// Revoke a role from an account.
    RevokeRole = "revoke_role" => permission("users:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, UserNotFound, RoleNotFound, LastAdmin];
    /// List the sessions of an account.
    ListUserSessions = "list_user_sessions" => permission("sessions:read"), Admin by Caller,
        may: [InvalidCursor, UserNotFound];
    /// End all sessions of an account.
    EndUserSessions = "end_user_sessions" => permission("sessions:revoke"), Admin by Caller,
        may: [ExceedsOwnPermissions, UserNotFound];

    /// List roles.
    ListRoles = "list_roles" => permission("roles:read"), Admin by Caller,
        may: [InvalidCursor];
    /// Read a role.
    ReadRole = "read_role" => permission("roles:read"), Admin by Caller,
        may: [RoleNotFound];
    /// Create a role.
    CreateRole = "create_role" => permission("roles:write"), Admin by Caller,
        may: [ValidationFailed, ExceedsOwnPermissions, RoleExists];
    /// Change the description of a role.
    ChangeRole = "change_role" => permission("roles:write"), Admin by Caller,
        may: [ValidationFailed, ExceedsOwnPermissions, RoleNotFound, SystemRole, VersionMismatch];
    /// Delete a role.
    DeleteRole = "delete_role" => permission("roles:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, RoleNotFound, SystemRole];
    /// Grant a permission to a role.
    GrantPermission = "grant_permission" => permission("roles:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, RoleNotFound, PermissionNotFound, SystemRole];
    /// Revoke a permission from a role.
    RevokePermission = "revoke_permission" => permission("roles:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, RoleNotFound, PermissionNotFound, SystemRole];
    /// List permissions.
    ListPermissions = "list_permissions" => permission("roles:read"), Admin by Caller,
        may: [InvalidCursor];
    /// Create a permission.
    CreatePermission = "create_permission" => permission("roles:write"), Admin by Caller,
        may: [ValidationFailed, PermissionExists, TooManyPermissions];
    /// Delete a permission.
    DeletePermission = "delete_permission" => permission("roles:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, PermissionNotFound, SystemPermission];

    /// List client apps.
    ListClientApps = "list_client_apps" => permission("client_apps:read"), Admin by Caller,
        may: [InvalidCursor];
    /// Read a client app.
    ReadClientApp = "read_client_app" => permission("client_apps:read"), Admin by Caller,
        may: [ClientAppNotFound];
    /// Create a client app.
    CreateClientApp = "create_client_app" => permission("client_apps:write"), Admin by Caller,
        may: [ValidationFailed, ExceedsOwnPermissions, ClientAppExists, TooManyRoles];
    /// Change, disable or enable a client app.
    ChangeClientApp = "change_client_app" => permission("client_apps:write"), Admin by Caller,
        may: [ValidationFailed, ExceedsOwnPermissions, ClientAppNotFound, TooManyRoles, VersionMismatch];
    /// Delete a client app.
    DeleteClientApp = "delete_client_app" => permission("client_apps:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, ClientAppNotFound];
    /// Give a client app a new secret.
    RotateClientSecret = "rotate_client_secret" => permission("client_apps:write"), Admin by Caller,
        may: [ExceedsOwnPermissions, ClientAppNotFound, PublicClientApp];

    /// List the configured providers.
    ListProviders = "list_providers" => permission("providers:read"), Admin by Caller,
        may: [InvalidCursor];
    /// Read the configuration of a provider.
    ReadProvider = "read_provider" => permission("providers:read"), Admin by Caller,
        may: [ProviderNotFound];
    /// Add a provider.
    CreateProvider = "create_provider" => permission("providers:write"), Admin by Caller,
        may: [ValidationFailed, ExceedsOwnPermissions, ProviderExists];
    /// Change, disable or enable a provider.
    ChangeProvider = "change_provider" => permission("providers:write"), Admin by Caller,
        may: [ValidationFailed, ExceedsOwnPermissions, ProviderNotFound, ProviderInSettings, ProviderInUse, VersionMismatch];
    /// Remove a provider.
    DeleteProvider = "delete_provider" => permission("providers:write"), Admin by Caller,
        may: [ValidationFailed, ProviderNotFound, ProviderInSettings, ProviderInUse];
    /// Try what a sign-in with a provider needs.
    TestProvider = "test_provider" => permission("providers:write"), Admin by Caller,
        may: [ProviderNotFound];

    /// List the lines of the audit log.
    ListAuditEvents = "list_audit_events" => permission("audit:read"), Admin by Caller,
        may: [ValidationFailed, InvalidCursor];
    /// Export the lines of the audit log.
    ExportAuditEvents = "export_audit_events" => permission("audit:read"), Admin by Caller,
        may: [ValidationFailed];
    /// Read the signed end of the audit log.
    ReadAuditHead = "read_audit_head" => permission("audit:read"), Admin by Caller,
        may: [AuditLogUnsealed, AuditLogDamaged, SealingKeyMismatch];
    /// Verify the audit log.
    VerifyAuditLog = "verify_audit_log" => permission("audit:read"), Admin by Caller,
        may: [ValidationFailed, VerificationRunning];

    // They read nothing from the store. Probes (`/health/live`, `/health/ready`) are no operations, and have no limit: a
    // refused probe would end a healthy node.
    /// Read the public keys that verify tokens (RFC 7517).
    ReadPublicKeys = "read_public_keys" => anybody(), Public by Address,
        may: [];
    /// Read the metadata of the authorization server (RFC 8414).
    ReadServerMetadata = "read_server_metadata" => anybody(), Public by Address,
        may: [];
    /// Read this OpenAPI document.
    ReadOpenapi = "read_openapi" => anybody(), Public by Address,
        may: [];
    /// Read the documentation of the API.
    ReadDocs = "read_docs" => anybody(), Public by Address,
        may: [];
    /// Open the page of a link in a mail.
    ReadMailPage = "read_mail_page" => anybody(), Public by Address,
        may: [];
    // Monitoring must work also during an overload.
    /// Read the health of each component.
    ReadHealth = "read_health" => permission("system:read").token_optional(), unlimited,
        may: [];
    /// Read the metrics.
    ReadMetrics = "read_metrics" => permission("system:read"), unlimited,
        may: [];
    /// Create the first administrator in an empty database.
    Bootstrap = "bootstrap" => operator(), unlimited,
        may: [ValidationFailed, HashingOverloaded];
    /// Record the last use of sessions.
    RecordSightings = "record_sightings" => operator(), unlimited,
        may: [];
    /// Find out whether providers can be used.
    CheckProviders = "check_providers" => operator(), unlimited,
        may: [];
    /// Delete expired data.
    Tidy = "tidy" => operator(), unlimited,
        may: [];

    /// List the second factors of an account.
    ListUserFactors = "list_user_factors" => operator(), unlimited,
        may: [UserNotFound];
    /// Give audit lines their numbers, and seal them.
    SealAuditLog = "seal_audit_log" => operator(), unlimited,
        may: [SealingKeyMismatch];
    /// Send the mails that are due.
    DeliverMails = "deliver_mails" => operator(), unlimited,
        may: [];
    /// List the mails that are to be sent.
    ListMails = "list_mails" => operator(), unlimited,
        may: [];
    /// Send a mail to try it out.
    SendTestMail = "send_test_mail" => operator(), unlimited,
        may: [ValidationFailed, MailDisabled, MailUnavailable];
    /// Ship sealed lines of the audit log to the destination of the operator.
    ShipAuditLog = "ship_audit_log" => operator(), unlimited,
        may: [];
    /// Delete the oldest lines of the audit log.
    PruneAuditLog = "prune_audit_log" => operator(), unlimited,
        may: [ValidationFailed, AuditLogDamaged, SealingKeyMismatch];

    /// List the signing keys.
    ListKeys = "list_keys" => operator(), unlimited,
        may: [SealingKeyMismatch];
    /// Create the next signing key.
    RotateKeys = "rotate_keys" => operator(), unlimited,
        may: [SigningKeyGiven, SealingKeyMismatch];
    /// Retire a signing key: it signs no more tokens.
    RetireKey = "retire_key" => operator(), unlimited,
        may: [KeyNotFound, SigningKeyGiven, OnlySigningKey];
    /// Revoke a signing key: all tokens that it has signed are refused.
    RevokeKey = "revoke_key" => operator(), unlimited,
        may: [KeyNotFound, SigningKeyGiven, SealingKeyMismatch];

    /// List the sealing keys, and count what they have sealed.
    ListSealingKeys = "list_sealing_keys" => operator(), unlimited,
        may: [];
    /// Seal all secrets with a new sealing key.
    RotateSealingKey = "rotate_sealing_key" => operator(), unlimited,
        may: [SealingKeyNotFound, SealingKeyNotReady, SealingKeyMismatch];
    /// Retire a sealing key that seals nothing any more.
    RetireSealingKey = "retire_sealing_key" => operator(), unlimited,
        may: [SealingKeyNotFound, SealingKeyInUse, SealingKeyNotReady];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Who;

    #[test]
    fn the_table_asks_only_for_permissions_that_exist() {
        for operation in Operation::ALL {
            if let Who::Permission(permission) | Who::ClientAppOr(permission) = operation.requirement().who {
                assert!(doorward_domain::SYSTEM_PERMISSIONS.contains(&permission), "{operation:?} needs {permission}");
            }
        }
    }

    #[test]
    fn what_needs_a_permission_is_what_administrators_do() {
        for operation in Operation::ALL {
            let is_admins = matches!(operation.limit(), Some((RateClass::Admin, _)));
            let needs = matches!(operation.requirement().who, Who::Permission(_));
            assert_eq!(
                is_admins,
                needs && !matches!(operation, Operation::ReadHealth | Operation::ReadMetrics),
                "{operation:?}"
            );
        }
    }

    #[test]
    fn whatever_a_client_shows_its_credentials_for_is_counted_by_client() {
        for operation in Operation::ALL {
            let shows = matches!(operation.requirement().who, Who::Client | Who::ClientAppOr(_));
            let counted = matches!(operation.limit(), Some((_, CountedBy::Client)));
            assert_eq!(shows, counted, "{operation:?}");
        }
    }
}
