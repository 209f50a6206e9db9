mod me;
mod mfa;
mod one;
mod roles;
mod sessions;

use super::{Ports, answer};
use crate::input::{Body, Query, Require};
use crate::problem::Problem;
use crate::wire::{Page, UserFilter};
use actix_web::{HttpResponse, get, post, web};
use doorward_ports::access::policy;
use doorward_ports::inbound::NewAccount;
use doorward_views::User;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "users";

/// `me` comes before `{id}`, which would otherwise match it.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_users).service(create_user);
    config
        .configure(me::configure)
        .configure(one::configure)
        .configure(roles::configure)
        .configure(sessions::configure)
        .configure(mfa::configure);
}

#[utoipa::path(
    tag = TAG,
    params(UserFilter),
    responses((status = 200, description = "A page of accounts.", body = Page<User>)),
)]
#[get("/users")]
async fn list_users(
    ports: Ports,
    Require(caller, Query(filter), ..): Require<policy::ListUsers, Query<UserFilter>>,
) -> Result<web::Json<Page<User>>, Problem> {
    let page = ports.app.accounts.list(&caller, filter.try_into()?).await?;
    Ok(web::Json(Page::of(page)))
}

#[utoipa::path(
    tag = TAG,
    request_body = NewAccount,
    responses((status = 201, description = "The account was created.", body = User, headers(("Location" = String), ("ETag" = String)))),
)]
#[post("/users")]
async fn create_user(
    ports: Ports,
    Require(caller, Body(account), ..): Require<policy::CreateUser, Body<NewAccount>>,
) -> Result<HttpResponse, Problem> {
    let user = ports.app.accounts.create(&caller, account).await?;
    let (path, version) = (format!("/api/v1/users/{}", user.id), user.version);
    Ok(answer::created(&ports, &path, &User::from(user), Some(version)))
}
