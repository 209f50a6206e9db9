use super::families::Families;

/// The second factors, as `/auth/mfa/verify` names them.
const METHODS: [&str; 3] = ["totp", "sms", "recovery_code"];
const OUTCOMES: [&str; 2] = ["success", "failure"];

/// The challenges for a second factor: all of them at zero, because no factor asks for one yet.
pub fn none_yet(families: &Families<'_>) {
    let challenges = families.counters(
        "doorward_mfa_challenges_total",
        "Codes of second factors that were checked, by method and outcome.",
        &["method", "outcome"],
    );
    for method in METHODS {
        for outcome in OUTCOMES {
            challenges.with_label_values(&[method, outcome]);
        }
    }
}
