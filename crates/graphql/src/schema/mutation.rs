use super::ids;
use super::inputs::{
    BeginLinkInput, ChangeOwnAccountInput, ChangeOwnPasswordInput, ChangeUserInput, CreatePermissionInput,
    CreateRoleInput, CreateUserInput, LinkIdentityInput, ReauthenticateInput, RegisterInput, ResetPasswordInput,
    SignInInput, VerifySecondFactorInput, role_change,
};
use super::payloads::{
    Authorization, BeginLinkPayload, ConfirmTotpPayload, DonePayload, EnrolTotpPayload, IdentityPayload, MfaChallenge,
    PermissionPayload, RecoveryCodesPayload, RegisterPayload, RolePayload, SignInPayload, SignOutPayload,
    TotpEnrolment, UserPayload, texts,
};
use crate::context::Context;
use crate::refusal::Refusal;
use doorward_domain as domain;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ConfirmedFactor, MailRequest, Registered, TokenPair};
use doorward_ports::{Caller, Error, ErrorCode, ErrorKind, Result as Told, Secret};
use juniper::{ID, Nullable, graphql_object};

/// A payload; or null and an error of the answer.
type Answer<P> = Result<Option<P>, Refusal>;

/// What can be changed. Each mutation has the name of its operation.
pub(crate) struct Mutation;

#[graphql_object(context = Context)]
impl Mutation {
    /// Register an account.
    async fn register(context: &Context, input: RegisterInput) -> Answer<RegisterPayload> {
        let caller = context.admit(Operation::Register).await?;
        let result = context.ports.accounts.register(&caller, input.into()).await;
        context.payload(result, |registered| match registered {
            Registered::Created(user) => RegisterPayload { user: Some((*user).into()), ..accepted() },
            Registered::Accepted => accepted(),
        })
    }

    /// Sign in with a password.
    async fn sign_in(context: &Context, input: SignInInput) -> Answer<SignInPayload> {
        let caller = context.admit(Operation::SignIn).await?;
        let result = context.ports.authentication.sign_in(&caller, input.into()).await;
        signed_in(context, result)
    }

    /// Sign in: verify the second factor.
    async fn verify_second_factor(context: &Context, input: VerifySecondFactorInput) -> Answer<SignInPayload> {
        let caller = context.admit(Operation::VerifySecondFactor).await?;
        let result = async { context.ports.second_factors.verify(&caller, input.try_into()?).await };
        signed_in(context, result.await)
    }

    /// Authenticate again within the same session (step-up).
    async fn reauthenticate(context: &Context, input: ReauthenticateInput) -> Answer<SignInPayload> {
        let caller = context.admit(Operation::Reauthenticate).await?;
        let result = async { context.ports.authentication.reauthenticate(&caller, input.try_into()?).await };
        signed_in(context, result.await)
    }

    /// Exchange a refresh token for the next pair of tokens. It may be absent if it is in a cookie.
    async fn refresh(context: &Context, refresh_token: Option<String>) -> Answer<SignInPayload> {
        let caller = context.admit(Operation::Refresh).await?;
        let by_cookie = refresh_token.is_none() && context.visitor.refresh_token.is_some();
        let result = async {
            let token = shown(context, refresh_token).ok_or_else(no_token)?;
            context.ports.authentication.refresh(&caller, token).await
        };
        signed_in(context, forgetting(context, by_cookie, result.await))
    }

