use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use doorward_domain::Taken;
use doorward_ports::inbound::RateLimitState;
use doorward_ports::limits::seconds_rounded_up;

pub(crate) const POLICY: &str = "ratelimit-policy";
pub(crate) const STANDING: &str = "ratelimit";

/// The rate-limit state, as in draft-ietf-httpapi-ratelimit-headers: items of structured fields (RFC 9651) with the
/// name of the policy, its quota (`q`) in a window of seconds (`w`), the remaining requests (`r`), and when the whole
/// quota is available again (`t`).
pub(super) fn tell(headers: &mut HeaderMap, state: &RateLimitState) {
    let (name, quota) = (state.class.as_str(), state.quota);
    let (remaining, whole_in) = match state.taken {
        Taken::Allowed { remaining, whole_in } => (remaining, whole_in),
        Taken::Refused { whole_in, .. } => (0, whole_in),
    };
    let window = seconds_rounded_up(quota.per).max(1);
    put(headers, POLICY, format!("\"{name}\";q={};w={window}", quota.limit));
    put(headers, STANDING, format!("\"{name}\";r={remaining};t={}", seconds_rounded_up(whole_in)));
}

fn put(headers: &mut HeaderMap, name: &'static str, value: String) {
    let value = HeaderValue::try_from(value).expect("a word and numbers are visible ASCII");
    headers.insert(HeaderName::from_static(name), value);
}
