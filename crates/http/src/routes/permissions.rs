use super::{Ports, answer};
use crate::input::{Body, Name, Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery};
use actix_web::{HttpResponse, delete, get, post, web};
use doorward_ports::access::policy;
use doorward_ports::inbound::NewPermission;
use doorward_views::Permission;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "permissions";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_permissions).service(create_permission).service(delete_permission);
}

#[utoipa::path(
    tag = TAG,
    params(PageQuery),
    responses((status = 200, description = "A page of permissions, sorted by name.", body = Page<Permission>)),
)]
#[get("/permissions")]
async fn list_permissions(
    ports: Ports,
    Require(caller, Query(page), ..): Require<policy::ListPermissions, Query<PageQuery>>,
) -> Result<web::Json<Page<Permission>>, Problem> {
    let (cursor, limit) = page.read()?;
    let page = ports.app.roles.list_permissions(&caller, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}

/// The role `admin` has all permissions, and gets the new one.
#[utoipa::path(
    tag = TAG,
    request_body = NewPermission,
    responses((status = 201, description = "The permission was created.", body = Permission, headers(("Location" = String)))),
)]
#[post("/permissions")]
async fn create_permission(
    ports: Ports,
    Require(caller, Body(permission), ..): Require<policy::CreatePermission, Body<NewPermission>>,
) -> Result<HttpResponse, Problem> {
    let entry = ports.app.roles.create_permission(&caller, permission).await?;
    let path = format!("/api/v1/permissions/{}", entry.name);
    Ok(answer::created(&ports, &path, &Permission::from(entry), None))
}

#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path)),
    responses((status = 204, description = "The permission was deleted, and revoked from all roles.")),
)]
#[delete("/permissions/{name}")]
async fn delete_permission(
    ports: Ports,
    Require(caller, Name(name), ..): Require<policy::DeletePermission, Name>,
) -> Result<HttpResponse, Problem> {
    ports.app.roles.delete_permission(&caller, &name).await?;
    Ok(HttpResponse::NoContent().finish())
}
