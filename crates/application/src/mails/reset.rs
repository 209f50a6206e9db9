use super::tokens::{EVER, OF_THE_ADDRESS, Shown, invalid_mail_token};
use super::write::password_changed;
use crate::accounts::{good_password, refuse_the_same, save, save_as};
use crate::changes::Changes;
use crate::factors;
use crate::identities::unlink_all;
use crate::providers::{enabled_in, withdraw_roles};
use crate::services::{Act, Subject, Work};
use crate::sessions::end;
use doorward_domain::{AuditAction, EndReason, MailTokenPurpose, User};
use doorward_ports::Result;
use doorward_ports::inbound::PasswordReset;
use doorward_ports::outbound::AccountKey;

/// With the link of a reset or of an invitation. All slow work comes first; the token is spent in the unit of work that sets
/// the password. A second factor stays: whoever can read the owner's mail must not get past it by that (OWASP ASVS 6.4.3).
pub(super) async fn reset(mut act: Act<'_>, reset: PasswordReset) -> Result<()> {
    let shown = Shown::look_up(&act, &reset.token, &PURPOSES).await?;
    let (id, account) = (shown.token.user, AccountKey::of_user(shown.token.user));
    let user = act.read().await?.users().by_id(id).await?.ok_or_else(invalid_mail_token)?;
    let password = good_password(act.policies, &user, &reset.password)?;
    refuse_the_same(&act, &user, &password).await?;
    let hash = act.hash(account, &password).await?;
    let mut work = act.begin().await?;
    // First the counts, then the account, in the same order of locks as at a sign-in.
    work.attempts().clear_all(account).await?;
    let before = shown.spend(&mut work).await?;
    let before = prove_address(&mut work, before).await?;
    let user = save(&mut work, &before, User { must_change_password: false, ..before.clone() }).await?;
    work.users().set_password(user.id, &hash).await?;
    end::all(&mut work, user.id, None, EndReason::PasswordReset).await?;
    work.mail_tokens().revoke(user.id, &OF_THE_ADDRESS, EVER).await?;
    note(&mut work, &user, shown.token.purpose).await?;
    Ok(work.commit().await?)
}

const PURPOSES: [MailTokenPurpose; 2] = [MailTokenPurpose::ResetPassword, MailTokenPurpose::AcceptInvitation];

/// Nobody is told of a first password.
async fn note(work: &mut Work<'_>, user: &User, purpose: MailTokenPurpose) -> Result<()> {
    let (subject, details) = (Subject::User(user.id), Changes::default().hidden("password", true).into_details());
    if purpose == MailTokenPurpose::AcceptInvitation {
        return Ok(work.audit_with(AuditAction::InvitationAccepted, subject, details).await?);
    }
    work.audit_with(AuditAction::PasswordReset, subject, details).await?;
    password_changed(work, user).await
}

/// The owner of the address has proved it. If this is the first proof, somebody else may have created the account with this
/// address and be waiting for its owner (account pre-hijacking): what was made before the proof is removed. The password is
/// replaced and all sessions end in any case.
async fn prove_address(work: &mut Work<'_>, before: User) -> Result<User> {
    if before.email_verified {
        return Ok(before);
    }
    let before = forget_what_nobody_proved(work, before).await?;
    let after = User { email_verified: true, ..before.clone() };
    save_as(work, &before, after, AuditAction::EmailVerified).await
}

/// Whatever else can sign in to an account without its password is removed here as well, and what a provider has given to
/// whoever had it; and nobody who had the account before can report the owner.
async fn forget_what_nobody_proved(work: &mut Work<'_>, mut user: User) -> Result<User> {
    work.mail_tokens().revoke(user.id, &[MailTokenPurpose::ReportTakeover], EVER).await?;
    factors::forget_all(work, user.id, EVER).await?;
    for identity in work.identities().of_user(user.id).await? {
        if let Some(provider) = enabled_in(work, &identity.provider).await? {
            user = withdraw_roles(work, user, &provider).await?;
        }
    }
    unlink_all(work, user.id, EVER).await?;
    Ok(user)
}
