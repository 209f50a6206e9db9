//! `/users/me/sessions`
use super::{Ports, TAG};
use crate::input::{Id, Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery};
use actix_web::{HttpResponse, delete, get, web};
use doorward_domain::SessionId;
use doorward_ports::access::policy;
use doorward_views::Session;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_own_sessions).service(end_own_other_sessions).service(end_own_session);
}

#[utoipa::path(
    tag = TAG,
    params(PageQuery),
    responses((status = 200, description = "A page of live sessions, newest first.", body = Page<Session>)),
)]
#[get("/users/me/sessions")]
async fn list_own_sessions(
    ports: Ports,
    Require(caller, Query(page), ..): Require<policy::ListOwnSessions, Query<PageQuery>>,
) -> Result<web::Json<Page<Session>>, Problem> {
    let (cursor, limit) = page.read()?;
    let page = ports.app.sessions.own(&caller, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}

#[utoipa::path(tag = TAG, responses((status = 204, description = "All other sessions of the account have ended.")))]
#[delete("/users/me/sessions")]
async fn end_own_other_sessions(
    ports: Ports,
    Require(caller, ..): Require<policy::EndOwnOtherSessions>,
) -> Result<HttpResponse, Problem> {
    ports.app.sessions.end_own_others(&caller).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204, description = "The session has ended on all nodes.")),
)]
#[delete("/users/me/sessions/{id}")]
async fn end_own_session(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::EndOwnSession, Id<SessionId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.sessions.end_own(&caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
