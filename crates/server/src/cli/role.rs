//! `doorward role …`: roles and their permissions.

use clap::{Args, Subcommand};
use doorward_ports::inbound::NewRole;
use doorward_views as views;

use super::named::{Doomed, Role};
use super::operator_context::{OperatorContext, Walked, walk, with_context};
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
    with_context(sources, output, doomed, async |context| act(context, arguments.verb).await)
}

async fn act(context: &OperatorContext, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => list(context).await,
        Verb::Permissions => permission::list(context).await,
        Verb::Show(Role { named: name }) => {
            let role = context.roles().get(&context.caller, &name).await?;
            table::record(&role.into(), views::Role::SHOWN, context.output)
        }
        Verb::Create(New { role: Role { named: name }, description, permissions }) => {
            let role = context.roles().create(&context.caller, NewRole { name, description, permissions }).await?;
            let sentence = format!("created the role {}", role.name);
            context.answer(&views::Role::from(role), &sentence)
        }
        Verb::Delete(Doomed { it: Role { named: name }, .. }) => delete(context, &name).await,
        Verb::Grant(Granted { role, permission }) => {
            let role = context.roles().grant_permission(&context.caller, &role, &permission).await?;
            let sentence = format!("the role {} has the permission {permission}", role.name);
            context.answer(&views::Role::from(role), &sentence)
        }
        Verb::Revoke(Granted { role, permission }) => {
            let role = context.roles().revoke_permission(&context.caller, &role, &permission).await?;
            let sentence = format!("the role {} does not have the permission {permission}", role.name);
            context.answer(&views::Role::from(role), &sentence)
        }
    }
}

async fn list(context: &OperatorContext) -> Result<(), Failure> {
    let Walked { rows, .. } =
        walk(None, async |cursor, limit| context.roles().list(&context.caller, cursor, limit).await).await?;
    let rows: Vec<views::Role> = rows.into_iter().map(views::Role::from).collect();
    table::list(&rows, views::Role::LISTED, context.output)
}

async fn delete(context: &OperatorContext, name: &str) -> Result<(), Failure> {
    let role = context.roles().get(&context.caller, name).await?;
    context.ask(&format!("Delete the role {name} and revoke it from all accounts and client apps?"))?;
    context.roles().delete(&context.caller, name).await?;
    context.answer(&views::Role::from(role), &format!("deleted the role {name}"))
}
