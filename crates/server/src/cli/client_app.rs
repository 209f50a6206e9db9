//! `doorward client-app …`: programs that ask for tokens.

use clap::{Args, Subcommand};
use doorward_domain::ClientKind;
use doorward_ports::inbound::{ClientAppChange, NewClientApp, WithSecret};
use doorward_views::{ClientApp, ClientAppWithSecret};

use super::desk::{Desk, Walked, walk, with_desk};
use super::named::{App, Doomed};
use super::print::Output;
use super::table;
use super::view::{Listed, Shown};
use crate::failure::Failure;
use doorward_settings::Sources;

/// What can be said to `client-app`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  doorward client-app add Billing --id billing --confidential --role support
  doorward client-app add Phone --redirect-uri com.example.phone:/callback
  doorward client-app disable billing                        its tokens end at once")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a client app; the secret of a confidential one is shown once
    Add(New),
    /// List client apps by id
    List,
    /// Show a client app
    Show(App),
    /// Give a confidential client app a new secret, shown once; the old one is void at once
    RotateSecret(App),
    /// Disable a client app; its tokens and the sessions made for it end
    Disable(App),
    /// Enable a client app again
    Enable(App),
    /// Delete a client app; its tokens and the sessions made for it end
    Remove(Doomed<App>),
}

#[derive(Debug, Args)]
struct New {
    /// What people call it
    name: String,
    /// Its id; one is made up when none is given
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// It runs on a server of its own and can keep a secret
    #[arg(long)]
    confidential: bool,
    /// Where codes may be sent; may be given many times
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Whose pages belong to it, such as `https://app.example.com`; may be given many times
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// What it may do on its own account, if it is confidential; may be given many times
    #[arg(long = "role", value_name = "NAME")]
    roles: Vec<String>,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Remove(doomed) = &arguments.verb { Some(doomed.yes) } else { None };
    with_desk(sources, output, doomed, async |desk| act(desk, arguments.verb).await)
}

async fn act(desk: &Desk, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Add(new) => add(desk, new).await,
        Verb::List => list(desk).await,
        Verb::Show(App { named: id }) => {
            let app = desk.client_apps().get(&desk.caller, &id).await?;
            table::record(&app.into(), ClientApp::SHOWN, desk.output)
        }
        Verb::RotateSecret(App { named: id }) => {
            let rotated = desk.client_apps().rotate_secret(&desk.caller, &id).await?;
            made(desk, rotated)
        }
        Verb::Disable(App { named: id }) => set_active(desk, &id, false).await,
        Verb::Enable(App { named: id }) => set_active(desk, &id, true).await,
        Verb::Remove(Doomed { it: App { named: id }, .. }) => remove(desk, &id).await,
    }
}

async fn add(desk: &Desk, new: New) -> Result<(), Failure> {
    let New { name, id, confidential, redirect_uris, origins, roles } = new;
    let kind = if confidential { ClientKind::Confidential } else { ClientKind::Public };
    let app = NewClientApp { id, name, kind: kind.as_str().to_owned(), redirect_uris, origins, roles };
    let added = desk.client_apps().create(&desk.caller, app).await?;
    made(desk, added)
}

/// The one moment in which the secret is shown.
fn made(desk: &Desk, made: WithSecret) -> Result<(), Failure> {
    table::record(&made.into(), ClientAppWithSecret::SHOWN, desk.output)
}

async fn list(desk: &Desk) -> Result<(), Failure> {
    let Walked { rows, .. } =
        walk(None, async |cursor, limit| desk.client_apps().list(&desk.caller, cursor, limit).await).await?;
    let rows: Vec<ClientApp> = rows.into_iter().map(Into::into).collect();
    table::list(&rows, ClientApp::LISTED, desk.output)
}

async fn set_active(desk: &Desk, id: &str, is_active: bool) -> Result<(), Failure> {
    let change = ClientAppChange { is_active: Some(is_active), ..ClientAppChange::default() };
    let app = desk.client_apps().change(&desk.caller, id, change, None).await?;
    let verb = if is_active { "enabled" } else { "disabled" };
    desk.answer(&ClientApp::from(app), &format!("{verb} the client app {id}"))
}

async fn remove(desk: &Desk, id: &str) -> Result<(), Failure> {
    let app = desk.client_apps().get(&desk.caller, id).await?;
    desk.ask(&format!("Delete the client app {id}, its tokens and the sessions made for it?"))?;
    desk.client_apps().delete(&desk.caller, id).await?;
    desk.answer(&ClientApp::from(app), &format!("deleted the client app {id}"))
}
