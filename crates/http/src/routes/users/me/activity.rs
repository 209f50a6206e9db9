//! `/users/me/activity`
use super::{Ports, TAG};
use crate::input::{Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery};
use actix_web::{get, web};
use doorward_ports::access::policy;
use doorward_views::Activity;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_own_activity);
}

/// These are lines of the audit log. Where another user, a client app or the operator acted, neither their id nor the
/// origin of their request is shown.
#[utoipa::path(
    tag = TAG,
    params(PageQuery),
    responses((status = 200, description = "A page of acts, newest first.", body = Page<Activity>)),
)]
#[get("/users/me/activity")]
async fn list_own_activity(
    ports: Ports,
    Require(caller, Query(page), ..): Require<policy::ListOwnActivity, Query<PageQuery>>,
) -> Result<web::Json<Page<Activity>>, Problem> {
    let (cursor, limit) = page.read()?;
    let page = ports.app.audit_trail.own(&caller, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}
