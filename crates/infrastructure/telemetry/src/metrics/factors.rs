use super::families::Families;
use doorward_domain::{AuditOutcome, SecondFactor};
use prometheus::IntCounterVec;

/// Codes of second factors.
pub struct Factors {
    challenges: IntCounterVec,
}

impl Factors {
    pub fn new(families: &Families<'_>) -> Self {
        let challenges = families.counters(
            "doorward_mfa_challenges_total",
            "Codes of second factors that were checked, by method and outcome.",
            &["method", "outcome"],
        );
        for method in SecondFactor::ALL {
            for outcome in [AuditOutcome::Success, AuditOutcome::Failure] {
                challenges.with_label_values(&[method.as_str(), outcome.as_str()]);
            }
        }
        Self { challenges }
    }

    /// A code was checked.
    pub fn checked(&self, method: SecondFactor, outcome: AuditOutcome) {
        self.challenges.with_label_values(&[method.as_str(), outcome.as_str()]).inc();
    }
}
