//! `/users/{id}/roles/{role}`
use super::{Ports, TAG, answer};
use crate::input::{Require, UserAndRole};
use crate::problem::Problem;
use actix_web::{HttpResponse, delete, put};
use doorward_ports::access::policy;
use doorward_views::User;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(grant_role).service(revoke_role);
}

/// If the account already has the role, nothing changes.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid), ("role" = String, Path)),
    responses((status = 200, description = "The account, which has the role.", body = User, headers(("ETag" = String)))),
)]
#[put("/users/{id}/roles/{role}")]
async fn grant_role(
    ports: Ports,
    Require(caller, UserAndRole(id, role), ..): Require<policy::GrantRole, UserAndRole>,
) -> Result<HttpResponse, Problem> {
    let user = ports.app.accounts.grant_role(&caller, id, &role).await?;
    let version = user.version;
    Ok(answer::versioned(&User::from(user), version))
}

/// If the account does not have the role, nothing changes.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid), ("role" = String, Path)),
    responses((status = 204, description = "The account does not have the role.")),
)]
#[delete("/users/{id}/roles/{role}")]
async fn revoke_role(
    ports: Ports,
    Require(caller, UserAndRole(id, role), ..): Require<policy::RevokeRole, UserAndRole>,
) -> Result<HttpResponse, Problem> {
    ports.app.accounts.revoke_role(&caller, id, &role).await?;
    Ok(HttpResponse::NoContent().finish())
}
