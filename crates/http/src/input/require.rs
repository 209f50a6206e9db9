use super::caller::identify;
use super::limited;
use crate::context::Context;
use crate::problem::Problem;
use crate::shared::Shared;
use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use doorward_ports::access::policy::Policy;
use doorward_ports::access::{self, Operation, Who};
use doorward_ports::{Actor, Caller};
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;

/// Somebody who may do what the policy names, and what else the route takes, which is looked at only then: whoever may not
/// learns nothing of his input, and costs no reading of a body. Where the policy asks nothing, a token is not looked at: a
/// stale one must not keep anybody from signing in.
pub(crate) struct Require<P, T = ()>(pub(crate) Caller, pub(crate) T, pub(crate) PhantomData<P>);

/// Somebody who may or may not have a token, where the handler decides whether to look at it; the use case then judges by
/// the policy.
pub(crate) struct Visitor<P> {
    request: HttpRequest,
    policy: PhantomData<P>,
}

/// The operation whose rule has been applied to a request. Each guard leaves it in the request's extensions, and without it
/// no answer leaves a route that has an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked(pub Operation);

impl Checked {
    fn leave_in(self, request: &HttpRequest) {
        request.extensions_mut().insert(self);
    }
}

impl<P: Policy> Visitor<P> {
    /// The caller without his token.
    pub(crate) async fn anonymous(&self) -> Result<Caller, Problem> {
        let caller = Context::of(&self.request).anonymous(self.request.headers());
        limited::by_caller(&self.request, &caller, P::OPERATION).await?;
        Checked(P::OPERATION).leave_in(&self.request);
        Ok(caller)
    }

    /// Whoever the token names.
    pub(crate) async fn identify(&self) -> Result<Caller, Problem> {
        let caller = identified(&self.request, P::OPERATION).await?;
        Checked(P::OPERATION).leave_in(&self.request);
        Ok(caller)
    }

    /// Who looks after the service: the operator, where only this machine can connect and the request comes from it; else
    /// whoever the token names. The one place that decides to whom the service tells of itself without a token.
    pub(crate) async fn operator_or_identified(&self, shared: &Shared) -> Result<Caller, Problem> {
        let at_the_machine = shared.options.loopback && Context::of(&self.request).local;
        if at_the_machine { Ok(self.operator()) } else { self.identify().await }
    }

    /// The operator, on a listener that was opened for him.
    pub(crate) fn operator(&self) -> Caller {
        Checked(P::OPERATION).leave_in(&self.request);
        let origin = Context::of(&self.request).origin(self.request.headers());
        Caller { actor: Actor::Operator, origin }
    }
}

/// Whoever the token names, after he was counted. A token that is refused names nobody: it is counted by the address, so
/// that nobody tries out tokens at leisure.
async fn identified(request: &HttpRequest, operation: Operation) -> Result<Caller, Problem> {
    match identify(request).await {
        Ok(caller) => {
            limited::by_caller(request, &caller, operation).await?;
            Ok(caller)
        }
        Err(refusal) => {
            let nobody = Context::of(request).anonymous(request.headers());
            limited::by_caller(request, &nobody, operation).await?;
            limited::by_client(request, &nobody, operation, None).await?;
            Err(refusal)
        }
    }
}

/// Who calls, if he may do it.
async fn admit(request: &HttpRequest, operation: Operation) -> Result<Caller, Problem> {
    limited::by_address(request, operation).await?;
    let caller = match operation.requirement().who {
        Who::Anybody | Who::Client => Context::of(request).anonymous(request.headers()),
        _ => identified(request, operation).await?,
    };
    access::authorize(&caller, operation)?;
    Checked(operation).leave_in(request);
    Ok(caller)
}

impl<P: Policy, T: FromRequest + 'static> FromRequest for Require<P, T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let caller = admit(&request, P::OPERATION).await?;
            let rest = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self(caller, rest, PhantomData))
        })
    }
}

impl<P: Policy> FromRequest for Visitor<P> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), policy: PhantomData }))
    }
}
