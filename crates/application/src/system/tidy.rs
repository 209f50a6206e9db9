use crate::services::Act;
use doorward_domain::ENROLMENT_LIFETIME;
use doorward_ports::Result;
use doorward_ports::inbound::Tidied;
use std::time::Duration;

/// How long ended sessions, old counts of wrong passwords and unseen networks are kept.
const KEPT_FOR: Duration = Duration::from_secs(30 * 86_400);
/// How long attempts to sign in with a provider are kept: longer than all their steps together may take, and so long that a
/// code that is spent again still ends the session of its first use.
const AUTHORIZATIONS_KEPT_FOR: Duration = Duration::from_hours(1);
/// How long sign-ins that waited for their second factor are kept: as long as the code of a provider that they came from.
const PENDING_KEPT_FOR: Duration = AUTHORIZATIONS_KEPT_FOR;
/// How long used logout tokens are kept after they have expired: longer than clocks differ.
const LOGOUT_TOKENS_KEPT_FOR: Duration = Duration::from_hours(1);
/// How long revocations are kept: far longer than any node reads back.
const REVOCATIONS_KEPT_FOR: Duration = Duration::from_secs(86_400);
/// How many rows are deleted at once, so that no lock is held for long.
const AT_ONCE: usize = 500;

pub(super) async fn tidy(mut act: Act<'_>) -> Result<Tidied> {
    let now = act.now();
    let before = now.minus(KEPT_FOR);
    let mut tidied = Tidied::default();
    loop {
        let mut work = act.begin().await?;
        let sessions = work.sessions().purge(before, AT_ONCE).await?;
        let attempts = work.attempts().purge(before, AT_ONCE).await?;
        let authorizations = work.authorization_attempts().purge(now.minus(AUTHORIZATIONS_KEPT_FOR), AT_ONCE).await?;
        let pending = work.pending_sign_ins().purge(now.minus(PENDING_KEPT_FOR), AT_ONCE).await?;
        let enrolments = work.factors().purge_unconfirmed(now.minus(ENROLMENT_LIFETIME), AT_ONCE).await?;
        let logouts = work.provider_sessions().purge_logout_tokens(now.minus(LOGOUT_TOKENS_KEPT_FOR), AT_ONCE).await?;
        let mail_tokens = work.mail_tokens().purge(now, AT_ONCE).await?;
        let revocations = work.purge_revocations(now.minus(REVOCATIONS_KEPT_FOR), AT_ONCE).await?;
        work.commit().await?;
        tidied.sessions += sessions;
        tidied.attempts += attempts;
        tidied.authorizations += authorizations;
        tidied.logout_tokens += logouts;
        tidied.revocations += revocations;
        tidied.pending_sign_ins += pending;
        tidied.enrolments += enrolments;
        tidied.mail_tokens += mail_tokens;
        let deleted = [sessions, attempts, authorizations, logouts, revocations, pending, enrolments, mail_tokens];
        if deleted.iter().all(|deleted| *deleted < AT_ONCE) {
            return Ok(tidied);
        }
    }
}
