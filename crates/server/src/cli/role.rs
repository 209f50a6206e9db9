//! `doorward role …`: roles and their permissions.

use clap::{Args, Subcommand};
use doorward_ports::inbound::NewRole;
use doorward_views as views;

use super::desk::{Desk, Walked, walk, with_desk};
use super::named::{Doomed, Role};
use super::print::Output;
use super::view::{Listed, Shown};
use super::{permission, table};
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `role`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward role create support --description 'Answers tickets' --permission users:read
  doorward role grant support sessions:read
  doorward permission list                                   list what you can grant")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List roles by name
    List,
    /// Show a role and its permissions
    Show(Role),
    /// Create a role
    Create(New),
    /// Delete a role, and revoke it from all accounts and client apps
    Delete(Doomed<Role>),
    /// Grant a permission to a role
    Grant(Granted),
    /// Revoke a permission from a role
    Revoke(Granted),
    /// List all permissions, like `permission list`
    Permissions,
}

#[derive(Debug, Args)]
struct New {
    #[command(flatten)]
    role: Role,
    /// The purpose of the role, for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A permission of the role, such as users:read; can be repeated
    #[arg(long = "permission", value_name = "NAME")]
    permissions: Vec<String>,
}

#[derive(Debug, Args)]
struct Granted {
    /// The name of the role
    role: String,
    /// The name of the permission, such as users:read
    permission: String,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Delete(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_desk(sources, output, doomed, async |desk| act(desk, arguments.verb).await)
}

async fn act(desk: &Desk, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => list(desk).await,
        Verb::Permissions => permission::list(desk).await,
        Verb::Show(Role { named: name }) => {
            let role = desk.roles().get(&desk.caller, &name).await?;
            table::record(&role.into(), views::Role::SHOWN, desk.output)
        }
        Verb::Create(New { role: Role { named: name }, description, permissions }) => {
            let role = desk.roles().create(&desk.caller, NewRole { name, description, permissions }).await?;
            let sentence = format!("created the role {}", role.name);
            desk.answer(&views::Role::from(role), &sentence)
        }
        Verb::Delete(Doomed { it: Role { named: name }, .. }) => delete(desk, &name).await,
        Verb::Grant(Granted { role, permission }) => {
            let role = desk.roles().allow(&desk.caller, &role, &permission).await?;
            let sentence = format!("the role {} has the permission {permission}", role.name);
            desk.answer(&views::Role::from(role), &sentence)
        }
        Verb::Revoke(Granted { role, permission }) => {
            let role = desk.roles().disallow(&desk.caller, &role, &permission).await?;
            let sentence = format!("the role {} does not have the permission {permission}", role.name);
            desk.answer(&views::Role::from(role), &sentence)
        }
    }
}

async fn list(desk: &Desk) -> Result<(), Failure> {
    let Walked { rows, .. } =
        walk(None, async |cursor, limit| desk.roles().list(&desk.caller, cursor, limit).await).await?;
    let rows: Vec<views::Role> = rows.into_iter().map(views::Role::from).collect();
    table::list(&rows, views::Role::LISTED, desk.output)
}

async fn delete(desk: &Desk, name: &str) -> Result<(), Failure> {
    let role = desk.roles().get(&desk.caller, name).await?;
    desk.ask(&format!("Delete the role {name} and revoke it from all accounts and client apps?"))?;
    desk.roles().delete(&desk.caller, name).await?;
    desk.answer(&views::Role::from(role), &format!("deleted the role {name}"))
}
