use super::{of_database, of_settings, provider_not_found};
use crate::providers::with_secret;
use crate::services::Act;
use doorward_domain::ProviderName;
use doorward_ports::inbound::RegisteredProvider;
use doorward_ports::outbound::{
    CheckedStep, ConfiguredProvider, ProviderStep, SealingError, StepResult, StoredProvider,
};
use doorward_ports::{Cursor, Limit, Page, Result};

const ORDER: &str = "provider";

pub(super) async fn get(act: Act<'_>, name: &str) -> Result<RegisteredProvider> {
    let providers = &act.tools().providers;
    if let Some(configured) = providers.of_settings(name) {
        return Ok(of_settings(configured, providers.callback_of(&configured.provider.name)));
    }
    let stored = stored(&act, name).await?;
    let redirect_uri = providers.callback_of(&stored.provider.name);
    Ok(of_database(stored, redirect_uri))
}

async fn stored(act: &Act<'_>, name: &str) -> Result<StoredProvider> {
    let name = ProviderName::parse(name).map_err(|_| provider_not_found())?;
    let known = act.read().await?.providers().by_name(&name).await?;
    known.ok_or_else(provider_not_found)
}

/// Both by name. Of the database, as many more are read as the settings could hide.
pub(super) async fn list(act: Act<'_>, cursor: Option<&Cursor>, limit: Limit) -> Result<Page<RegisteredProvider>> {
    let after = cursor.map(|cursor| cursor.key(ORDER)).transpose()?;
    let providers = &act.tools().providers;
    let most = limit.get() + 1 + providers.configured.len();
    let stored = act.read().await?.providers().list(after, most).await?;
    let settings = providers.configured.iter().filter(|it| after.is_none_or(|after| it.provider.name.as_str() > after));
    let settings = settings.map(|it| of_settings(it, providers.callback_of(&it.provider.name)));
    let stored = stored.into_iter().filter(|it| providers.of_settings(it.provider.name.as_str()).is_none());
    let stored = stored.map(|it| {
        let redirect_uri = providers.callback_of(&it.provider.name);
        of_database(it, redirect_uri)
    });
    let mut rows: Vec<_> = settings.chain(stored).collect();
    rows.sort_by(|a, b| a.provider.name.cmp(&b.provider.name));
    Ok(Page::cut(rows, limit, ORDER, |it| it.provider.name.to_string()))
}

pub(super) async fn test(act: Act<'_>, name: &str) -> Result<Vec<CheckedStep>> {
    let providers = &act.tools().providers;
    let (configured, sealed) = match providers.of_settings(name) {
        Some(configured) => (configured.clone(), None),
        None => opened(&act, stored(&act, name).await?),
    };
    let redirect_uri = providers.callback_of(&configured.provider.name);
    let mut steps = providers.protocol.check(&configured, &redirect_uri, act.now()).await;
    if let Some(error) = sealed {
        let tried_without = steps.iter_mut().filter(|step| step.step == ProviderStep::ClientCredentials);
        tried_without.for_each(|step| step.result = StepResult::Failed(unsealed(error)));
    }
    Ok(steps)
}

/// With the client secret; or without it, and why.
fn opened(act: &Act<'_>, stored: StoredProvider) -> (ConfiguredProvider, Option<SealingError>) {
    match with_secret(&*act.tools().sealer, &stored) {
        Ok(configured) => (configured, None),
        Err(error) => (ConfiguredProvider { provider: stored.provider, client_secret: None }, Some(error)),
    }
}

fn unsealed(error: SealingError) -> String {
    format!(
        "The client secret can't be opened: {error}. All nodes need the same sealing key; if they have it, set the client \
         secret again."
    )
}

/// What a provider publishes is read without its secret.
pub(super) async fn check(act: Act<'_>) -> Result<()> {
    let enabled = act.tools().enabled_providers().await?;
    let enabled: Vec<_> =
        enabled.into_iter().map(|provider| ConfiguredProvider { provider, client_secret: None }).collect();
    act.tools().providers.protocol.refresh(&enabled, act.now()).await;
    Ok(())
}
