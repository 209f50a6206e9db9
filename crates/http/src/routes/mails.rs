//! `/auth/email/…`, `/auth/password/…`: what owners do with the links of mails.
use super::Ports;
use crate::input::{Body, Require};
use crate::problem::Problem;
use actix_web::{HttpResponse, post};
use doorward_ports::access::policy;
use doorward_ports::inbound::{MailRequest, PasswordReset, ShownMailToken};
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "auth";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(resend_verification)
        .service(verify_email)
        .service(report_takeover)
        .service(forgot_password)
        .service(reset_password);
}

/// The answer, and the time that it takes, does not tell whether there is such an account, or whether its address is
/// verified already.
#[utoipa::path(
    tag = TAG,
    request_body = MailRequest,
    responses((status = 202, description = "The request was accepted. If there is an account with this address, and it is not verified, a mail with a link is sent to it.")),
)]
#[post("/auth/email/resend")]
async fn resend_verification(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::ResendVerification, Body<MailRequest>>,
) -> Result<HttpResponse, Problem> {
    ports.app.owner_mails.resend_verification(&caller, body).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// The token is spent by this request, and never by opening the link. A token for a new address (`/users/me/email`) is sent
/// here as well: the address of the account changes now.
#[utoipa::path(
    tag = TAG,
    request_body = ShownMailToken,
    responses((status = 204, description = "The address is verified.")),
)]
#[post("/auth/email/verify")]
async fn verify_email(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::VerifyEmail, Body<ShownMailToken>>,
) -> Result<HttpResponse, Problem> {
    ports.app.owner_mails.verify_email(&caller, body.token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// "This wasn't me": all sessions of the account end, its password is removed, and a mail with a link to set a new one is
/// sent. If the address of the account was changed, the account is given back to the address that the mail was sent to.
#[utoipa::path(
    tag = TAG,
    request_body = ShownMailToken,
    responses((status = 204, description = "All sessions of the account have ended, and a mail with a link to set a new password is sent.")),
)]
#[post("/auth/email/report")]
async fn report_takeover(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::ReportTakeover, Body<ShownMailToken>>,
) -> Result<HttpResponse, Problem> {
    ports.app.owner_mails.report_takeover(&caller, body.token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The answer, and the time that it takes, does not tell whether there is such an account.
#[utoipa::path(
    tag = TAG,
    request_body = MailRequest,
    responses((status = 202, description = "The request was accepted. If there is an account with this address, a mail with a link is sent to it.")),
)]
#[post("/auth/password/forgot")]
async fn forgot_password(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::ForgotPassword, Body<MailRequest>>,
) -> Result<HttpResponse, Problem> {
    ports.app.owner_mails.forgot_password(&caller, body).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// All sessions of the account end. A password that is refused does not spend the token. If nobody had verified the address
/// before, it is verified now, and linked identities are removed: somebody else may have created the account. The token of an
/// invitation is sent here as well.
#[utoipa::path(
    tag = TAG,
    request_body = PasswordReset,
    responses((status = 204, description = "The password was set, and all sessions of the account have ended.")),
)]
#[post("/auth/password/reset")]
async fn reset_password(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::ResetPassword, Body<PasswordReset>>,
) -> Result<HttpResponse, Problem> {
    ports.app.owner_mails.reset_password(&caller, body).await?;
    Ok(HttpResponse::NoContent().finish())
}
