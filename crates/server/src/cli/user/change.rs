use clap::Args;
use doorward_ports::inbound::AccountChange;
use doorward_views::User;

use super::OperatorContext;
use crate::cli::named::Who;
use crate::cli::password;
use crate::failure::Failure;

pub(super) async fn set_active(context: &OperatorContext, who: &str, is_active: bool) -> Result<(), Failure> {
    let account = context.account(who).await?;
    let change = AccountChange { is_active: Some(is_active), ..AccountChange::default() };
    let changed = context.accounts().change(&context.caller, account.id, change, None).await?;
    let sentence = if is_active {
        format!("enabled {}", changed.email)
    } else {
        format!("disabled {} and ended its sessions", changed.email)
    };
    context.answer(&User::from(changed), &sentence)
}

pub(super) async fn delete(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    context.ask(&format!("Delete the account {} ({}) and all its data?", account.email, account.id))?;
    context.accounts().delete(&context.caller, account.id).await?;
    let sentence = format!("deleted {}", account.email);
    context.answer(&User::from(account), &sentence)
}

/// Arguments of `user set-password`.
#[derive(Debug, Args)]
pub(super) struct SetPassword {
    #[command(flatten)]
    account: Who,
    /// Let the owner do nothing after the next sign-in until they have chosen another password
    #[arg(long)]
    must_change: bool,
}

pub(super) async fn set_password(context: &OperatorContext, asked: &SetPassword) -> Result<(), Failure> {
    let account = context.account(&asked.account.named).await?;
    let password = password::read_new(account.email.as_str())?;
    let (accounts, by) = (context.accounts(), &context.caller);
    if asked.must_change {
        accounts.set_temporary_password(by, account.id, password).await?;
    } else {
        accounts.set_password(by, account.id, password).await?;
    }
    let sentence = format!("set the password of {} and ended its sessions", account.email);
    context.answer(&User::from(account), &sentence)
}

pub(super) async fn grant(context: &OperatorContext, who: &str, role: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    let changed = context.accounts().grant_role(&context.caller, account.id, role).await?;
    let sentence = format!("{} has the role {role}", changed.email);
    context.answer(&User::from(changed), &sentence)
}

pub(super) async fn revoke(context: &OperatorContext, who: &str, role: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    let changed = context.accounts().revoke_role(&context.caller, account.id, role).await?;
    let sentence = format!("{} does not have the role {role}", changed.email);
    context.answer(&User::from(changed), &sentence)
}

pub(super) async fn unlock(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    context.accounts().unlock(&context.caller, account.id).await?;
    let sentence = format!("unlocked {}", account.email);
    context.answer(&User::from(account), &sentence)
}

pub(super) async fn invite(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    context.accounts().invite(&context.caller, account.id).await?;
    let sentence = format!("invited {}: a mail with a link to set a password is sent", account.email);
    context.answer(&User::from(account), &sentence)
}

pub(super) async fn sign_out(context: &OperatorContext, who: &str) -> Result<(), Failure> {
    let account = context.account(who).await?;
    context.sessions().end_of_user(&context.caller, account.id).await?;
    let sentence = format!("ended all sessions of {}", account.email);
    context.answer(&User::from(account), &sentence)
}
