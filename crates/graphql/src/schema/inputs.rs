//! What is asked for, as it was typed: the ports check it.
use super::ids::parse;
use super::scalars::DateTime;
use doorward_domain::SecondFactor;
use doorward_ports::inbound::{
    self, AccountChange, AuditQuery, Change, CodeGrant, FactorProof, LinkProof, LinkRequest, MfaVerification,
    NewAccount, NewPermission, NewRole, PasswordChange, PasswordReset, PasswordSignIn, ProfileChange, Registration,
    RoleChange, UserQuery,
};
use doorward_ports::{Error, ErrorCode, FieldError, Personal, Secret};
use juniper::{GraphQLEnum, GraphQLInputObject, ID, Nullable};

/// The filters of a list of accounts. An account is listed if it matches all of them.
#[derive(Default, GraphQLInputObject)]
pub(super) struct UserFilter {
    /// Only the account with this e-mail address.
    email: Option<String>,
    /// Only the account with this username.
    username: Option<String>,
    /// Only accounts with a word in their full name, username or e-mail address that begins with this text. They are sorted
    /// by this word, and `orderBy` must be absent.
    search: Option<String>,
    /// Only enabled accounts (`true`), or only disabled accounts (`false`).
    is_active: Option<bool>,
    /// Only accounts with this role.
    role: Option<String>,
}

impl From<UserFilter> for UserQuery {
    fn from(filter: UserFilter) -> Self {
        Self {
            email: filter.email.map(Personal::from),
            username: filter.username.map(Personal::from),
            search: filter.search.map(Personal::from),
            is_active: filter.is_active,
            role: filter.role,
            ..Self::default()
        }
    }
}

/// The order of a list of accounts.
#[derive(Clone, Copy, GraphQLEnum)]
pub(super) enum UserOrder {
    /// The newest account first.
    NewestFirst,
    /// The oldest account first.
    OldestFirst,
    /// By e-mail address.
    Email,
    /// By e-mail address, backwards.
    EmailDescending,
}

impl UserOrder {
    /// As REST names it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::NewestFirst => "-created_at",
            Self::OldestFirst => "created_at",
            Self::Email => "email",
            Self::EmailDescending => "-email",
        }
    }
}

/// The filters of the audit log. A line is listed if it matches all of them.
#[derive(Default, GraphQLInputObject)]
pub(super) struct AuditFilter {
    /// Only lines of this actor: `anonymous`, `operator`, `user:ID` or `client:ID`.
    actor: Option<String>,
    /// Only lines with this target, such as `user:ID` or `role:NAME`.
    subject: Option<String>,
    /// Only lines of this action, such as `session.sign_in`.
    action: Option<String>,
    /// Only lines with this outcome: `success` or `failure`.
    outcome: Option<String>,
    /// Only lines that concern the account with this id.
    account: Option<ID>,
    /// Only lines of this time or later.
    from: Option<DateTime>,
    /// Only lines before this time.
    to: Option<DateTime>,
}

impl From<AuditFilter> for AuditQuery {
    fn from(filter: AuditFilter) -> Self {
        Self {
            actor: filter.actor,
            subject: filter.subject,
            action: filter.action,
            outcome: filter.outcome,
            account: filter.account.map(|id| id.to_string()),
            from: filter.from.map(|DateTime(time)| time),
            to: filter.to.map(|DateTime(time)| time),
        }
    }
}

/// A registration.
#[derive(GraphQLInputObject)]
pub(super) struct RegisterInput {
    /// The e-mail address, with which the owner signs in.
    email: String,
    /// The new password: at least 12 characters, unless the operator requires another number. It must not be easy to guess.
    password: String,
    /// The username, with which the owner can sign in instead of the e-mail address. It is folded to lower case.
    username: Option<String>,
    /// The full name of the owner.
    full_name: Option<String>,
    /// The language of the owner (BCP 47).
    locale: Option<String>,
}

impl From<RegisterInput> for Registration {
    fn from(input: RegisterInput) -> Self {
        Self {
            email: input.email.into(),
            password: Secret::new(input.password),
            username: input.username.map(Personal::from),
            full_name: input.full_name.map(Personal::from),
            locale: input.locale,
        }
    }
}

/// A sign-in with a password.
#[derive(GraphQLInputObject)]
pub(super) struct SignInInput {
    /// The e-mail address or the username of the account. Case makes no difference.
    identifier: String,
    /// The password.
    password: String,
}

impl From<SignInInput> for PasswordSignIn {
    fn from(input: SignInInput) -> Self {
        Self { identifier: input.identifier.into(), password: Secret::new(input.password) }
    }
}

/// How a second factor is proved.
#[derive(Clone, Copy, GraphQLEnum)]
pub(super) enum FactorMethod {
    /// A code of an authenticator.
    Totp,
    /// A recovery code.
    RecoveryCode,
}

impl From<FactorMethod> for SecondFactor {
    fn from(method: FactorMethod) -> Self {
        match method {
            FactorMethod::Totp => Self::Totp,
            FactorMethod::RecoveryCode => Self::RecoveryCode,
        }
    }
}

