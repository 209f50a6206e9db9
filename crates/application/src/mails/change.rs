use super::limit::{RETRY_AFTER, within_limit};
use super::write::{Draft, account_exists, write};
use super::{require_mails, typed};
use crate::accounts::user_not_found;
use crate::services::{Act, OwnAct, Subject, Work};
use doorward_domain::{AuditAction, Email, Identifier, MailKind, MailTokenPurpose, User};
use doorward_ports::inbound::MailRequest;
use doorward_ports::{Error, ErrorCode, FieldError, Result};

/// The address of the account changes when the new one is confirmed. If another account has it, its owner is told instead,
/// and the caller learns nothing.
pub(super) async fn change_own(OwnAct { mut act, owner }: OwnAct<'_>, request: &MailRequest) -> Result<()> {
    require_mails(&act)?;
    let email = typed(&request.email)?;
    refuse_too_many(&act, &[&owner.user.to_string(), email.as_str()]).await?;
    let mut work = act.begin().await?;
    let user = work.users().lock(owner.user).await?.ok_or_else(user_not_found)?;
    if user.email == email {
        return Err(unchanged());
    }
    ask(&mut work, &user, &email).await?;
    let told = Draft::new(MailKind::EmailChangeRequested, &user.email).reporting().naming(&email).telling_of(&work);
    write(&mut work, &user, told).await?;
    work.audit(AuditAction::EmailChangeRequested, Subject::User(user.id)).await?;
    Ok(work.commit().await?)
}

async fn ask(work: &mut Work<'_>, user: &User, email: &Email) -> Result<()> {
    let taken = work.users().credentials(&Identifier::Email(email.clone())).await?;
    let other = match taken {
        Some(taken) => work.users().by_id(taken.user).await?,
        None => None,
    };
    match other {
        Some(other) => account_exists(work, &other).await,
        None => {
            let draft = Draft::new(MailKind::ChangeEmail, email).linking(MailTokenPurpose::ChangeEmail);
            let draft = draft.telling_of(work);
            write(work, user, draft).await
        }
    }
}

/// Somebody who is signed in could otherwise have mails sent to any addresses.
async fn refuse_too_many(act: &Act<'_>, counted: &[&str]) -> Result<()> {
    for of in counted {
        if !within_limit(act, MailKind::ChangeEmail, of).await {
            let detail = "You have asked for too many changes of the e-mail address. Try again later.";
            return Err(Error::new(ErrorCode::RateLimited, detail).retry_after(RETRY_AFTER));
        }
    }
    Ok(())
}

fn unchanged() -> Error {
    let message = "is the e-mail address of your account already.".to_owned();
    Error::invalid(vec![FieldError { pointer: "/email".to_owned(), code: "unchanged_email", message }])
}
