//! Where requests are counted, each as soon as it is known by whom.
use crate::context::Context;
use crate::problem::Problem;
use crate::shared::Shared;
use actix_web::HttpRequest;
use doorward_ports::Caller;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ClientCredentials, Limits, Standing};

/// Before the token is looked at.
pub(super) async fn by_address(request: &HttpRequest, operation: Operation) -> Result<(), Problem> {
    let nobody = Context::of(request).anonymous(request.headers());
    judge(request, limits(request).admit_address(&nobody, operation).await)
}

/// Once it is known who calls.
pub(super) async fn by_caller(request: &HttpRequest, caller: &Caller, operation: Operation) -> Result<(), Problem> {
    judge(request, limits(request).admit_caller(caller, operation).await)
}

/// Once the client has said who it is.
pub(super) async fn by_client(
    request: &HttpRequest,
    caller: &Caller,
    operation: Operation,
    shown: Option<&ClientCredentials>,
) -> Result<(), Problem> {
    judge(request, limits(request).admit_client(caller, operation, shown).await)
}

fn limits(request: &HttpRequest) -> &dyn Limits {
    let shared = Shared::of(request);
    &*shared.app.limits
}

/// The envelope tells how he stands, whatever the answer.
fn judge(request: &HttpRequest, standing: Option<Standing>) -> Result<(), Problem> {
    let Some(standing) = standing else { return Ok(()) };
    Context::of(request).standing.set(Some(standing));
    Ok(standing.judge()?)
}
