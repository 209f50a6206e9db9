use super::details::{self, SentSecrets};
use super::{mappable, of_database, shown, trustable};
use crate::fields::Fields;
use crate::providers::{SignInProviders, seal_secret};
use crate::services::{Act, Subject};
use doorward_domain::{AuditAction, Provider};
use doorward_ports::inbound::{NewProvider, RegisteredProvider};
use doorward_ports::outbound::{StoredProvider, Unique};
use doorward_ports::{Result, Secret};

pub(super) async fn create(mut act: Act<'_>, typed: NewProvider) -> Result<RegisteredProvider> {
    let (provider, secret) = checked(&act.tools().providers, typed)?;
    if act.tools().providers.of_settings(provider.name.as_str()).is_some() {
        return Err(Unique::Provider.into());
    }
    let redirect_uri = act.tools().providers.callback_of(&provider.name);
    let mut work = act.begin().await?;
    trustable(&mut work, &provider).await?;
    mappable(&mut work, None, &provider).await?;
    let sealed = secret.map(|secret| seal_secret(work.sealer(), &provider.name, &secret));
    let (created_at, updated_at) = (work.now, work.now);
    let stored = StoredProvider { provider, sealed, created_at, updated_at, version: 1 };
    work.providers().insert(&stored).await?;
    let name = &stored.provider.name;
    work.audit_with(AuditAction::ProviderCreated, Subject::Provider(name), shown(&stored.provider)?).await?;
    work.commit().await?;
    Ok(of_database(stored, redirect_uri))
}

fn checked(providers: &SignInProviders, typed: NewProvider) -> Result<(Provider, Option<Secret>)> {
    let mut fields = Fields::default();
    let (unchanging, sent) = typed.into_parts();
    let mut provider = details::new(&mut fields, &unchanging, &sent);
    details::apply(&mut fields, &mut provider, &sent);
    let secrets = SentSecrets::read(&mut fields, (sent.client_secret, sent.client_key));
    // The rules of the kind are about values that are valid by themselves.
    fields.finish()?;
    details::suits_its_kind(&provider, secrets.given(&provider, false), providers.loopback)?;
    Ok((provider, secrets.new_value()))
}
