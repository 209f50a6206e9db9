//! How many mails somebody can have sent, beside the limits of requests.
use crate::services::Act;
use doorward_domain::{MailKind, RateClass, hex};
use doorward_ports::outbound::AccountKey;
use std::time::Duration;

/// What callers who are told of the limit are asked to wait.
pub(super) const RETRY_AFTER: Duration = Duration::from_mins(15);

/// Takes one mail of this kind from the quota of a name: an address, or an account. Addresses without an account are counted
/// as well. The key is a digest, because it gets into Redis.
pub(super) async fn within_limit(act: &Act<'_>, kind: MailKind, of: &str) -> bool {
    let Some(quota) = act.policies.mail.requests else { return true };
    let key = format!("mail:{}:{}", kind.as_str(), hex::encode(AccountKey::of_name(of).as_bytes()));
    let tools = act.tools();
    let allowed = tools.limiter.take(RateClass::Account, &key, quota).await.is_allowed();
    if !allowed {
        tools.observer.rate_limited(RateClass::Account);
    }
    allowed
}
