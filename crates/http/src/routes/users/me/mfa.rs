//! `/users/me/mfa`
use super::{Ports, TAG};
use crate::input::{Body, Id, OptionalBody, Require};
use crate::problem::Problem;
use crate::routes::answer;
use crate::wire::{Confirmed, Factors, NewTotp, RecoveryCodes, TotpConfirmation, TotpEnrolment};
use actix_web::{HttpResponse, delete, get, post, web};
use doorward_domain::FactorId;
use doorward_ports::access::policy;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_own_factors)
        .service(enrol_totp)
        .service(confirm_totp)
        .service(replace_recovery_codes)
        .service(delete_factor);
}

#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The second factors of the account.", body = Factors)),
)]
#[get("/users/me/mfa")]
async fn list_own_factors(
    ports: Ports,
    Require(caller, ..): Require<policy::ListOwnFactors>,
) -> Result<web::Json<Factors>, Problem> {
    Ok(web::Json(ports.app.second_factors.own(&caller).await?.into()))
}

/// The authenticator is asked for after it is confirmed with its first code, within 15 minutes. An enrolment that the
/// account has begun before is given up.
#[utoipa::path(
    tag = TAG,
    request_body = Option<NewTotp>,
    responses((status = 201, description = "The enrolment has begun.", body = TotpEnrolment, headers(("Location" = String)))),
)]
#[post("/users/me/mfa/totp")]
async fn enrol_totp(
    ports: Ports,
    Require(caller, OptionalBody(body), ..): Require<policy::EnrolTotp, OptionalBody<NewTotp>>,
) -> Result<HttpResponse, Problem> {
    let enrolled = ports.app.second_factors.enrol_totp(&caller, body.name).await?;
    let body = TotpEnrolment::try_from(enrolled)?;
    Ok(answer::created(&ports, "/api/v1/users/me/mfa", &body, None))
}

/// From now on, a sign-in asks for a code. With the first factor of the account, its other sessions end, and the answer
/// contains the recovery codes. The next access token of the session states the new assurance level.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    request_body = TotpConfirmation,
    responses((status = 200, description = "The factor is confirmed.", body = Confirmed)),
)]
#[post("/users/me/mfa/totp/{id}/confirm")]
async fn confirm_totp(
    ports: Ports,
    Require(caller, (Id(id), Body(body)), ..): Require<policy::ConfirmTotp, (Id<FactorId>, Body<TotpConfirmation>)>,
) -> Result<web::Json<Confirmed>, Problem> {
    Ok(web::Json(ports.app.second_factors.confirm_totp(&caller, id, body.code).await?.into()))
}

/// The earlier recovery codes become invalid.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The new recovery codes.", body = RecoveryCodes)),
)]
#[post("/users/me/mfa/recovery-codes")]
async fn replace_recovery_codes(
    ports: Ports,
    Require(caller, ..): Require<policy::ReplaceRecoveryCodes>,
) -> Result<web::Json<RecoveryCodes>, Problem> {
    Ok(web::Json(ports.app.second_factors.replace_recovery_codes(&caller).await?.into()))
}

/// With the last factor, the recovery codes are deleted too.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204, description = "The factor is deleted.")),
)]
#[delete("/users/me/mfa/{id}")]
async fn delete_factor(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::DeleteFactor, Id<FactorId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.second_factors.delete_own(&caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
