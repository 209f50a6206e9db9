//! `doorward permission …`: the permissions that roles can have.

use clap::{Args, Subcommand};
use doorward_ports::inbound::NewPermission;
use doorward_views as views;

use super::named::{Doomed, Permission};
use super::operator_context::{OperatorContext, Walked, walk, with_context};
use super::print::Output;
use super::table;
use super::view::Listed;
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `permission`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward permission create reports:read --description 'Read reports'
  doorward role grant support reports:read
  doorward permission delete reports:read --yes")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List all permissions
    List,
    /// Create a permission; the role admin gets it at once
    Create(New),
    /// Delete a permission, and revoke it from all roles
    Delete(Doomed<Permission>),
}

#[derive(Debug, Args)]
struct New {
    #[command(flatten)]
    permission: Permission,
    /// What the permission allows, for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Delete(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_context(sources, output, doomed, async |context| act(context, arguments.verb).await)
}

async fn act(context: &OperatorContext, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => list(context).await,
        Verb::Create(New { permission: Permission { named: name }, description }) => {
            let created =
                context.roles().create_permission(&context.caller, NewPermission { name, description }).await?;
            let sentence = format!("created the permission {}", created.name);
            context.answer(&views::Permission::from(created), &sentence)
        }
        Verb::Delete(Doomed { it: Permission { named: name }, .. }) => {
            context.ask(&format!("Delete the permission {name} and revoke it from all roles?"))?;
            context.roles().delete_permission(&context.caller, &name).await?;
            context.answer(&serde_json::json!({ "name": name }), &format!("deleted the permission {name}"))
        }
    }
}

pub(super) async fn list(context: &OperatorContext) -> Result<(), Failure> {
    let Walked { rows, .. } =
        walk(None, async |cursor, limit| context.roles().list_permissions(&context.caller, cursor, limit).await)
            .await?;
    let rows: Vec<views::Permission> = rows.into_iter().map(views::Permission::from).collect();
    table::list(&rows, views::Permission::LISTED, context.output)
}