/// The second step of a sign-in.
#[derive(GraphQLInputObject)]
pub(super) struct VerifySecondFactorInput {
    /// The `mfaToken` of the first step.
    mfa_token: String,
    /// The factor. Without it, the code may be of any factor of the account.
    factor_id: Option<ID>,
    /// How the factor is proved.
    method: FactorMethod,
    /// The code.
    code: String,
}

impl TryFrom<VerifySecondFactorInput> for MfaVerification {
    type Error = Error;

    fn try_from(input: VerifySecondFactorInput) -> Result<Self, Error> {
        let proof = proof(input.method, input.factor_id.as_ref(), input.code)?;
        Ok(Self { mfa_token: Secret::new(input.mfa_token), proof })
    }
}

fn proof(method: FactorMethod, factor: Option<&ID>, code: String) -> Result<FactorProof, Error> {
    let factor = factor.map(|id| parse(id, ErrorCode::FactorNotFound)).transpose()?;
    Ok(FactorProof { method: method.into(), factor, code: Secret::new(code) })
}

/// An authentication within a session: `password`, or `method` and `code`.
#[derive(GraphQLInputObject)]
pub(super) struct ReauthenticateInput {
    /// The password of the account.
    password: Option<String>,
    /// How the second factor is proved.
    method: Option<FactorMethod>,
    /// The factor. Without it, the code may be of any factor of the account.
    factor_id: Option<ID>,
    /// The code of the second factor.
    code: Option<String>,
}

impl TryFrom<ReauthenticateInput> for inbound::Reauthentication {
    type Error = Error;

    fn try_from(input: ReauthenticateInput) -> Result<Self, Error> {
        match (input.password, input.method, input.code) {
            (Some(password), None, None) if input.factor_id.is_none() => Ok(Self::Password(Secret::new(password))),
            (None, Some(method), Some(code)) => proof(method, input.factor_id.as_ref(), code).map(Self::Factor),
            _ => Err(required("Send password alone, or method and code of a second factor.")),
        }
    }
}

fn required(message: &str) -> Error {
    Error::invalid(vec![FieldError { pointer: String::new(), code: "required", message: message.to_owned() }])
}

/// What owners may change of their own account. An absent property does not change; `null` removes its value.
#[derive(GraphQLInputObject)]
pub(super) struct ChangeOwnAccountInput {
    /// The username. It is folded to lower case.
    username: Nullable<String>,
    /// The full name of the owner.
    full_name: Nullable<String>,
    /// The language of the owner (BCP 47).
    locale: Nullable<String>,
}

impl From<ChangeOwnAccountInput> for ProfileChange {
    fn from(input: ChangeOwnAccountInput) -> Self {
        Self { username: change(input.username), full_name: change(input.full_name), locale: change(input.locale) }
    }
}

fn change<T: From<String>>(value: Nullable<String>) -> Change<T> {
    match value {
        Nullable::ImplicitNull => Change::Keep,
        Nullable::ExplicitNull => Change::Clear,
        Nullable::Some(value) => Change::Set(value.into()),
    }
}

/// A change of your own password.
#[derive(GraphQLInputObject)]
pub(super) struct ChangeOwnPasswordInput {
    /// The current password.
    current_password: String,
    /// The new password.
    new_password: String,
}

impl From<ChangeOwnPasswordInput> for PasswordChange {
    fn from(input: ChangeOwnPasswordInput) -> Self {
        Self { current: Secret::new(input.current_password), new: Secret::new(input.new_password) }
    }
}

/// A new password, and the token from the link of a mail.
#[derive(GraphQLInputObject)]
pub(super) struct ResetPasswordInput {
    /// The token.
    token: String,
    /// The new password.
    password: String,
}

impl From<ResetPasswordInput> for PasswordReset {
    fn from(input: ResetPasswordInput) -> Self {
        Self { token: Secret::new(input.token), password: Secret::new(input.password) }
    }
}

/// A request to link an identity at a provider.
#[derive(GraphQLInputObject)]
pub(super) struct BeginLinkInput {
    /// The name of the provider.
    pub(super) provider: String,
    /// Where the code is sent: one of the redirect URIs of Doorward's own client, byte for byte.
    redirect_uri: String,
    /// A value of the client, which is returned as it is. Without it, Doorward chooses one.
    state: Option<String>,
    /// The SHA-256 of the code verifier, in base64url (RFC 7636 §4.2).
    code_challenge: String,
    /// The method of the code challenge: `S256`.
    code_challenge_method: String,
}

impl BeginLinkInput {
    /// The name of the provider, and the request.
    pub(super) fn into_parts(self) -> (String, LinkRequest) {
        let request = LinkRequest {
            redirect_uri: self.redirect_uri,
            state: self.state.map(Personal::from),
            code_challenge: self.code_challenge,
            code_challenge_method: self.code_challenge_method,
        };
        (self.provider, request)
    }
}

