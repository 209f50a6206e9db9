use clap::Args;
use doorward_ports::inbound::NewAccount;
use doorward_ports::{Personal, Secret};
use doorward_views::User;

use super::OperatorContext;
use crate::cli::password;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The e-mail address, with which the owner signs in
    email: Personal,
    /// A username, with which the owner can sign in too
    #[arg(long, value_name = "NAME")]
    username: Option<Personal>,
    /// The full name of the owner
    #[arg(long, value_name = "NAME")]
    full_name: Option<Personal>,
    /// The language of the owner, such as en-GB
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
    /// A role in addition to `user`, which every account has; can be repeated
    #[arg(long = "role", value_name = "NAME")]
    roles: Vec<String>,
    /// Mark the e-mail address as verified
    #[arg(long)]
    verified: bool,
    /// Create the account disabled: nobody can sign in until it is enabled
    #[arg(long)]
    disabled: bool,
    /// The id of the account in the system that it comes from
    #[arg(long, value_name = "ID")]
    external_id: Option<Personal>,
    /// Create the account without a password: the owner gets a mail with a link to set one
    #[arg(long)]
    no_password: bool,
    /// Send no mail: nobody can sign in with a password until one is set
    #[arg(long, requires = "no_password")]
    no_invitation: bool,
    /// Let the owner do nothing after the sign-in until they have chosen another password
    #[arg(long, conflicts_with = "no_password")]
    must_change_password: bool,
}

pub(super) async fn create(context: &OperatorContext, account: Arguments) -> Result<(), Failure> {
    let password = if account.no_password { None } else { Some(password::read_new(&account.email)?) };
    let created = context.accounts().create(&context.caller, wanted(account, password)).await?;
    let sentence = format!("created the account {} ({})", created.email, created.id);
    context.answer(&User::from(created), &sentence)
}

fn wanted(typed: Arguments, password: Option<Secret>) -> NewAccount {
    NewAccount {
        email: typed.email,
        email_verified: typed.verified,
        password,
        must_change_password: typed.must_change_password,
        invite: !typed.no_invitation,
        username: typed.username,
        full_name: typed.full_name,
        locale: typed.locale,
        roles: typed.roles,
        is_active: !typed.disabled,
        external_id: typed.external_id,
    }
}