    /// Sign out: end the session of the refresh token or, without one, of the access token. With `providerSignOut`, the payload
    /// contains the URL at which the owner signs out at the provider of the session too.
    async fn sign_out(
        context: &Context,
        refresh_token: Option<String>,
        #[graphql(default = false)] provider_sign_out: bool,
        post_logout_redirect_uri: Option<String>,
    ) -> Answer<SignOutPayload> {
        let by_cookie = refresh_token.is_none() && !context.visitor.by_header;
        let token = if by_cookie { shown(context, None) } else { refresh_token.map(Secret::new) };
        // An expired access token must not prevent its owner from ending the session.
        let caller = match &token {
            Some(_) => context.admit_without_token(Operation::SignOut).await?,
            None => context.admit(Operation::SignOut).await?,
        };
        let return_to = provider_sign_out.then_some(post_logout_redirect_uri);
        let result = sign_out(context, &caller, token, return_to).await;
        context.payload(forgetting(context, by_cookie, result), |provider_sign_out_url| {
            context.note().signed_out |= by_cookie;
            SignOutPayload { done: Some(true), provider_sign_out_url, ..SignOutPayload::default() }
        })
    }

    /// Send the link to verify an e-mail address again.
    async fn resend_verification(context: &Context, email: String) -> Answer<DonePayload> {
        let caller = context.admit(Operation::ResendVerification).await?;
        let result = context.ports.owner_mails.resend_verification(&caller, mail(email)).await;
        context.payload(result, done)
    }

    /// Verify an e-mail address with the token from a mail.
    async fn verify_email(context: &Context, token: String) -> Answer<DonePayload> {
        let caller = context.admit(Operation::VerifyEmail).await?;
        let result = context.ports.owner_mails.verify_email(&caller, Secret::new(token)).await;
        context.payload(result, done)
    }

    /// Send a link to set a new password.
    async fn forgot_password(context: &Context, email: String) -> Answer<DonePayload> {
        let caller = context.admit(Operation::ForgotPassword).await?;
        let result = context.ports.owner_mails.forgot_password(&caller, mail(email)).await;
        context.payload(result, done)
    }

    /// Set a new password with the token from a mail.
    async fn reset_password(context: &Context, input: ResetPasswordInput) -> Answer<DonePayload> {
        let caller = context.admit(Operation::ResetPassword).await?;
        let result = context.ports.owner_mails.reset_password(&caller, input.into()).await;
        context.payload(result, done)
    }

    /// Report, with the token from a mail, that somebody else uses the account.
    async fn report_takeover(context: &Context, token: String) -> Answer<DonePayload> {
        let caller = context.admit(Operation::ReportTakeover).await?;
        let result = context.ports.owner_mails.report_takeover(&caller, Secret::new(token)).await;
        context.payload(result, done)
    }

    /// Change your own username, full name or language.
    async fn change_own_account(context: &Context, input: ChangeOwnAccountInput) -> Answer<UserPayload> {
        let caller = context.admit(Operation::ChangeOwnAccount).await?;
        let result = context.ports.accounts.change_own(&caller, input.into(), None).await;
        context.payload(result, of_user)
    }

    /// Delete your own account.
    async fn delete_own_account(context: &Context) -> Answer<DonePayload> {
        let caller = context.admit(Operation::DeleteOwnAccount).await?;
        let result = context.ports.accounts.delete_own(&caller).await;
        context.payload(result, done)
    }

    /// Change your own password. All your other sessions end.
    async fn change_own_password(context: &Context, input: ChangeOwnPasswordInput) -> Answer<DonePayload> {
        let caller = context.admit(Operation::ChangeOwnPassword).await?;
        let result = context.ports.accounts.change_own_password(&caller, input.into()).await;
        context.payload(result, done)
    }

    /// Ask for another e-mail address of your account.
    async fn change_own_email(context: &Context, email: String) -> Answer<DonePayload> {
        let caller = context.admit(Operation::ChangeOwnEmail).await?;
        let result = context.ports.owner_mails.change_own_email(&caller, mail(email)).await;
        context.payload(result, done)
    }

    /// End one of your own sessions.
    async fn end_own_session(context: &Context, id: ID) -> Answer<DonePayload> {
        let caller = context.admit(Operation::EndOwnSession).await?;
        let result = async {
            let id: domain::SessionId = ids::parse(&id, ErrorCode::SessionNotFound)?;
            context.ports.sessions.end_own(&caller, id).await
        };
        context.payload(result.await, done)
    }

