use crate::services::Act;
use doorward_domain::Timestamp;
use std::time::Duration;

/// The time from the start of an operation to its answer, if the answer hides whether there is an account: creating an
/// account, or writing a mail, takes another time than finding none, which would reveal it (CVE-2023-39522).
const HIDDEN_FOR: Duration = Duration::from_millis(100);

/// Waits until this time has passed.
pub(crate) async fn until_hidden(act: &Act<'_>, began: Timestamp) {
    act.tools().clock.sleep(HIDDEN_FOR.saturating_sub(act.now().since(began))).await;
}
