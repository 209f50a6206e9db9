use crate::Secret;
use doorward_domain::Factor;
use std::time::Duration;

/// The refusal of a sign-in whose first factor was right, and which needs a second one.
#[derive(Debug, Clone)]
pub struct MfaRequired {
    /// The token with which the sign-in continues. It is good for nothing else.
    pub mfa_token: Secret,
    /// How long it can be used.
    pub expires_in: Duration,
    /// The factors of the account.
    pub factors: Vec<Factor>,
}