    /// End all your own sessions except the current one.
    async fn end_own_other_sessions(context: &Context) -> Answer<DonePayload> {
        let caller = context.admit(Operation::EndOwnOtherSessions).await?;
        let result = context.ports.sessions.end_own_others(&caller).await;
        context.payload(result, done)
    }

    /// Begin to link an identity at a provider to your account.
    async fn begin_link(context: &Context, input: BeginLinkInput) -> Answer<BeginLinkPayload> {
        let caller = context.admit(Operation::BeginLink).await?;
        let (provider, request) = input.into_parts();
        let result = context.ports.identities.begin_link(&caller, &provider, request).await;
        context.payload(result, |begun| BeginLinkPayload {
            authorization: Some(Authorization::from(begun)),
            ..BeginLinkPayload::default()
        })
    }

    /// Link an identity at a provider to your account.
    async fn link_identity(context: &Context, input: LinkIdentityInput) -> Answer<IdentityPayload> {
        let caller = context.admit(Operation::LinkIdentity).await?;
        let result = async { context.ports.identities.link(&caller, input.try_into()?).await };
        context.payload(result.await, |identity| IdentityPayload {
            identity: Some(identity.into()),
            ..IdentityPayload::default()
        })
    }

    /// Unlink an identity at a provider from your account.
    async fn unlink_identity(context: &Context, id: ID) -> Answer<DonePayload> {
        let caller = context.admit(Operation::UnlinkIdentity).await?;
        let result = async {
            let id: domain::IdentityId = ids::parse(&id, ErrorCode::IdentityNotFound)?;
            context.ports.identities.unlink(&caller, id).await
        };
        context.payload(result.await, done)
    }

    /// Begin to enrol an authenticator as a second factor of your account.
    async fn enrol_totp(context: &Context, name: Option<String>) -> Answer<EnrolTotpPayload> {
        let caller = context.admit(Operation::EnrolTotp).await?;
        let result = context.ports.second_factors.enrol_totp(&caller, name).await;
        context.payload(result, |enrolled| EnrolTotpPayload {
            enrolment: Some(TotpEnrolment::from(enrolled)),
            ..EnrolTotpPayload::default()
        })
    }

    /// Confirm an authenticator with its first code.
    async fn confirm_totp(context: &Context, id: ID, code: String) -> Answer<ConfirmTotpPayload> {
        let caller = context.admit(Operation::ConfirmTotp).await?;
        let result = async {
            let id: domain::FactorId = ids::parse(&id, ErrorCode::FactorNotFound)?;
            context.ports.second_factors.confirm_totp(&caller, id, Secret::new(code)).await
        };
        context.payload(result.await, confirmed)
    }

    /// Delete a second factor of your account.
    async fn delete_factor(context: &Context, id: ID) -> Answer<DonePayload> {
        let caller = context.admit(Operation::DeleteFactor).await?;
        let result = async {
            let id: domain::FactorId = ids::parse(&id, ErrorCode::FactorNotFound)?;
            context.ports.second_factors.delete_own(&caller, id).await
        };
        context.payload(result.await, done)
    }

    /// Replace the recovery codes of your account.
    async fn replace_recovery_codes(context: &Context) -> Answer<RecoveryCodesPayload> {
        let caller = context.admit(Operation::ReplaceRecoveryCodes).await?;
        let result = context.ports.second_factors.replace_recovery_codes(&caller).await;
        context.payload(result, |codes| RecoveryCodesPayload {
            recovery_codes: Some(texts(codes)),
            ..RecoveryCodesPayload::default()
        })
    }

    /// Create an account for somebody else.
    async fn create_user(context: &Context, input: CreateUserInput) -> Answer<UserPayload> {
        let caller = context.admit(Operation::CreateUser).await?;
        let result = context.ports.accounts.create(&caller, input.into()).await;
        context.payload(result, of_user)
    }

