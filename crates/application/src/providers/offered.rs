use crate::services::Act;
use doorward_domain::LOCAL_PROVIDER;
use doorward_ports::inbound::OfferedProvider;
use doorward_ports::outbound::{ConfiguredProvider, ProviderStatus};

pub(super) fn offered(act: &Act<'_>) -> Vec<OfferedProvider> {
    let local = OfferedProvider {
        name: LOCAL_PROVIDER.to_owned(),
        display_name: "Password".to_owned(),
        kind: LOCAL_PROVIDER,
        icon: None,
        available: true,
        since: None,
    };
    let enabled = act.tools().providers.enabled.iter().map(|configured| offer(act, configured));
    [local].into_iter().chain(enabled).collect()
}

/// A provider that was never checked counts as available: whoever tries it finds out.
fn offer(act: &Act<'_>, ConfiguredProvider { provider, .. }: &ConfiguredProvider) -> OfferedProvider {
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
