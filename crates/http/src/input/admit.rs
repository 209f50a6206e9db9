//! Admission of requests: the credentials of a request are read here, and the port decides.
use super::Checked;
use super::token::token;
use crate::context::Context;
use crate::problem::{Code, Problem};
use crate::shared::Shared;
use actix_web::{HttpMessage, HttpRequest};
use doorward_ports::ErrorCode;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{Admitted, Identification, Presented};

/// The envelope writes the rate-limit state into every answer.
pub(super) async fn admit(
    request: &HttpRequest,
    identification: Identification<'_>,
    operation: Operation,
) -> Result<Admitted, Problem> {
    let context = Context::of(request);
    let presented = Presented { origin: context.origin(request.headers()), identification };
    let judged = Shared::of(request).app.admission.admit(presented, operation).await;
    if judged.rate_limit.is_some() {
        context.rate_limit.set(judged.rate_limit);
    }
    if let Some(caller) = judged.refused {
        context.comes_from(&caller.actor);
    }
    let admitted = judged.result?;
    context.comes_from(&admitted.caller.actor);
    if let Some(client) = &admitted.client {
        context.client.replace(Some(client.client()));
    }
    request.extensions_mut().insert(Checked(operation));
    Ok(admitted)
}

/// With the token of the request, if the operation reads one.
pub(super) async fn admit_by_token(request: &HttpRequest, operation: Operation) -> Result<Admitted, Problem> {
    let shown = if operation.requirement().looks_at_a_token() { token(request) } else { Ok(None) };
    match shown {
        Ok(token) => admit(request, token.map_or(Identification::Nothing, Identification::token), operation).await,
        Err(why) => match admit(request, Identification::Unreadable, operation).await {
            Err(refusal) if refusal.code == Code::UseCase(ErrorCode::RateLimited) => Err(refusal),
            _ => Err(why),
        },
    }
}
