//! Signing in with a provider, in three steps: begun by a client, answered by the provider, redeemed by the client.
mod admit;
mod begin;
mod enabled;
mod end_sessions;
mod finish;
mod offered;
mod proven;
mod redeem;
mod roles;
mod settings;

pub(crate) use admit::Arrival;
pub(crate) use begin::{Asked, attempt, redirect_uris};
pub(crate) use enabled::{enabled_in, seal_secret, with_secret};
pub(crate) use proven::Proven;
pub(crate) use redeem::{Redeemed, by_link_token, exchange, invalid_grant, redeem};
pub(crate) use roles::withdraw as withdraw_roles;
pub use settings::SignInProviders;

use crate::Services;
use async_trait::async_trait;
use doorward_domain::AttemptPurpose;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    AuthorizationRequest, BegunAuthorization, Binding, FinishedAuthorization, OfferedProvider, ProviderAnswer,
    Providers,
};
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};

#[async_trait]
impl Providers for Services {
    async fn offered(&self, caller: &Caller) -> Result<Vec<OfferedProvider>> {
        offered::offered(&self.authorize(caller, Operation::ListSignInProviders)?).await
    }

    async fn begin(
        &self,
        caller: &Caller,
        request: AuthorizationRequest,
        binding: Binding,
    ) -> Result<BegunAuthorization> {
        let operation = match binding {
            Binding::Unbound => Operation::BeginAuthorization,
            Binding::Browser(_) => Operation::OpenAuthorization,
        };
        attempt(&mut self.authorize(caller, operation)?, &Asked::of(&request), AttemptPurpose::SignIn, binding).await
    }

    async fn finish(
        &self,
        caller: &Caller,
        provider: &str,
        answer: ProviderAnswer,
        browser: Option<Secret>,
    ) -> Result<FinishedAuthorization> {
        finish::finish(self.authorize(caller, Operation::FinishAuthorization)?, provider, answer, browser).await
    }

    async fn end_sessions(&self, caller: &Caller, provider: &str, logout_token: Secret) -> Result<()> {
        let act = self.authorize(caller, Operation::EndProviderSessions)?;
        end_sessions::end_sessions(act, provider, &logout_token).await
    }
}

fn provider_not_found() -> Error {
    Error::new(
        ErrorCode::ProviderNotFound,
        "There is no enabled provider with this name. GET /api/v1/auth/providers lists the providers.",
    )
}
