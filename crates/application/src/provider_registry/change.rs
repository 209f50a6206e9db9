use super::details::{self, SentSecrets};
use super::{changeable, mappable, of_database, shown, trustable, unused};
use crate::changes::Changes;
use crate::fields::Fields;
use crate::providers::seal_secret;
use crate::services::{Act, Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, Provider};
use doorward_ports::inbound::{ProviderChange, RegisteredProvider};
use doorward_ports::outbound::StoredProvider;
use doorward_ports::{Result, Versions};

const ANOTHER_ISSUER: &str = "Their identities are known by the issuer: add another provider for the new one.";
const ANOTHER_SECRET: &str = "The stored secret was given by the former issuer, and is not sent to another one: send the secret \
                              that the new issuer has given, or null if there is none.";
const GONE: &str = "Disable the provider instead, or delete it with force=true: the identities stay, and can be used again \
                    with a provider of the same issuer.";

pub(super) async fn change(
    mut act: Act<'_>,
    name: &str,
    change: ProviderChange,
    versions: Option<Versions>,
) -> Result<RegisteredProvider> {
    let mut work = act.begin().await?;
    let before = changeable(&mut work, name).await?;
    let redirect_uri = work.sign_in_providers().callback_of(&before.provider.name);
    subjects::of_version(before.version, versions.as_ref())?;
    let mut after = changed(&work, &before, change)?;
    let changes = changes(&before, &after)?;
    if changes.is_empty() {
        return Ok(of_database(after, redirect_uri));
    }
    trustable(&mut work, &after.provider).await?;
    mappable(&mut work, Some(&before.provider), &after.provider).await?;
    let links = work.identities().links_of(&after.provider.name).await?;
    if before.provider.issuer != after.provider.issuer {
        unused(links, ANOTHER_ISSUER)?;
    }
    after.updated_at = work.now;
    work.providers().update(&after).await?;
    after.version += 1;
    let mut told = changes.into_details();
    if before.provider.enabled && !after.provider.enabled {
        told["identities"] = links.identities.into();
        told["only_way"] = links.only_way.into();
    }
    let subject = Subject::Provider(&after.provider.name);
    work.audit_with(action(&before.provider, &after.provider), subject, told).await?;
    work.commit().await?;
    Ok(of_database(after, redirect_uri))
}

const fn action(before: &Provider, after: &Provider) -> AuditAction {
    match (before.enabled, after.enabled) {
        (true, false) => AuditAction::ProviderDisabled,
        (false, true) => AuditAction::ProviderEnabled,
        _ => AuditAction::ProviderUpdated,
    }
}

fn changed(work: &Work<'_>, before: &StoredProvider, change: ProviderChange) -> Result<StoredProvider> {
    let mut fields = Fields::default();
    let mut after = before.clone();
    details::apply(&mut fields, &mut after.provider, &change);
    let secrets = SentSecrets::read(&mut fields, (change.client_secret, change.client_key));
    // Whoever names another issuer could otherwise have the secret sent there.
    if before.provider.issuer != after.provider.issuer && before.sealed.is_some() && secrets.keep_the_stored_one() {
        fields.refuse("/client_secret", "required", &ANOTHER_SECRET);
    }
    fields.finish()?;
    if secrets.is_cleared {
        after.sealed = None;
    }
    let given = secrets.given(&after.provider, after.sealed.is_some());
    details::suits_its_kind(&after.provider, given, work.sign_in_providers().loopback)?;
    if let Some(secret) = secrets.new_value() {
        after.sealed = Some(seal_secret(work.sealer(), &after.provider.name, &secret));
    }
    Ok(after)
}

/// A secret that is set counts as changed, because the same one is sealed differently each time.
fn changes(before: &StoredProvider, after: &StoredProvider) -> Result<Changes> {
    let (mut was, mut is) = (shown(&before.provider)?, shown(&after.provider)?);
    let members: Vec<String> = is.as_object().into_iter().flatten().map(|(member, _)| member.clone()).collect();
    let secret = if after.provider.has_signed_secret() { "client_key" } else { "client_secret" };
    let changes = Changes::default().hidden(secret, before.sealed != after.sealed);
    Ok(members.iter().fold(changes, |changes, member| changes.shown(member, was[member].take(), is[member].take())))
}

pub(super) async fn delete(mut act: Act<'_>, name: &str, force: bool) -> Result<()> {
    let mut work = act.begin().await?;
    let StoredProvider { provider, .. } = changeable(&mut work, name).await?;
    let links = work.identities().links_of(&provider.name).await?;
    if !force {
        unused(links, GONE)?;
    }
    work.providers().delete(&provider.name).await?;
    let mut told = shown(&provider)?;
    told["identities"] = links.identities.into();
    told["only_way"] = links.only_way.into();
    work.audit_with(AuditAction::ProviderDeleted, Subject::Provider(&provider.name), told).await?;
    Ok(work.commit().await?)
}
