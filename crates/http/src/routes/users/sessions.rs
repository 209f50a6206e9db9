//! `/users/{id}/sessions`
use super::{Ports, TAG};
use crate::input::{Id, Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery};
use actix_web::{HttpResponse, delete, get, web};
use doorward_domain::UserId;
use doorward_ports::access::policy;
use doorward_views::Session;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_user_sessions).service(end_user_sessions);
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid), PageQuery),
    responses((status = 200, description = "A page of live sessions, newest first.", body = Page<Session>)),
)]
#[get("/users/{id}/sessions")]
async fn list_user_sessions(
    ports: Ports,
    Require(caller, (Id(id), Query(page)), ..): Require<policy::ListUserSessions, (Id<UserId>, Query<PageQuery>)>,
) -> Result<web::Json<Page<Session>>, Problem> {
    let (cursor, limit) = page.read()?;
    let page = ports.app.sessions.of_user(&caller, id, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204, description = "All sessions of the account have ended.")),
)]
#[delete("/users/{id}/sessions")]
async fn end_user_sessions(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::EndUserSessions, Id<UserId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.sessions.end_of_user(&caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
