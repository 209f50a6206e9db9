use super::{Ports, answer};
use crate::input::{AppId, Body, IfMatch, Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use doorward_ports::access::policy;
use doorward_ports::inbound::{ClientAppChange, NewClientApp};
use doorward_views::{ClientApp, ClientAppWithSecret};
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "client-apps";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_client_apps).service(create_client_app).service(read_client_app);
    config.service(change_client_app).service(delete_client_app).service(rotate_client_secret);
}

#[utoipa::path(
    tag = TAG,
    params(PageQuery),
    responses((status = 200, description = "A page of client apps, sorted by id.", body = Page<ClientApp>)),
)]
#[get("/client-apps")]
async fn list_client_apps(
    ports: Ports,
    Require(caller, Query(page), ..): Require<policy::ListClientApps, Query<PageQuery>>,
) -> Result<web::Json<Page<ClientApp>>, Problem> {
    let (cursor, limit) = page.read()?;
    let page = ports.app.client_apps.list(&caller, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}

/// A confidential client app gets a secret, which only this answer contains.
#[utoipa::path(
    tag = TAG,
    request_body = NewClientApp,
    responses((
        status = 201,
        description = "The client app was created.",
        body = ClientAppWithSecret,
        headers(("Location" = String), ("ETag" = String)),
    )),
)]
#[post("/client-apps")]
async fn create_client_app(
    ports: Ports,
    Require(caller, Body(app), ..): Require<policy::CreateClientApp, Body<NewClientApp>>,
) -> Result<HttpResponse, Problem> {
    let made = ports.app.client_apps.create(&caller, app).await?;
    let (path, version) = (format!("/api/v1/client-apps/{}", made.app.id), made.app.version);
    Ok(answer::created(&ports, &path, &ClientAppWithSecret::from(made), Some(version)))
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path)),
    responses((status = 200, description = "The client app.", body = ClientApp, headers(("ETag" = String)))),
)]
#[get("/client-apps/{id}")]
async fn read_client_app(
    ports: Ports,
    Require(caller, AppId(id), ..): Require<policy::ReadClientApp, AppId>,
) -> Result<HttpResponse, Problem> {
    let app = ports.app.client_apps.get(&caller, &id).await?;
    let version = app.version;
    Ok(answer::versioned(&ClientApp::from(app), version))
}

/// An absent property does not change. With `If-Match`, the client app is changed only if it still has one of these
/// versions. Disabling a client app ends its own tokens and the sessions for it.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = ClientAppChange,
    responses((status = 200, description = "The changed client app.", body = ClientApp, headers(("ETag" = String)))),
)]
#[patch("/client-apps/{id}")]
async fn change_client_app(
    ports: Ports,
    Require(caller, (AppId(id), IfMatch(versions), Body(body)), ..): Require<
        policy::ChangeClientApp,
        (AppId, IfMatch, Body<ClientAppChange>),
    >,
) -> Result<HttpResponse, Problem> {
    let app = ports.app.client_apps.change(&caller, &id, body, versions).await?;
    let version = app.version;
    Ok(answer::versioned(&ClientApp::from(app), version))
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path)),
    responses((status = 204, description = "The client app was deleted. Its own tokens and the sessions for it have ended.")),
)]
#[delete("/client-apps/{id}")]
async fn delete_client_app(
    ports: Ports,
    Require(caller, AppId(id), ..): Require<policy::DeleteClientApp, AppId>,
) -> Result<HttpResponse, Problem> {
    ports.app.client_apps.delete(&caller, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The old secret is refused at once; tokens that were already issued stay valid. Only this answer contains the new
/// secret.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path)),
    responses((status = 200, description = "The client app with its new secret.", body = ClientAppWithSecret)),
)]
#[post("/client-apps/{id}/rotate-secret")]
async fn rotate_client_secret(
    ports: Ports,
    Require(caller, AppId(id), ..): Require<policy::RotateClientSecret, AppId>,
) -> Result<web::Json<ClientAppWithSecret>, Problem> {
    let rotated = ports.app.client_apps.rotate_secret(&caller, &id).await?;
    Ok(web::Json(rotated.into()))
}
