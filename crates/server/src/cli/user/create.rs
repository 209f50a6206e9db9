use clap::Args;
use doorward_ports::Secret;
use doorward_ports::inbound::NewAccount;
use doorward_views::User;

use super::Desk;
use crate::cli::password;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The e-mail address, with which its owner signs in
    email: String,
    /// A second name to sign in with
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// What people call the owner
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    /// The language the owner reads, such as en-GB
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
    /// A role besides `user`, which everybody has; may be given many times
    #[arg(long = "role", value_name = "NAME")]
    roles: Vec<String>,
    /// Take the address as known to be the owner's
    #[arg(long)]
    verified: bool,
    /// Make it disabled: nobody can sign in until it is enabled
    #[arg(long)]
    disabled: bool,
    /// Its name in another system
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Make it without a password: nobody can sign in by one until it is set
    #[arg(long)]
    no_password: bool,
}

pub(super) async fn create(desk: &Desk, account: Arguments) -> Result<(), Failure> {
    let password = if account.no_password { None } else { Some(password::read_new(&account.email)?) };
    let created = desk.accounts().create(&desk.caller, wanted(account, password)).await?;
    let sentence = format!("made the account {} ({})", created.email, created.id);
    desk.answer(&User::from(created), &sentence)
}

fn wanted(typed: Arguments, password: Option<Secret>) -> NewAccount {
    NewAccount {
        email: typed.email,
        email_verified: typed.verified,
        password,
        username: typed.username,
        full_name: typed.full_name,
        locale: typed.locale,
        roles: typed.roles,
        is_active: !typed.disabled,
        external_id: typed.external_id,
    }
}
