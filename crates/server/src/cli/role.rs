//! `doorward role …`: roles, and what they allow.

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

/// What can be said to `role`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward role create support --description 'Answers tickets' --permission users:read
  doorward role grant support sessions:read
  doorward permission list                                   what can be granted")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List roles by name
    List,
    /// Show a role and what it allows
    Show(Role),
    /// Make a role
    Create(New),
    /// Delete a role, and take it from all who hold it
    Delete(Doomed<Role>),
    /// Let a role allow something
    Grant(Allowed),
    /// Let a role allow something no longer
    Revoke(Allowed),
    /// List every permission there is, as `permission list` does
    Permissions,
}

#[derive(Debug, Args)]
struct New {
    #[command(flatten)]
    role: Role,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// What it allows, such as users:read; may be given many times
    #[arg(long = "permission", value_name = "NAME")]
    permissions: Vec<String>,
}

#[derive(Debug, Args)]
struct Allowed {
    /// The role
    role: String,
    /// The permission, such as users:read
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
            let sentence = format!("made the role {}", role.name);
            desk.answer(&views::Role::from(role), &sentence)
        }
        Verb::Delete(Doomed { it: Role { named: name }, .. }) => delete(desk, &name).await,
        Verb::Grant(Allowed { role, permission }) => {
            let role = desk.roles().allow(&desk.caller, &role, &permission).await?;
            let sentence = format!("the role {} allows {permission}", role.name);
            desk.answer(&views::Role::from(role), &sentence)
        }
        Verb::Revoke(Allowed { role, permission }) => {
            let role = desk.roles().disallow(&desk.caller, &role, &permission).await?;
            let sentence = format!("the role {} does not allow {permission}", role.name);
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
    desk.ask(&format!("Delete the role {name} and take it from all who hold it?"))?;
    desk.roles().delete(&desk.caller, name).await?;
    desk.answer(&views::Role::from(role), &format!("deleted the role {name}"))
}
