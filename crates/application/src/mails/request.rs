//! Mails that anybody can ask for, by an address. The answer, and the time that it takes, does not tell whether there is an
//! account (OWASP ASVS 6.3.8; CVE-2023-39522).
use super::limit::within_limit;
use super::write::{Draft, verification, write};
use super::{require_mails, typed};
use crate::hiding::until_hidden;
use crate::services::{Act, Subject, Work};
use doorward_domain::{AuditAction, Email, Identifier, MailKind, MailTokenPurpose, User};
use doorward_ports::Result;
use doorward_ports::inbound::MailRequest;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Verification,
    Reset,
}

pub(super) async fn request(mut act: Act<'_>, wanted: Wanted, request: &MailRequest) -> Result<()> {
    require_mails(&act)?;
    let (began, email) = (act.now(), typed(&request.email)?);
    let allowed = within_limit(&act, wanted.kind(), email.as_str()).await;
    let mut work = act.begin().await?;
    let user = account_of(&mut work, &email).await?;
    let (subject, refusal) =
        (user.as_ref().map_or(Subject::Unknown, |user| Subject::User(user.id)), wanted.refusal(user.as_ref(), allowed));
    match (user, refusal) {
        (Some(user), None) => {
            wanted.write(&mut work, &user).await?;
            work.audit(wanted.action(), subject).await?;
        }
        (_, refusal) => work.audit_refusal(wanted.action(), subject, refusal.unwrap_or(UNKNOWN)).await?,
    }
    work.commit().await?;
    until_hidden(&act, began).await;
    Ok(())
}

const UNKNOWN: &str = "unknown_address";

/// The account with this address, locked, if there is one.
async fn account_of(work: &mut Work<'_>, email: &Email) -> Result<Option<User>> {
    let owner = work.users().credentials(&Identifier::Email(email.clone())).await?;
    let user = match owner {
        Some(owner) => work.users().lock(owner.user).await?,
        None => None,
    };
    // It may have got another address in between.
    Ok(user.filter(|user| user.email == *email))
}

impl Wanted {
    const fn kind(self) -> MailKind {
        match self {
            Self::Verification => MailKind::VerifyEmail,
            Self::Reset => MailKind::ResetPassword,
        }
    }

    const fn action(self) -> AuditAction {
        match self {
            Self::Verification => AuditAction::VerificationRequested,
            Self::Reset => AuditAction::PasswordResetRequested,
        }
    }

    /// Why no mail is sent, for the audit log.
    fn refusal(self, user: Option<&User>, allowed: bool) -> Option<&'static str> {
        match user {
            None => Some(UNKNOWN),
            Some(user) if !user.is_active => Some("account_disabled"),
            Some(user) if self == Self::Verification && user.email_verified => Some("already_verified"),
            Some(_) if !allowed => Some("rate_limited"),
            Some(_) => None,
        }
    }

    async fn write(self, work: &mut Work<'_>, user: &User) -> Result<()> {
        match self {
            Self::Verification => verification(work, user).await,
            Self::Reset => reset(work, user).await,
        }
    }
}

/// Sends a link to set a new password to the address of the account.
pub(super) async fn reset(work: &mut Work<'_>, user: &User) -> Result<()> {
    let draft = Draft::new(MailKind::ResetPassword, &user.email).linking(MailTokenPurpose::ResetPassword);
    let draft = draft.telling_of(work);
    write(work, user, draft).await
}
