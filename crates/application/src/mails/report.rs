//! "This wasn't me": whoever can read the mail ends everything that somebody else has in the account.
use super::request::reset;
use super::tokens::{EVER, OF_THE_ADDRESS, Shown};
use crate::accounts::save_as;
use crate::factors;
use crate::identities::unlink_all;
use crate::services::{Act, Work};
use crate::sessions::end;
use doorward_domain::{AuditAction, EndReason, Identifier, MailTokenPurpose, User};
use doorward_ports::{Result, Secret};

pub(super) async fn report(mut act: Act<'_>, token: &Secret) -> Result<()> {
    let shown = Shown::look_up(&act, token, &[MailTokenPurpose::ReportTakeover]).await?;
    let mut work = act.begin().await?;
    let before = shown.spend(&mut work).await?;
    let since = shown.token.issued_at;
    lock_out(&mut work, &before, &shown).await?;
    // Whoever was told later than this address may be the one who took the account over; who was told before is not.
    work.mail_tokens().revoke(before.id, &[MailTokenPurpose::ReportTakeover], since).await?;
    let after = given_back(&mut work, &before, &shown).await?;
    let after = save_as(&mut work, &before, after, AuditAction::TakeoverReported).await?;
    if after.is_active {
        reset(&mut work, &after).await?;
    }
    Ok(work.commit().await?)
}

/// Ends all sessions, and removes every way to sign in that the other may know or may have added since, and the second
/// factors that would keep the owner out.
async fn lock_out(work: &mut Work<'_>, user: &User, shown: &Shown) -> Result<()> {
    end::all(work, user.id, None, EndReason::TakeoverReported).await?;
    work.users().remove_password(user.id).await?;
    work.mail_tokens().revoke(user.id, &OF_THE_ADDRESS, EVER).await?;
    factors::forget_all(work, user.id, shown.token.issued_at).await?;
    unlink_all(work, user.id, shown.token.issued_at).await
}

/// The account with the address that the report was sent to. If another account has that address by now, the account is
/// disabled: it can't be given back by a mail.
async fn given_back(work: &mut Work<'_>, user: &User, shown: &Shown) -> Result<User> {
    let (email, user) = (shown.token.email.clone(), User { must_change_password: false, ..user.clone() });
    if user.email == email {
        return Ok(User { email_verified: true, ..user });
    }
    let taken = work.users().credentials(&Identifier::Email(email.clone())).await?.is_some();
    Ok(if taken { User { is_active: false, ..user } } else { User { email, email_verified: true, ..user } })
}
