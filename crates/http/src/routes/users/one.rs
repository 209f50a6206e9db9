//! `/users/{id}`
use super::{Ports, TAG, answer};
use crate::input::{Body, Id, IfMatch, Require};
use crate::problem::Problem;
use crate::wire::AccountPatch;
use actix_web::{HttpResponse, delete, get, patch, post};
use doorward_domain::UserId;
use doorward_ports::access::policy;
use doorward_views::User;
use std::sync::Arc;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_user).service(change_user).service(delete_user).service(unlock_user).service(invite_user);
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The account.", body = User, headers(("ETag" = String)))),
)]
#[get("/users/{id}")]
async fn read_user(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::ReadUser, Id<UserId>>,
) -> Result<HttpResponse, Problem> {
    let user = ports.app.accounts.get(&caller, id).await?;
    let version = user.version;
    Ok(answer::versioned(&User::from(Arc::unwrap_or_clone(user)), version))
}

/// An absent property does not change. With `If-Match`, the account is changed only if it still has one of these
/// versions.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid), ("If-Match" = Option<String>, Header)),
    request_body = AccountPatch,
    responses((status = 200, description = "The changed account.", body = User, headers(("ETag" = String)))),
)]
#[patch("/users/{id}")]
async fn change_user(
    ports: Ports,
    Require(caller, (Id(id), IfMatch(versions), Body(body)), ..): Require<
        policy::ChangeUser,
        (Id<UserId>, IfMatch, Body<AccountPatch>),
    >,
) -> Result<HttpResponse, Problem> {
    let user = ports.app.accounts.change(&caller, id, body.into(), versions).await?;
    let version = user.version;
    Ok(answer::versioned(&User::from(user), version))
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204, description = "The account was deleted, and its sessions have ended.")),
)]
#[delete("/users/{id}")]
async fn delete_user(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::DeleteUser, Id<UserId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.accounts.delete(&caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 204, description = "The account is not locked for any network.")),
)]
#[post("/users/{id}/unlock")]
async fn unlock_user(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::UnlockUser, Id<UserId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.accounts.unlock(&caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The account must have no password. An earlier invitation works no more.
#[utoipa::path(
    tag = TAG,
    params(("id" = String, Path, format = Uuid)),
    responses((status = 202, description = "A mail with a link to set a password is sent to the address of the account.")),
)]
#[post("/users/{id}/invite")]
async fn invite_user(
    ports: Ports,
    Require(caller, Id(id), ..): Require<policy::InviteUser, Id<UserId>>,
) -> Result<HttpResponse, Problem> {
    ports.app.accounts.invite(&caller, id).await?;
    Ok(HttpResponse::Accepted().finish())
}