    /// Change, disable or enable an account.
    async fn change_user(context: &Context, id: ID, input: ChangeUserInput) -> Answer<UserPayload> {
        let caller = context.admit(Operation::ChangeUser).await?;
        let result = async {
            let id: domain::UserId = ids::parse(&id, ErrorCode::UserNotFound)?;
            context.ports.accounts.change(&caller, id, input.into(), None).await
        };
        context.payload(result.await, of_user)
    }

    /// Delete an account.
    async fn delete_user(context: &Context, id: ID) -> Answer<DonePayload> {
        let caller = context.admit(Operation::DeleteUser).await?;
        let result = async {
            let id: domain::UserId = ids::parse(&id, ErrorCode::UserNotFound)?;
            context.ports.accounts.delete(&caller, id).await
        };
        context.payload(result.await, done)
    }

    /// Unlock an account that too many wrong passwords have locked.
    async fn unlock_user(context: &Context, id: ID) -> Answer<DonePayload> {
        let caller = context.admit(Operation::UnlockUser).await?;
        let result = async {
            let id: domain::UserId = ids::parse(&id, ErrorCode::UserNotFound)?;
            context.ports.accounts.unlock(&caller, id).await
        };
        context.payload(result.await, done)
    }

    /// Delete all second factors of an account, whose owner has lost them.
    async fn reset_user_factors(context: &Context, id: ID) -> Answer<DonePayload> {
        let caller = context.admit(Operation::ResetUserFactors).await?;
        let result = async {
            let id: domain::UserId = ids::parse(&id, ErrorCode::UserNotFound)?;
            context.ports.second_factors.reset(&caller, id).await
        };
        context.payload(result.await, done)
    }

    /// Grant a role to an account.
    async fn grant_role(context: &Context, id: ID, role: String) -> Answer<UserPayload> {
        let caller = context.admit(Operation::GrantRole).await?;
        let result = async {
            let id: domain::UserId = ids::parse(&id, ErrorCode::UserNotFound)?;
            context.ports.accounts.grant_role(&caller, id, &role).await
        };
        context.payload(result.await, of_user)
    }

    /// Revoke a role from an account.
    async fn revoke_role(context: &Context, id: ID, role: String) -> Answer<UserPayload> {
        let caller = context.admit(Operation::RevokeRole).await?;
        let result = async {
            let id: domain::UserId = ids::parse(&id, ErrorCode::UserNotFound)?;
            context.ports.accounts.revoke_role(&caller, id, &role).await
        };
        context.payload(result.await, of_user)
    }

    /// End all sessions of an account.
    async fn end_user_sessions(context: &Context, id: ID) -> Answer<DonePayload> {
        let caller = context.admit(Operation::EndUserSessions).await?;
        let result = async {
            let id: domain::UserId = ids::parse(&id, ErrorCode::UserNotFound)?;
            context.ports.sessions.end_of_user(&caller, id).await
        };
        context.payload(result.await, done)
    }

    /// Create a role.
    async fn create_role(context: &Context, input: CreateRoleInput) -> Answer<RolePayload> {
        let caller = context.admit(Operation::CreateRole).await?;
        let result = context.ports.roles.create(&caller, input.into()).await;
        context.payload(result, of_role)
    }

    /// Change the description of a role; `null` removes it.
    async fn change_role(context: &Context, name: String, description: Nullable<String>) -> Answer<RolePayload> {
        let caller = context.admit(Operation::ChangeRole).await?;
        let result = context.ports.roles.change(&caller, &name, role_change(description), None).await;
        context.payload(result, of_role)
    }

    /// Delete a role.
    async fn delete_role(context: &Context, name: String) -> Answer<DonePayload> {
        let caller = context.admit(Operation::DeleteRole).await?;
        let result = context.ports.roles.delete(&caller, &name).await;
        context.payload(result, done)
    }