/// What proves the identity to link: `code`, `codeVerifier` and `redirectUri`, or `linkToken`.
#[derive(GraphQLInputObject)]
pub(super) struct LinkIdentityInput {
    /// The code that was sent to the redirect URI.
    code: Option<String>,
    /// The verifier of the code challenge.
    code_verifier: Option<String>,
    /// The redirect URI to which the code was sent.
    redirect_uri: Option<String>,
    /// The `link_token` of a sign-in that was refused with `link_required`.
    link_token: Option<String>,
}

impl TryFrom<LinkIdentityInput> for LinkProof {
    type Error = Error;

    fn try_from(input: LinkIdentityInput) -> Result<Self, Error> {
        match (input.code, input.code_verifier, input.redirect_uri, input.link_token) {
            (Some(code), Some(verifier), Some(redirect_uri), None) => {
                let (code, code_verifier) = (Secret::new(code), Secret::new(verifier));
                Ok(Self::Code(CodeGrant { code, code_verifier, redirect_uri }))
            }
            (None, None, None, Some(token)) => Ok(Self::Token(Secret::new(token))),
            _ => Err(required("Send code, codeVerifier and redirectUri, or linkToken alone.")),
        }
    }
}

/// An account that an administrator creates.
#[derive(GraphQLInputObject)]
pub(super) struct CreateUserInput {
    /// The e-mail address.
    email: String,
    /// Whether the e-mail address is verified.
    #[graphql(default = false)]
    email_verified: bool,
    /// The password. Without one, nobody can sign in with a password until one is set: the owner is invited to do so.
    password: Option<String>,
    /// Whether the owner must set another password before anything else.
    #[graphql(default = false)]
    must_change_password: bool,
    /// Whether the owner of an account without a password gets a mail to set one.
    #[graphql(default = true)]
    invite: bool,
    /// The username. It is folded to lower case.
    username: Option<String>,
    /// The full name of the owner.
    full_name: Option<String>,
    /// The language of the owner (BCP 47).
    locale: Option<String>,
    /// Roles in addition to `user`, which every account has.
    #[graphql(default = Vec::new())]
    roles: Vec<String>,
    /// Whether the account is enabled.
    #[graphql(default = true)]
    is_active: bool,
    /// The id of the account in the system that it comes from.
    external_id: Option<String>,
}

impl From<CreateUserInput> for NewAccount {
    fn from(input: CreateUserInput) -> Self {
        Self {
            email: input.email.into(),
            email_verified: input.email_verified,
            password: input.password.map(Secret::new),
            must_change_password: input.must_change_password,
            invite: input.invite,
            username: input.username.map(Personal::from),
            full_name: input.full_name.map(Personal::from),
            locale: input.locale,
            roles: input.roles,
            is_active: input.is_active,
            external_id: input.external_id.map(Personal::from),
        }
    }
}

/// What an administrator may change of an account. An absent property does not change; `null` removes its value.
#[derive(GraphQLInputObject)]
pub(super) struct ChangeUserInput {
    /// The e-mail address. A new address is unverified, unless `emailVerified` is sent too.
    email: Option<String>,
    /// Whether the e-mail address is verified.
    email_verified: Option<bool>,
    /// Whether the account is enabled. `false` ends its sessions.
    is_active: Option<bool>,
    /// Whether the owner must set another password before anything else.
    must_change_password: Option<bool>,
    /// The username. It is folded to lower case.
    username: Nullable<String>,
    /// The full name of the owner.
    full_name: Nullable<String>,
    /// The language of the owner (BCP 47).
    locale: Nullable<String>,
    /// The id of the account in the system that it comes from.
    external_id: Nullable<String>,
}

impl From<ChangeUserInput> for AccountChange {
    fn from(input: ChangeUserInput) -> Self {
        let ChangeUserInput { username, full_name, locale, .. } = input;
        Self {
            email: input.email.map(Personal::from),
            email_verified: input.email_verified,
            is_active: input.is_active,
            must_change_password: input.must_change_password,
            external_id: change(input.external_id),
            profile: ChangeOwnAccountInput { username, full_name, locale }.into(),
        }
    }
}

/// A new role.
#[derive(GraphQLInputObject)]
pub(super) struct CreateRoleInput {
    /// The name of the role.
    name: String,
    /// The purpose of the role, for people.
    description: Option<String>,
    /// The permissions of the role.
    #[graphql(default = Vec::new())]
    permissions: Vec<String>,
}

impl From<CreateRoleInput> for NewRole {
    fn from(input: CreateRoleInput) -> Self {
        Self { name: input.name, description: input.description, permissions: input.permissions }
    }
}

/// The new description of a role, if it changes.
pub(super) fn role_change(description: Nullable<String>) -> RoleChange {
    RoleChange { description: change(description) }
}

/// A new permission.
#[derive(GraphQLInputObject)]
pub(super) struct CreatePermissionInput {
    /// The name of the permission.
    name: String,
    /// What the permission allows, for people.
    description: Option<String>,
}

impl From<CreatePermissionInput> for NewPermission {
    fn from(input: CreatePermissionInput) -> Self {
        Self { name: input.name, description: input.description }
    }
}
