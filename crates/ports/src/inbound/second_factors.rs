use super::TokenPair;
use crate::{Caller, Result, Secret};
use async_trait::async_trait;
use doorward_domain::{Factor, FactorId, SecondFactor, UserId};

/// The second factors of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorList {
    /// The factors that are asked for, oldest first.
    pub factors: Vec<Factor>,
    /// The number of recovery codes that are not used.
    pub recovery_codes_left: usize,
}

/// An authenticator whose enrolment has begun. The secret is shown this once.
#[derive(Debug, Clone)]
pub struct EnrolledTotp {
    /// The factor, not confirmed yet.
    pub factor: Factor,
    /// The seed, in base32, for people who type it.
    pub secret: Secret,
    /// The same as a URI, for a QR code.
    pub otpauth_uri: Secret,
}

/// A confirmed factor.
#[derive(Debug, Clone)]
pub struct ConfirmedFactor {
    /// The factor.
    pub factor: Factor,
    /// The recovery codes, with the first factor of an account. They are shown this once.
    pub recovery_codes: Option<Vec<Secret>>,
}

/// A code of a second factor, as typed.
#[derive(Debug, Clone)]
pub struct FactorProof {
    /// How the factor is proved.
    pub method: SecondFactor,
    /// The factor; none: any of the account.
    pub factor: Option<FactorId>,
    /// The code.
    pub code: Secret,
}

/// The second step of a sign-in.
#[derive(Debug, Clone)]
pub struct MfaVerification {
    /// The token of the first step.
    pub mfa_token: Secret,
    /// The code.
    pub proof: FactorProof,
}

/// Second factors: enrolment, and the second step of a sign-in.
#[async_trait]
pub trait SecondFactors: Send + Sync {
    /// The caller's own.
    async fn own(&self, caller: &Caller) -> Result<FactorList>;

    /// Begins to enrol an authenticator. An enrolment that the account has begun before is given up.
    ///
    /// # Errors
    /// `validation_failed` for its name; `too_many_factors`; `reauthentication_required` if the account has a factor that
    /// the caller has not shown recently.
    async fn enrol_totp(&self, caller: &Caller, name: Option<String>) -> Result<EnrolledTotp>;

    /// Confirms an authenticator with its first code. From now on, a sign-in asks for it. With the first factor of an
    /// account, all its other sessions end.
    ///
    /// # Errors
    /// `factor_not_found` if no enrolment of the caller has this id, or it was begun too long ago; `invalid_code`.
    async fn confirm_totp(&self, caller: &Caller, id: FactorId, code: Secret) -> Result<ConfirmedFactor>;

    /// Deletes a factor of the caller; with the last one, the recovery codes too.
    ///
    /// # Errors
    /// `factor_not_found`; `reauthentication_required` as above.
    async fn delete_own(&self, caller: &Caller, id: FactorId) -> Result<()>;

    /// Replaces the recovery codes of the caller; returns the new ones.
    ///
    /// # Errors
    /// `factor_not_found` if the account has no factor; `reauthentication_required` as above.
    async fn replace_recovery_codes(&self, caller: &Caller) -> Result<Vec<Secret>>;

    /// Verifies the second factor of a sign-in, and begins its session.
    ///
    /// # Errors
    /// `mfa_token_invalid` if no sign-in waits for a code with this token: it is not known, has ended, is more than five
    /// minutes old, or has had five wrong codes. `invalid_code` if the code is wrong, was used before, or is of another
    /// account, or the factor is locked; a lock adds the time to wait.
    async fn verify(&self, caller: &Caller, verification: MfaVerification) -> Result<TokenPair>;

    /// The factors of an account.
    async fn of_user(&self, caller: &Caller, user: UserId) -> Result<FactorList>;

    /// Deletes all factors and recovery codes of an account, whose owner has lost them.
    async fn reset(&self, caller: &Caller, user: UserId) -> Result<()>;
}
