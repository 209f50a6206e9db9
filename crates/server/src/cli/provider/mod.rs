//! `doorward provider …`: the identity providers that people sign in with.

mod options;
mod secret;

use clap::{Args, Subcommand};
use doorward_ports::inbound::{NewProvider, ProviderChange};
use doorward_views::{Provider as View, ProviderTest, ProviderTestStep};

use self::options::Options;
use self::secret::{ForNew, SecretChange, Source};
use super::named::{Doomed, Provider};
use super::operator_context::{OperatorContext, Walked, walk, with_context};
use super::print::{self, Output};
use super::table;
use super::view::{Listed, Shown};
use crate::failure::Failure;
use doorward_settings::Sources;

/// Arguments of `provider`.
#[derive(Debug, Args)]
#[command(after_help = "\
Changes take effect on a running server within one second. Providers of the settings are listed too, and are changed there.
A client secret is never an argument, because other users of the machine could see it.

Examples:
  doorward provider add work --kind oidc --issuer https://id.example.com --client-id doorward
  doorward provider add google --kind google --client-id 1234.apps.googleusercontent.com --client-secret-env SECRET
  doorward provider add gitlab --preset gitlab --client-id 1234 --client-secret-file /run/secrets/gitlab
  doorward provider test work                                find out why nobody can sign in with it
  doorward provider update work --client-secret-file /run/secrets/work
  doorward provider list --output json | jq -r '.[].redirect_uri'")]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a provider; ask for its client secret, or read it from standard input
    #[command(alias = "create")]
    Add(Box<New>),
    /// List all providers by name
    List,
    /// Show a provider, with the redirect URI to register there
    Show(Provider),
    /// Change a provider; what is not given stays as it is
    Update(Box<Changed>),
    /// Enable a provider again
    Enable(Provider),
    /// Disable a provider: nobody can sign in with it until it is enabled again
    Disable(Provider),
    /// Try step by step what a sign-in with the provider needs, and print what to fix
    Test(Provider),
    /// Remove a provider; the identities that are linked with it stay
    #[command(alias = "delete")]
    Remove(Removed),
}

#[derive(Debug, Args)]
struct New {
    #[command(flatten)]
    provider: Provider,
    /// The kind of the provider, such as oidc, entra, okta, google or github
    #[arg(long, required_unless_present = "preset")]
    kind: Option<String>,
    /// A provider of which most is known: apple, auth0, discord, facebook, gitlab, keycloak, linkedin or slack
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Add the provider disabled, to test it first
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    secret: ForNew,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Args)]
struct Changed {
    #[command(flatten)]
    provider: Provider,
    /// Ask for a new client secret, or read it from standard input
    #[arg(long, group = "client_secret")]
    ask_client_secret: bool,
    #[command(flatten)]
    secret: ForNew,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Args)]
struct Removed {
    #[command(flatten)]
    doomed: Doomed<Provider>,
    /// Remove the provider also while identities are linked with it
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: Arguments, sources: &Sources, output: Output) -> Result<(), Failure> {
    let doomed = if let Verb::Remove(removed) = &arguments.verb { Some(removed.doomed.yes) } else { None };
    with_context(sources, output, doomed, async |context| act(context, arguments.verb).await)
}

async fn act(context: &OperatorContext, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Add(new) => add(context, *new).await,
        Verb::List => list(context).await,
        Verb::Show(Provider { named: name }) => {
            let provider = context.providers().get(&context.caller, &name).await?;
            table::record(&provider.into(), View::SHOWN, context.output)
        }
        Verb::Update(changed) => update(context, *changed).await,
        Verb::Enable(Provider { named: name }) => set_enabled(context, &name, true).await,
        Verb::Disable(Provider { named: name }) => set_enabled(context, &name, false).await,
        Verb::Test(Provider { named: name }) => test(context, &name).await,
        Verb::Remove(Removed { doomed, force }) => remove(context, &doomed.it.named, force).await,
    }
}

async fn add(context: &OperatorContext, new: New) -> Result<(), Failure> {
    let New { provider: Provider { named: name }, kind, preset, disabled, secret, options } = new;
    let source = secret.source().unwrap_or(Source::Asked { optional: true });
    let SecretChange { client_secret, client_key } = source.read(&name)?;
    let provider = options.new_provider(name, (kind, preset));
    let provider = NewProvider { client_secret, client_key, enabled: disabled.then_some(false), ..provider };
    let added = context.providers().create(&context.caller, provider).await?;
    table::record(&added.into(), View::SHOWN, context.output)
}

async fn list(context: &OperatorContext) -> Result<(), Failure> {
    let Walked { rows, .. } =
        walk(None, async |cursor, limit| context.providers().list(&context.caller, cursor, limit).await).await?;
    let rows: Vec<View> = rows.into_iter().map(Into::into).collect();
    table::list(&rows, View::LISTED, context.output)
}

async fn update(context: &OperatorContext, changed: Changed) -> Result<(), Failure> {
    let Changed { provider: Provider { named: name }, ask_client_secret, secret, options } = changed;
    let asked = ask_client_secret.then_some(Source::Asked { optional: false });
    let source = secret.source().or(asked);
    let SecretChange { client_secret, client_key } = source.map(|it| it.read(&name)).transpose()?.unwrap_or_default();
    let change = ProviderChange { client_secret, client_key, ..options.change() };
    let provider = context.providers().change(&context.caller, &name, change, None).await?;
    context.answer(&View::from(provider), &format!("changed the provider {name}"))
}

async fn set_enabled(context: &OperatorContext, name: &str, enabled: bool) -> Result<(), Failure> {
    let change = ProviderChange { enabled: Some(enabled), ..ProviderChange::default() };
    let provider = context.providers().change(&context.caller, name, change, None).await?;
    let verb = if enabled { "enabled" } else { "disabled" };
    context.answer(&View::from(provider), &format!("{verb} the provider {name}"))
}

async fn test(context: &OperatorContext, name: &str) -> Result<(), Failure> {
    let test = ProviderTest::from(context.providers().test(&context.caller, name).await?);
    match context.output {
        Output::Json => print::json(&test)?,
        Output::Text => table::list(&test.steps, ProviderTestStep::LISTED, Output::Text)?,
    }
    if test.ok { Ok(()) } else { Err(Failure::Told) }
}

async fn remove(context: &OperatorContext, name: &str, force: bool) -> Result<(), Failure> {
    let provider = context.providers().get(&context.caller, name).await?;
    context.ask(&format!("Remove the provider {name}? Nobody can sign in with it any more."))?;
    context.providers().delete(&context.caller, name, force).await?;
    context.answer(&View::from(provider), &format!("removed the provider {name}"))
}
