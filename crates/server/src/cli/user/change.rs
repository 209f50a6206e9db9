use doorward_ports::inbound::AccountChange;
use doorward_views::User;

use super::Desk;
use crate::cli::password;
use crate::failure::Failure;

pub(super) async fn set_active(desk: &Desk, who: &str, is_active: bool) -> Result<(), Failure> {
    let account = desk.account(who).await?;
    let change = AccountChange { is_active: Some(is_active), ..AccountChange::default() };
    let changed = desk.accounts().change(&desk.caller, account.id, change, None).await?;
    let sentence = if is_active {
        format!("enabled {}", changed.email)
    } else {
        format!("disabled {} and ended its sessions", changed.email)
    };
    desk.answer(&User::from(changed), &sentence)
}

pub(super) async fn delete(desk: &Desk, who: &str) -> Result<(), Failure> {
    let account = desk.account(who).await?;
    desk.ask(&format!("Delete the account {} ({}) and all its data?", account.email, account.id))?;
    desk.accounts().delete(&desk.caller, account.id).await?;
    let sentence = format!("deleted {}", account.email);
    desk.answer(&User::from(account), &sentence)
}

pub(super) async fn set_password(desk: &Desk, who: &str) -> Result<(), Failure> {
    let account = desk.account(who).await?;
    let password = password::read_new(account.email.as_str())?;
    desk.accounts().set_password(&desk.caller, account.id, password).await?;
    let sentence = format!("set the password of {} and ended its sessions", account.email);
    desk.answer(&User::from(account), &sentence)
}

pub(super) async fn grant(desk: &Desk, who: &str, role: &str) -> Result<(), Failure> {
    let account = desk.account(who).await?;
    let changed = desk.accounts().grant_role(&desk.caller, account.id, role).await?;
    let sentence = format!("{} has the role {role}", changed.email);
    desk.answer(&User::from(changed), &sentence)
}

pub(super) async fn revoke(desk: &Desk, who: &str, role: &str) -> Result<(), Failure> {
    let account = desk.account(who).await?;
    let changed = desk.accounts().revoke_role(&desk.caller, account.id, role).await?;
    let sentence = format!("{} does not have the role {role}", changed.email);
    desk.answer(&User::from(changed), &sentence)
}

pub(super) async fn unlock(desk: &Desk, who: &str) -> Result<(), Failure> {
    let account = desk.account(who).await?;
    desk.accounts().unlock(&desk.caller, account.id).await?;
    let sentence = format!("unlocked {}", account.email);
    desk.answer(&User::from(account), &sentence)
}

pub(super) async fn sign_out(desk: &Desk, who: &str) -> Result<(), Failure> {
    let account = desk.account(who).await?;
    desk.sessions().end_of_user(&desk.caller, account.id).await?;
    let sentence = format!("ended all sessions of {}", account.email);
    desk.answer(&User::from(account), &sentence)
}
