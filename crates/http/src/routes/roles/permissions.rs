//! `/roles/{name}/permissions/{permission}`
use super::{Ports, TAG, answer};
use crate::input::{Require, RoleAndPermission};
use crate::problem::Problem;
use actix_web::{HttpResponse, delete, put};
use doorward_ports::access::policy;
use doorward_views::Role;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(grant_permission).service(revoke_permission);
}

/// If the role already has the permission, nothing changes.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path), ("permission" = String, Path, min_length = 1)),
    responses((status = 200, description = "The role, which has the permission.", body = Role, headers(("ETag" = String)))),
)]
#[put("/roles/{name}/permissions/{permission}")]
async fn grant_permission(
    ports: Ports,
    Require(caller, RoleAndPermission(name, permission), ..): Require<policy::GrantPermission, RoleAndPermission>,
) -> Result<HttpResponse, Problem> {
    let role = ports.app.roles.grant_permission(&caller, &name, &permission).await?;
    let version = role.version;
    Ok(answer::versioned(&Role::from(role), version))
}

/// If the role does not have the permission, nothing changes.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path), ("permission" = String, Path, min_length = 1)),
    responses((status = 204, description = "The role does not have the permission.")),
)]
#[delete("/roles/{name}/permissions/{permission}")]
async fn revoke_permission(
    ports: Ports,
    Require(caller, RoleAndPermission(name, permission), ..): Require<policy::RevokePermission, RoleAndPermission>,
) -> Result<HttpResponse, Problem> {
    ports.app.roles.revoke_permission(&caller, &name, &permission).await?;
    Ok(HttpResponse::NoContent().finish())
}
