//! `/providers`
use super::{Ports, answer};
use crate::input::{Body, IfMatch, Name, Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, PageQuery, ProviderRemoval};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use doorward_ports::access::policy;
use doorward_ports::inbound::{NewProvider, ProviderChange, RegisteredProvider};
use doorward_views::{Provider, ProviderTest};
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "providers";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_providers).service(create_provider).service(read_provider);
    config.service(change_provider).service(delete_provider).service(test_provider);
}

/// Providers of the settings are listed too.
#[utoipa::path(
    tag = TAG,
    params(PageQuery),
    responses((status = 200, description = "A page of providers, sorted by name.", body = Page<Provider>)),
)]
#[get("/providers")]
async fn list_providers(
    ports: Ports,
    Require(caller, Query(page), ..): Require<policy::ListProviders, Query<PageQuery>>,
) -> Result<web::Json<Page<Provider>>, Problem> {
    let (cursor, limit) = page.read()?;
    let page = ports.app.provider_registry.list(&caller, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}

/// The provider can be used at all nodes within a second.
#[utoipa::path(
    tag = TAG,
    request_body = NewProvider,
    responses((
        status = 201,
        description = "The provider was added.",
        body = Provider,
        headers(("Location" = String), ("ETag" = String)),
    )),
)]
#[post("/providers")]
async fn create_provider(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::CreateProvider, Body<NewProvider>>,
) -> Result<HttpResponse, Problem> {
    let created = ports.app.provider_registry.create(&caller, body).await?;
    let (path, version) = (format!("/api/v1/providers/{}", created.provider.name), created.source.version());
    Ok(answer::created(&ports, &path, &Provider::from(created), version))
}

/// A provider of the settings has no `ETag`.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path)),
    responses((status = 200, description = "The provider.", body = Provider, headers(("ETag" = String)))),
)]
#[get("/providers/{name}")]
async fn read_provider(
    ports: Ports,
    Require(caller, Name(name), ..): Require<policy::ReadProvider, Name>,
) -> Result<HttpResponse, Problem> {
    Ok(shown(ports.app.provider_registry.get(&caller, &name).await?))
}

/// An absent property does not change. With `If-Match`, the provider is changed only if it still has one of these versions.
/// While identities are linked with it, the issuer can't be changed.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = ProviderChange,
    responses((status = 200, description = "The changed provider.", body = Provider, headers(("ETag" = String)))),
)]
#[patch("/providers/{name}")]
async fn change_provider(
    ports: Ports,
    Require(caller, (Name(name), IfMatch(versions), Body(body)), ..): Require<
        policy::ChangeProvider,
        (Name, IfMatch, Body<ProviderChange>),
    >,
) -> Result<HttpResponse, Problem> {
    Ok(shown(ports.app.provider_registry.change(&caller, &name, body, versions).await?))
}

/// Identities that are linked with the provider stay, and can be used again with a provider of the same issuer. While there
/// are some, `force` is required.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path), ProviderRemoval),
    responses((status = 204, description = "The provider was removed.")),
)]
#[delete("/providers/{name}")]
async fn delete_provider(
    ports: Ports,
    Require(caller, (Name(name), Query(removal)), ..): Require<policy::DeleteProvider, (Name, Query<ProviderRemoval>)>,
) -> Result<HttpResponse, Problem> {
    ports.app.provider_registry.delete(&caller, &name, removal.force.unwrap_or_default()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Calls the provider, and tries what a sign-in needs. The answer is 200 also if a step has failed.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path)),
    responses((status = 200, description = "The result of each step.", body = ProviderTest)),
)]
#[post("/providers/{name}/test")]
async fn test_provider(
    ports: Ports,
    Require(caller, Name(name), ..): Require<policy::TestProvider, Name>,
) -> Result<web::Json<ProviderTest>, Problem> {
    let steps = ports.app.provider_registry.test(&caller, &name).await?;
    Ok(web::Json(steps.into()))
}

fn shown(registered: RegisteredProvider) -> HttpResponse {
    match registered.source.version() {
        Some(version) => answer::versioned(&Provider::from(registered), version),
        None => HttpResponse::Ok().json(Provider::from(registered)),
    }
}
