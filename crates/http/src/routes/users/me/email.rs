//! `/users/me/email`
use super::{Ports, TAG};
use crate::input::{Body, Require};
use crate::problem::Problem;
use actix_web::{HttpResponse, post};
use doorward_ports::access::policy;
use doorward_ports::inbound::MailRequest;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(change_own_email);
}

/// The address changes when it is confirmed with the link in the mail to it. The present address is told at once.
#[utoipa::path(
    tag = TAG,
    request_body = MailRequest,
    responses((status = 202, description = "The request was accepted. A mail with a link is sent to the new address, unless another account has it: then the owner of that account is told.")),
)]
#[post("/users/me/email")]
async fn change_own_email(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::ChangeOwnEmail, Body<MailRequest>>,
) -> Result<HttpResponse, Problem> {
    ports.app.owner_mails.change_own_email(&caller, body).await?;
    Ok(HttpResponse::Accepted().finish())
}
