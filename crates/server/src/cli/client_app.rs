//! `doorward client-app …`: programs that get tokens from Doorward.

use clap::{Args, Subcommand};
use doorward_domain::ClientKind;
use doorward_ports::inbound::{ClientAppChange, NewClientApp, WithSecret};
use doorward_views::{ClientApp, ClientAppWithSecret};

use super::named::{App, Doomed};
use super::operator_context::{OperatorContext, Walked, walk, with_context};
use super::print::Output;
use super::table;
use super::view::{Listed, Shown};
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `client-app`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward client-app create Billing --id billing --confidential --role support
  doorward client-app create Phone --redirect-uri com.example.phone:/callback
  doorward client-app disable billing                        end its tokens at once")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a client app, and print the secret of a confidential one once
    #[command(alias = "add")]
    Create(New),
    /// List client apps by id
    List,
    /// Show a client app
    Show(App),
    /// Give a confidential client app a new secret and print it once; the old secret is refused at once
    RotateSecret(App),
    /// Disable a client app, and end its tokens and the sessions for it
    Disable(App),
    /// Enable a client app again
    Enable(App),
    /// Delete a client app, and end its tokens and the sessions for it
    #[command(alias = "remove")]
    Delete(Doomed<App>),
}

#[derive(Debug, Args)]
struct New {
    /// The name of the app, for people
    name: String,
    /// The id of the app; without it, Doorward creates one
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The app runs on a server and can keep a secret
    #[arg(long)]
    confidential: bool,
    /// A URI where authorization codes may be sent; can be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// A web origin of the app's pages, such as `https://app.example.com`; can be repeated
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// A role of the app, if it is confidential; can be repeated
    #[arg(long = "role", value_name = "NAME")]
    roles: Vec<String>,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Delete(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_context(sources, output, doomed, async |context| act(context, arguments.verb).await)
}

async fn act(context: &OperatorContext, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Create(new) => create(context, new).await,
        Verb::List => list(context).await,
        Verb::Show(App { named: id }) => {
            let app = context.client_apps().get(&context.caller, &id).await?;
            table::record(&app.into(), ClientApp::SHOWN, context.output)
        }
        Verb::RotateSecret(App { named: id }) => {
            let rotated = context.client_apps().rotate_secret(&context.caller, &id).await?;
            show_secret(context, rotated)
        }
        Verb::Disable(App { named: id }) => set_active(context, &id, false).await,
        Verb::Enable(App { named: id }) => set_active(context, &id, true).await,
        Verb::Delete(Doomed { it: App { named: id }, .. }) => delete(context, &id).await,
    }
}

async fn create(context: &OperatorContext, new: New) -> Result<(), Failure> {
    let New { name, id, confidential, redirect_uris, origins, roles } = new;
    let kind = if confidential { ClientKind::Confidential } else { ClientKind::Public };
    let app = NewClientApp { id, name, kind: kind.as_str().to_owned(), redirect_uris, origins, roles };
    let created = context.client_apps().create(&context.caller, app).await?;
    show_secret(context, created)
}

/// The secret is shown only here.
fn show_secret(context: &OperatorContext, app: WithSecret) -> Result<(), Failure> {
    table::record(&app.into(), ClientAppWithSecret::SHOWN, context.output)
}

async fn list(context: &OperatorContext) -> Result<(), Failure> {
    let Walked { rows, .. } =
        walk(None, async |cursor, limit| context.client_apps().list(&context.caller, cursor, limit).await).await?;
    let rows: Vec<ClientApp> = rows.into_iter().map(Into::into).collect();
    table::list(&rows, ClientApp::LISTED, context.output)
}

async fn set_active(context: &OperatorContext, id: &str, is_active: bool) -> Result<(), Failure> {
    let change = ClientAppChange { is_active: Some(is_active), ..ClientAppChange::default() };
    let app = context.client_apps().change(&context.caller, id, change, None).await?;
    let verb = if is_active { "enabled" } else { "disabled" };
    context.answer(&ClientApp::from(app), &format!("{verb} the client app {id}"))
}

async fn delete(context: &OperatorContext, id: &str) -> Result<(), Failure> {
    let app = context.client_apps().get(&context.caller, id).await?;
    context.ask(&format!("Delete the client app {id}, and end its tokens and the sessions for it?"))?;
    context.client_apps().delete(&context.caller, id).await?;
    context.answer(&ClientApp::from(app), &format!("deleted the client app {id}"))
}
