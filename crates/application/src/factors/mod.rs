//! Second factors: enrolment, the one check of their codes, and the second step of a sign-in.
mod check;
mod enrol;
mod pending;
mod recovery;
mod remove;
mod verify;

pub(crate) use check::{check, confirmed};
pub(crate) use pending::{Destination, challenge};
pub(crate) use remove::forget_all;

use crate::Services;
use crate::accounts::user_not_found;
use crate::services::{OwnAct, Subject};
use async_trait::async_trait;
use doorward_domain::{Factor, FactorId, UserId};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ConfirmedFactor, EnrolledTotp, FactorList, MfaVerification, SecondFactors, TokenPair};
use doorward_ports::outbound::ReadWork;
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};

#[async_trait]
impl SecondFactors for Services {
    async fn own(&self, caller: &Caller) -> Result<FactorList> {
        let OwnAct { act, owner } = self.authorize_own(caller, Operation::ListOwnFactors)?;
        listed(&mut *act.snapshot().await?, owner.user).await
    }

    async fn enrol_totp(&self, caller: &Caller, name: Option<String>) -> Result<EnrolledTotp> {
        enrol::begin(self.authorize_own(caller, Operation::EnrolTotp)?, name.as_deref()).await
    }

    async fn confirm_totp(&self, caller: &Caller, id: FactorId, code: Secret) -> Result<ConfirmedFactor> {
        let confirmed = enrol::confirm(self.authorize_own(caller, Operation::ConfirmTotp)?, id, code).await?;
        self.was_no_guess(caller, Operation::ConfirmTotp).await;
        Ok(confirmed)
    }

    async fn delete_own(&self, caller: &Caller, id: FactorId) -> Result<()> {
        remove::own(self.authorize_own(caller, Operation::DeleteFactor)?, id).await
    }

    async fn replace_recovery_codes(&self, caller: &Caller) -> Result<Vec<Secret>> {
        recovery::replace_own(self.authorize_own(caller, Operation::ReplaceRecoveryCodes)?).await
    }

    async fn verify(&self, caller: &Caller, verification: MfaVerification) -> Result<TokenPair> {
        let pair = verify::verify(self.authorize(caller, Operation::VerifySecondFactor)?, &verification).await?;
        self.was_no_guess(caller, Operation::VerifySecondFactor).await;
        Ok(pair)
    }

    async fn of_user(&self, caller: &Caller, user: UserId) -> Result<FactorList> {
        let act = self.authorize(caller, Operation::ListUserFactors)?;
        let mut read = act.snapshot().await?;
        read.users().by_id(user).await?.ok_or_else(user_not_found)?;
        listed(&mut *read, user).await
    }

    async fn reset(&self, caller: &Caller, user: UserId) -> Result<()> {
        let operation = Operation::ResetUserFactors;
        let reset = remove::reset(self.authorize(caller, operation)?, user).await;
        self.unless_denied(caller, (operation, Subject::User(user)), reset).await
    }
}

async fn listed(read: &mut dyn ReadWork, user: UserId) -> Result<FactorList> {
    let factors = read.factors().of_user(user).await?.into_iter().filter(Factor::is_confirmed).collect();
    Ok(FactorList { factors, recovery_codes_left: read.factors().recovery_codes_left(user).await? })
}

fn factor_not_found() -> Error {
    Error::new(ErrorCode::FactorNotFound, "Your account has no second factor, or no open enrolment, with this id.")
}
