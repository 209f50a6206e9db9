//! `/users/me`
mod activity;
mod email;
mod export;
mod identities;
mod mfa;
mod password;
mod sessions;

use super::{Ports, answer};
use crate::input::{Body, IfMatch, Require};
use crate::problem::Problem;
use actix_web::{HttpResponse, delete, get, patch};
use doorward_ports::access::policy;
use doorward_ports::inbound::ProfileChange;
use doorward_views::User;
use std::sync::Arc;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "me";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_own_account).service(change_own_account).service(delete_own_account);
    config.configure(password::configure).configure(sessions::configure).configure(activity::configure);
    config.configure(identities::configure).configure(mfa::configure).configure(email::configure);
    config.configure(export::configure);
}

#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The account.", body = User, headers(("ETag" = String)))),
)]
#[get("/users/me")]
async fn read_own_account(
    ports: Ports,
    Require(caller, ..): Require<policy::ReadOwnAccount>,
) -> Result<HttpResponse, Problem> {
    let user = ports.app.accounts.own(&caller).await?;
    let version = user.version;
    Ok(answer::versioned(&User::from(Arc::unwrap_or_clone(user)), version))
}

/// An absent property does not change. With `If-Match`, the account is changed only if it still has one of these
/// versions.
#[utoipa::path(
    tag = TAG,
    params(("If-Match" = Option<String>, Header)),
    request_body = ProfileChange,
    responses((status = 200, description = "The changed account.", body = User, headers(("ETag" = String)))),
)]
#[patch("/users/me")]
async fn change_own_account(
    ports: Ports,
    Require(caller, (IfMatch(versions), Body(body)), ..): Require<
        policy::ChangeOwnAccount,
        (IfMatch, Body<ProfileChange>),
    >,
) -> Result<HttpResponse, Problem> {
    let user = ports.app.accounts.change_own(&caller, body, versions).await?;
    let version = user.version;
    Ok(answer::versioned(&User::from(user), version))
}

#[utoipa::path(tag = TAG, responses((status = 204, description = "The account was deleted, and its sessions have ended.")))]
#[delete("/users/me")]
async fn delete_own_account(
    ports: Ports,
    Require(caller, ..): Require<policy::DeleteOwnAccount>,
) -> Result<HttpResponse, Problem> {
    ports.app.accounts.delete_own(&caller).await?;
    Ok(HttpResponse::NoContent().finish())
}
