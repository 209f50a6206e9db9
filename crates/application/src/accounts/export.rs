//! All data about the owner of an account, for the owner (GDPR articles 15 and 20).
use super::user_not_found;
use crate::audit::export_activity;
use crate::factors;
use crate::services::{OwnAct, Subject, Work};
use doorward_domain::AuditAction;
use doorward_ports::inbound::{OwnData, SessionView};
use doorward_ports::{Result, SignedIn};

const SESSIONS_AT_ONCE: usize = 100;

/// Everything but the activity is read at one moment, which is also that of its line in the audit log.
pub(super) async fn export(OwnAct { mut act, owner }: OwnAct<'_>) -> Result<OwnData> {
    let activity = export_activity(act.tools().store.clone(), owner.user);
    let mut work = act.begin().await?;
    let user = work.users().lock(owner.user).await?.ok_or_else(user_not_found)?;
    let data = OwnData {
        exported_at: work.now,
        has_password: work.users().password(user.id).await?.is_some(),
        identities: work.identities().of_user(user.id).await?,
        factors: factors::confirmed(&mut work, user.id).await?,
        recovery_codes_left: work.factors().recovery_codes_left(user.id).await?,
        sessions: sessions(&mut work, owner).await?,
        networks: work.attempts().networks_of(user.id).await?,
        user,
        activity,
    };
    work.audit(AuditAction::DataExported, Subject::User(owner.user)).await?;
    work.commit().await?;
    Ok(data)
}

async fn sessions(work: &mut Work<'_>, owner: &SignedIn) -> Result<Vec<SessionView>> {
    let (now, mut all, mut after) = (work.now, Vec::new(), None);
    loop {
        let page = work.sessions().live_of(owner.user, now, after, SESSIONS_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.id);
        all.extend(page.into_iter().map(|session| SessionView { current: session.id == owner.session, session }));
    }
}
