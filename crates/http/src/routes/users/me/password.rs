//! `/users/me/password`
use super::{Ports, TAG};
use crate::input::{Body, Require};
use crate::problem::Problem;
use actix_web::{HttpResponse, post};
use doorward_ports::access::policy;
use doorward_ports::inbound::PasswordChange;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(change_own_password);
}

#[utoipa::path(
    tag = TAG,
    request_body = PasswordChange,
    responses((status = 204, description = "The password was changed, and all other sessions of the account have ended.")),
)]
#[post("/users/me/password")]
async fn change_own_password(
    ports: Ports,
    Require(caller, Body(change), ..): Require<policy::ChangeOwnPassword, Body<PasswordChange>>,
) -> Result<HttpResponse, Problem> {
    ports.app.accounts.change_own_password(&caller, change).await?;
    Ok(HttpResponse::NoContent().finish())
}
