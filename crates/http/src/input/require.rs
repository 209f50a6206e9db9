use super::admit::{admit, admit_by_token};
use super::declared::declare;
use crate::context::Context;
use crate::problem::Problem;
use crate::shared::Shared;
use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest};
use doorward_ports::Caller;
use doorward_ports::access::Operation;
use doorward_ports::access::policy::Policy;
use doorward_ports::inbound::Identification;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;

/// A caller with the authorization of the policy, together with the other inputs of the route, which are read only
/// after authorization: a caller without it learns nothing about their input, and no body is read. If the policy
/// requires nothing, a token is not read: an expired one must not prevent a sign-in.
pub(crate) struct Require<P, T = ()>(pub(crate) Caller, pub(crate) T, pub(crate) PhantomData<P>);

/// A caller with or without a token, if the handler decides whether to read it; the use case then checks the policy.
pub(crate) struct Visitor<P> {
    request: HttpRequest,
    policy: PhantomData<P>,
}

/// The operation whose policy was applied to a request. Each guard attaches it to the request, and a route with an
/// operation does not answer without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked(pub Operation);

impl<P: Policy> Visitor<P> {
    /// Admits the caller without a token.
    pub(crate) async fn anonymous(&self) -> Result<Caller, Problem> {
        self.admit(Identification::Nothing).await
    }

    /// Admits the caller of the token.
    pub(crate) async fn identify(&self) -> Result<Caller, Problem> {
        Ok(admit_by_token(&self.request, P::OPERATION).await?.caller)
    }

    /// Admits the operator, if only this machine can connect and the request comes from it; otherwise the caller of the
    /// token. This is the only place that decides who may read the state of the service without a token.
    pub(crate) async fn operator_or_identified(&self, shared: &Shared) -> Result<Caller, Problem> {
        let at_the_machine = shared.options.loopback && Context::of(&self.request).local;
        if at_the_machine { self.operator().await } else { self.identify().await }
    }

    /// The operator, on a listener that was opened for them.
    pub(crate) async fn operator(&self) -> Result<Caller, Problem> {
        self.admit(Identification::Operator).await
    }

    async fn admit(&self, identification: Identification<'_>) -> Result<Caller, Problem> {
        Ok(admit(&self.request, identification, P::OPERATION).await?.caller)
    }
}

impl<P: Policy, T: FromRequest + 'static> FromRequest for Require<P, T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = declare(request, P::OPERATION);
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            declared?;
            let caller = admit_by_token(&request, P::OPERATION).await?.caller;
            let rest = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self(caller, rest, PhantomData))
        })
    }
}

impl<P: Policy> FromRequest for Visitor<P> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let visitor = || Self { request: request.clone(), policy: PhantomData };
        ready(declare(request, P::OPERATION).map(|()| visitor()).map_err(Into::into))
    }
}
