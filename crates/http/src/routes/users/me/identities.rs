//! `/users/me/identities`
use super::{Ports, TAG};
use crate::input::{AppId, Body, Id, Require};
use crate::problem::Problem;
use crate::routes::answer;
use crate::wire::{Authorization, IdentityProof, Page};
use actix_web::{HttpResponse, delete, get, post, web};
use doorward_domain::IdentityId;
use doorward_ports::access::policy;
use doorward_ports::inbound::LinkRequest;
use doorward_views::Identity;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_own_identities).service(link_identity).service(begin_link).service(unlink_identity);
}

/// The list is never longer than one page.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The identities at providers that sign in to the account, oldest first.", body = Page<Identity>)),
)]
#[get("/users/me/identities")]
async fn list_own_identities(
    ports: Ports,
    Require(caller, ..): Require<policy::ListOwnIdentities>,
) -> Result<web::Json<Page<Identity>>, Problem> {
    let items = ports.app.identities.own(&caller).await?;
    Ok(web::Json(Page { items: items.into_iter().map(Identity::from).collect(), next_cursor: None }))
}

/// The link is made when the same person redeems the code: `POST /api/v1/users/me/identities`.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, description = "The name of the provider.")),
    request_body = LinkRequest,
    responses((status = 200, description = "The URL to open in a browser.", body = Authorization)),
)]
#[post("/users/me/identities/{id}")]
async fn begin_link(
    ports: Ports,
    Require(caller, (AppId(provider), Body(body)), ..): Require<policy::BeginLink, (AppId, Body<LinkRequest>)>,
) -> Result<web::Json<Authorization>, Problem> {
    Ok(web::Json(ports.app.identities.begin_link(&caller, &provider, body).await?.into()))
}

/// Send `code`, `code_verifier` and `redirect_uri` of an attempt that you have begun for this, or the `link_token` of a
/// sign-in that was refused with `link_required`.
#[utoipa::path(
    tag = TAG,
    request_body = IdentityProof,
    responses((status = 201, description = "The identity is linked.", body = Identity, headers(("Location" = String)))),
)]
#[post("/users/me/identities")]
async fn link_identity(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::LinkIdentity, Body<IdentityProof>>,
) -> Result<HttpResponse, Problem> {
    let identity = ports.app.identities.link(&caller, body.try_into()?).await?;
    Ok(answer::created(&ports, "/api/v1/users/me/identities", &Identity::from(identity), None))
}

/// The sessions that began with it end, except the one of the request.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204, description = "The identity is unlinked.")),
)]
#[delete("/users/me/identities/{id}")]
async fn unlink_identity(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::UnlinkIdentity, Id<IdentityId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.identities.unlink(&caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
