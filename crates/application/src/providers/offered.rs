use crate::services::Act;
use doorward_domain::{LOCAL_PROVIDER, Provider};
use doorward_ports::Result;
use doorward_ports::inbound::OfferedProvider;
use doorward_ports::outbound::ProviderStatus;

pub(super) async fn offered(act: &Act<'_>) -> Result<Vec<OfferedProvider>> {
    let local = OfferedProvider {
        name: LOCAL_PROVIDER.to_owned(),
        display_name: "Password".to_owned(),
        kind: LOCAL_PROVIDER,
        icon: None,
        available: true,
        since: None,
    };
    let enabled = act.tools().enabled_providers().await?;
    Ok([local].into_iter().chain(enabled.iter().map(|provider| offer(act, provider))).collect())
}

/// A provider that was never checked counts as available: whoever tries it finds out.
fn offer(act: &Act<'_>, provider: &Provider) -> OfferedProvider {
    let status = act.tools().providers.protocol.status(&provider.name);
    OfferedProvider {
        name: provider.name.to_string(),
        display_name: provider.display_name.to_string(),
        kind: provider.kind.as_str(),
        icon: provider.icon.as_ref().map(ToString::to_string),
        available: status.as_ref().is_none_or(ProviderStatus::is_available),
        since: status.map(|status| status.since),
    }
}
