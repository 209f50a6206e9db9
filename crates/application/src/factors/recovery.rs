use super::check::confirmed;
use super::enrol::shown_recently;
use super::factor_not_found;
use crate::services::{OwnAct, Subject, Work};
use crate::tokens::token_is_dead;
use doorward_domain::{AuditAction, RECOVERY_CODES, RecoveryCode, UserId};
use doorward_ports::{Result, Secret, SecretDigest};
use zeroize::Zeroizing;

pub(super) async fn replace_own(OwnAct { mut act, owner }: OwnAct<'_>) -> Result<Vec<Secret>> {
    let mut work = act.begin().await?;
    work.users().lock(owner.user).await?.ok_or_else(token_is_dead)?;
    let factors = confirmed(&mut work, owner.user).await?;
    if factors.is_empty() {
        return Err(factor_not_found());
    }
    shown_recently(&mut work, owner, &factors).await?;
    let codes = replace(&mut work, owner.user).await?;
    work.commit().await?;
    Ok(codes)
}

/// New codes in place of all earlier ones.
pub(super) async fn replace(work: &mut Work<'_>, user: UserId) -> Result<Vec<Secret>> {
    let codes: Vec<RecoveryCode> = (0..RECOVERY_CODES).map(|_| RecoveryCode::mint(work.draw())).collect();
    let digests: Vec<SecretDigest> = codes.iter().map(|code| digest(user, code)).collect();
    let now = work.now;
    work.factors().replace_recovery_codes(user, &digests, now).await?;
    work.audit(AuditAction::RecoveryCodesReplaced, Subject::User(user)).await?;
    Ok(codes.iter().map(|code| Secret::new(code.in_groups().to_string())).collect())
}

/// Uses up a recovery code; false if the account has none like this.
pub(super) async fn spend(work: &mut Work<'_>, user: UserId, typed: &Secret) -> Result<bool> {
    let Ok(code) = RecoveryCode::parse(typed.expose()) else { return Ok(false) };
    let now = work.now;
    Ok(work.factors().use_recovery_code(user, &digest(user, &code), now).await?)
}

/// With the account in it, so that nobody can search for the codes of all accounts at once.
fn digest(user: UserId, code: &RecoveryCode) -> SecretDigest {
    let text = Zeroizing::new(format!("{user}:{}", code.expose()));
    SecretDigest::of(&Secret::new(text.to_string()))
}
