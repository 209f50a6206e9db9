//! Signing in, refreshing, signing out.
mod check_access;
mod conclude;
pub(crate) mod lockout;
mod password;
mod reauthenticate;
pub(crate) mod refresh;
mod sign_out;

pub(crate) use conclude::{Admitted, admit, judge};
pub(crate) use reauthenticate::wrong_password;

use crate::Services;
use crate::services::Subject;
use async_trait::async_trait;
use doorward_domain::Client;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{Authentication, CheckedCaller, PasswordSignIn, Reauthentication, TokenPair};
use doorward_ports::{Caller, ErrorCode, Result, Secret};

#[async_trait]
impl Authentication for Services {
    async fn sign_in(&self, caller: &Caller, sign_in: PasswordSignIn) -> Result<TokenPair> {
        let signed_in = password::sign_in(self.authorize(caller, Operation::SignIn)?, sign_in).await;
        if signed_in.as_ref().map_or_else(|refused| refused.code == ErrorCode::MfaRequired, |_| true) {
            self.was_no_guess(caller, Operation::SignIn).await;
        }
        signed_in
    }

    async fn reauthenticate(&self, caller: &Caller, proof: Reauthentication) -> Result<TokenPair> {
        let act = self.authorize_own(caller, Operation::Reauthenticate)?;
        let pair = match proof {
            Reauthentication::Password(password) => reauthenticate::by_password(act, &password).await?,
            Reauthentication::Factor(proof) => reauthenticate::by_factor(act, &proof).await?,
        };
        self.was_no_guess(caller, Operation::Reauthenticate).await;
        Ok(pair)
    }

    async fn refresh(&self, caller: &Caller, refresh_token: Secret) -> Result<TokenPair> {
        let act = self.authorize(caller, Operation::Refresh)?;
        refresh::exchange(act, &Client::doorward(), &refresh_token).await
    }

    async fn check_access(&self, caller: &Caller, permissions: &[String]) -> Result<CheckedCaller> {
        let checked = check_access::check_access(&self.authorize(caller, Operation::CheckAccess)?, permissions);
        self.unless_denied(caller, (Operation::CheckAccess, Subject::Unknown), checked).await
    }

    async fn sign_out(&self, caller: &Caller, refresh_token: Option<Secret>) -> Result<()> {
        sign_out::sign_out(self.authorize(caller, Operation::SignOut)?, refresh_token.as_ref()).await
    }

    async fn sign_out_at_provider(
        &self,
        caller: &Caller,
        refresh_token: Option<Secret>,
        return_to: Option<String>,
    ) -> Result<Option<String>> {
        let act = self.authorize(caller, Operation::SignOut)?;
        sign_out::at_provider(act, refresh_token.as_ref(), return_to.as_deref()).await
    }
}
