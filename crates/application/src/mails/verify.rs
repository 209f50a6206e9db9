use super::tokens::{EVER, OF_THE_ADDRESS, Shown};
use super::write;
use crate::accounts::save_as;
use crate::services::{Act, Work};
use doorward_domain::{AuditAction, MailTokenPurpose, User};
use doorward_ports::{Result, Secret};

/// Proves the address of an account, or a new one, which replaces it.
pub(super) async fn verify(mut act: Act<'_>, token: &Secret) -> Result<()> {
    let purposes = [MailTokenPurpose::VerifyEmail, MailTokenPurpose::ChangeEmail];
    let shown = Shown::look_up(&act, token, &purposes).await?;
    let mut work = act.begin().await?;
    let before = shown.spend(&mut work).await?;
    match shown.token.purpose {
        MailTokenPurpose::ChangeEmail => change(&mut work, before, &shown).await?,
        _ => {
            let after = User { email_verified: true, ..before.clone() };
            save_as(&mut work, &before, after, AuditAction::EmailVerified).await?;
        }
    }
    Ok(work.commit().await?)
}

/// Links to the former address can't prove the new one. The former address is told, unless nobody has ever proved it.
async fn change(work: &mut Work<'_>, before: User, shown: &Shown) -> Result<()> {
    let after = User { email: shown.token.email.clone(), email_verified: true, ..before.clone() };
    let after = save_as(work, &before, after, AuditAction::EmailChanged).await?;
    work.mail_tokens().revoke(after.id, &OF_THE_ADDRESS, EVER).await?;
    if before.email_verified && before.email != after.email {
        write::email_changed(work, &after, &before.email).await?;
    }
    Ok(())
}
