//! Mails to the owners of accounts: written into the outbox together with the act that they tell of, sent later, and the
//! tokens in their links.
//!
//! **To add a mail**: a kind in `domain`, its templates in `notify`, and a function in `write.rs` that the use case calls in its
//! unit of work.
mod change;
mod content;
mod deliver;
mod limit;
mod outbox;
mod report;
mod request;
mod reset;
mod tokens;
mod verify;
mod write;

pub(crate) use write::{
    about_factor, account_exists, email_changed, invitation, new_sign_in, password_changed, verification,
};

use crate::Services;
use crate::fields::Fields;
use crate::services::{Act, Work};
use async_trait::async_trait;
use doorward_domain::{Email, MailKind, MailTokenPurpose, User};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{MailDelivery, MailRequest, OutboxEntry, OwnerMails, PasswordReset};
use doorward_ports::outbound::Mailer;
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};
use request::Wanted;

#[async_trait]
impl OwnerMails for Services {
    async fn resend_verification(&self, caller: &Caller, request: MailRequest) -> Result<()> {
        let act = self.authorize(caller, Operation::ResendVerification)?;
        request::request(act, Wanted::Verification, &request).await
    }

    async fn verify_email(&self, caller: &Caller, token: Secret) -> Result<()> {
        verify::verify(self.authorize(caller, Operation::VerifyEmail)?, &token).await
    }

    async fn forgot_password(&self, caller: &Caller, request: MailRequest) -> Result<()> {
        request::request(self.authorize(caller, Operation::ForgotPassword)?, Wanted::Reset, &request).await
    }

    async fn reset_password(&self, caller: &Caller, reset: PasswordReset) -> Result<()> {
        reset::reset(self.authorize(caller, Operation::ResetPassword)?, reset).await
    }

    async fn change_own_email(&self, caller: &Caller, request: MailRequest) -> Result<()> {
        change::change_own(self.authorize_own(caller, Operation::ChangeOwnEmail)?, &request).await
    }

    async fn report_takeover(&self, caller: &Caller, token: Secret) -> Result<()> {
        report::report(self.authorize(caller, Operation::ReportTakeover)?, &token).await
    }
}

#[async_trait]
impl MailDelivery for Services {
    async fn waiting(&self, caller: &Caller) -> Result<u64> {
        outbox::waiting(&self.authorize(caller, Operation::DeliverMails)?).await
    }

    async fn deliver(&self, caller: &Caller) -> Result<usize> {
        deliver::deliver(self.authorize(caller, Operation::DeliverMails)?).await
    }

    async fn outbox(&self, caller: &Caller, limit: usize) -> Result<Vec<OutboxEntry>> {
        outbox::list(&self.authorize(caller, Operation::ListMails)?, limit).await
    }

    async fn send_test(&self, caller: &Caller, to: &str) -> Result<()> {
        outbox::send_test(&self.authorize(caller, Operation::SendTestMail)?, to).await
    }

    async fn check(&self, caller: &Caller) -> Result<()> {
        outbox::check(&self.authorize(caller, Operation::DeliverMails)?).await
    }
}

/// Refuses what is done by mail if Doorward sends none.
pub(crate) fn require_mails<'a>(act: &'a Act<'_>) -> Result<&'a dyn Mailer> {
    act.tools().mailer.as_deref().ok_or_else(|| {
        Error::new(
            ErrorCode::MailDisabled,
            "This service sends no mails. Ask an administrator to verify the address, or to set a new password.",
        )
    })
}

fn typed(email: &str) -> Result<Email> {
    let mut fields = Fields::default();
    let email = fields.take("/email", "invalid_email", Email::parse(email));
    fields.finish_with(email)
}

/// Whether the owner of an address may be told once more that somebody tries to register with it.
pub(crate) async fn may_tell_of_account(act: &Act<'_>, email: &Email) -> bool {
    limit::within_limit(act, MailKind::AccountExists, email.as_str()).await
}

/// An administrator could otherwise have mails sent to somebody again and again.
pub(crate) async fn refuse_too_many_invitations(act: &Act<'_>, email: &Email) -> Result<()> {
    if limit::within_limit(act, MailKind::Invitation, email.as_str()).await {
        return Ok(());
    }
    let detail = "This address has been sent too many invitations. Try again later.";
    Err(Error::new(ErrorCode::RateLimited, detail).retry_after(limit::RETRY_AFTER))
}

/// When the password is changed: a link to set a new one works only until then, and a change of the address that is not
/// confirmed may be of somebody whom the new password locks out.
pub(crate) async fn end_pending(work: &mut Work<'_>, user: &User) -> Result<()> {
    let pending = [MailTokenPurpose::ResetPassword, MailTokenPurpose::AcceptInvitation, MailTokenPurpose::ChangeEmail];
    work.mail_tokens().revoke(user.id, &pending, tokens::EVER).await?;
    Ok(())
}

/// When an administrator changes the address: whoever could read the mails of the former one has no link any more, except to
/// report it.
pub(crate) async fn end_links(work: &mut Work<'_>, user: &User) -> Result<()> {
    work.mail_tokens().revoke(user.id, &tokens::OF_THE_ADDRESS, tokens::EVER).await?;
    Ok(())
}
