//! `/users/{id}/mfa`
use super::{Ports, TAG};
use crate::input::{Id, Require};
use crate::problem::Problem;
use actix_web::{HttpResponse, delete};
use doorward_domain::UserId;
use doorward_ports::access::policy;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(reset_user_factors);
}

/// For an owner who has lost them. Make sure that it is the owner who asks for it: from now on, the password is enough.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204, description = "The account has no second factor and no recovery codes.")),
)]
#[delete("/users/{id}/mfa")]
async fn reset_user_factors(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::ResetUserFactors, Id<UserId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.second_factors.reset(&caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