    /// Grant a permission to a role.
    async fn grant_permission(context: &Context, role: String, permission: String) -> Answer<RolePayload> {
        let caller = context.admit(Operation::GrantPermission).await?;
        let result = context.ports.roles.grant_permission(&caller, &role, &permission).await;
        context.payload(result, of_role)
    }

    /// Revoke a permission from a role.
    async fn revoke_permission(context: &Context, role: String, permission: String) -> Answer<RolePayload> {
        let caller = context.admit(Operation::RevokePermission).await?;
        let result = context.ports.roles.revoke_permission(&caller, &role, &permission).await;
        context.payload(result, of_role)
    }

    /// Create a permission.
    async fn create_permission(context: &Context, input: CreatePermissionInput) -> Answer<PermissionPayload> {
        let caller = context.admit(Operation::CreatePermission).await?;
        let result = context.ports.roles.create_permission(&caller, input.into()).await;
        context.payload(result, |permission| PermissionPayload {
            permission: Some(permission.into()),
            ..PermissionPayload::default()
        })
    }

    /// Delete a permission.
    async fn delete_permission(context: &Context, name: String) -> Answer<DonePayload> {
        let caller = context.admit(Operation::DeletePermission).await?;
        let result = context.ports.roles.delete_permission(&caller, &name).await;
        context.payload(result, done)
    }
}

fn done((): ()) -> DonePayload {
    DonePayload { done: Some(true), ..DonePayload::default() }
}

fn accepted() -> RegisterPayload {
    RegisterPayload { accepted: Some(true), ..RegisterPayload::default() }
}

fn of_user(user: domain::User) -> UserPayload {
    UserPayload { user: Some(user.into()), ..UserPayload::default() }
}

fn of_role(role: domain::Role) -> RolePayload {
    RolePayload { role: Some(role.into()), ..RolePayload::default() }
}

fn confirmed(confirmed: ConfirmedFactor) -> ConfirmTotpPayload {
    let recovery_codes = confirmed.recovery_codes.map(texts);
    ConfirmTotpPayload { factor: Some(confirmed.factor.into()), recovery_codes, ..ConfirmTotpPayload::default() }
}

fn mail(email: String) -> MailRequest {
    MailRequest { email: email.into() }
}

/// A sign-in that needs a second factor is refused, and says how it continues.
fn signed_in(context: &Context, result: Told<TokenPair>) -> Answer<SignInPayload> {
    let mfa = result.as_ref().err().and_then(|refusal| refusal.mfa.as_deref()).map(MfaChallenge::from);
    let payload = context.payload(result, |pair| SignInPayload::of_tokens(context, pair))?;
    Ok(payload.map(|payload| SignInPayload { mfa, ..payload }))
}

/// The refresh token of the document, or otherwise of the request.
fn shown(context: &Context, refresh_token: Option<String>) -> Option<Secret> {
    refresh_token.map(Secret::new).or_else(|| context.visitor.refresh_token.clone())
}

fn no_token() -> Error {
    let detail = "There is no refresh token in the document, and no cookie with a valid one. Sign in again.";
    Error::new(ErrorCode::AuthenticationRequired, detail)
}

/// A refused token in a cookie is of no use any more.
fn forgetting<T>(context: &Context, by_cookie: bool, result: Told<T>) -> Told<T> {
    let refused = result.as_ref().is_err_and(|refusal| refusal.kind() == ErrorKind::Unauthenticated);
    context.note().signed_out |= by_cookie && refused;
    result
}

async fn sign_out(
    context: &Context,
    caller: &Caller,
    token: Option<Secret>,
    return_to: Option<Option<String>>,
) -> Told<Option<String>> {
    let authentication = &context.ports.authentication;
    match return_to {
        None => authentication.sign_out(caller, token).await.map(|()| None),
        Some(return_to) => authentication.sign_out_at_provider(caller, token, return_to).await,
    }
}
