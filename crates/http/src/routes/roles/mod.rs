mod permissions;

use super::{Ports, answer};
use crate::input::{Body, IfMatch, Name, Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use doorward_ports::access::policy;
use doorward_ports::inbound::{NewRole, RoleChange};
use doorward_views::Role;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "roles";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_roles).service(create_role).service(read_role).service(change_role).service(delete_role);
    config.configure(permissions::configure);
}

#[utoipa::path(
    tag = TAG,
    params(PageQuery),
    responses((status = 200, description = "A page of roles, sorted by name.", body = Page<Role>)),
)]
#[get("/roles")]
async fn list_roles(
    ports: Ports,
    Require(caller, Query(page), ..): Require<policy::ListRoles, Query<PageQuery>>,
) -> Result<web::Json<Page<Role>>, Problem> {
    let (cursor, limit) = page.read()?;
    let page = ports.app.roles.list(&caller, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}

#[utoipa::path(
    tag = TAG,
    request_body = NewRole,
    responses((status = 201, description = "The role was created.", body = Role, headers(("Location" = String), ("ETag" = String)))),
)]
#[post("/roles")]
async fn create_role(
    ports: Ports,
    Require(caller, Body(role), ..): Require<policy::CreateRole, Body<NewRole>>,
) -> Result<HttpResponse, Problem> {
    let role = ports.app.roles.create(&caller, role).await?;
    let (path, version) = (format!("/api/v1/roles/{}", role.name), role.version);
    Ok(answer::created(&ports, &path, &Role::from(role), Some(version)))
}

#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path)),
    responses((status = 200, description = "The role.", body = Role, headers(("ETag" = String)))),
)]
#[get("/roles/{name}")]
async fn read_role(
    ports: Ports,
    Require(caller, Name(name), ..): Require<policy::ReadRole, Name>,
) -> Result<HttpResponse, Problem> {
    let role = ports.app.roles.get(&caller, &name).await?;
    let version = role.version;
    Ok(answer::versioned(&Role::from(role), version))
}

/// An absent property does not change. With `If-Match`, the role is changed only if it still has one of these versions.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = RoleChange,
    responses((status = 200, description = "The changed role.", body = Role, headers(("ETag" = String)))),
)]
#[patch("/roles/{name}")]
async fn change_role(
    ports: Ports,
    Require(caller, (Name(name), IfMatch(versions), Body(body)), ..): Require<
        policy::ChangeRole,
        (Name, IfMatch, Body<RoleChange>),
    >,
) -> Result<HttpResponse, Problem> {
    let role = ports.app.roles.change(&caller, &name, body, versions).await?;
    let version = role.version;
    Ok(answer::versioned(&Role::from(role), version))
}

#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path)),
    responses((status = 204, description = "The role was deleted, and revoked from all accounts and client apps.")),
)]
#[delete("/roles/{name}")]
async fn delete_role(
    ports: Ports,
    Require(caller, Name(name), ..): Require<policy::DeleteRole, Name>,
) -> Result<HttpResponse, Problem> {
    ports.app.roles.delete(&caller, &name).await?;
    Ok(HttpResponse::NoContent().finish())
}
