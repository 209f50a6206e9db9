//! The sealing keys that the database needs.
use super::Finding;
use crate::failure::Failure;
use crate::wiring;
use doorward_domain::SealingKeyState;
use doorward_ports::inbound::{Sealing as _, SealingStatus};
use doorward_settings::Settings;

const KEYS: &str = "sealing keys";
const VAULT: &str = "vault";

/// Checks that this machine knows every key that has sealed something in the database.
pub(super) fn known(settings: &Settings) -> Finding {
    match wiring::backend().and_then(|backend| backend.block_on(status(settings))) {
        Ok(Some(status)) => judged(&status),
        Ok(None) => Finding::ok(KEYS, "the database needs none yet"),
        Err(failure) => Finding::of(KEYS, &failure),
    }
}

/// None if there is no database, or no key here, which the first start would create.
async fn status(settings: &Settings) -> Result<Option<SealingStatus>, Failure> {
    let secrets = &settings.secrets;
    let is_keyless =
        secrets.sealing_key.is_none() && secrets.vault_url.is_none() && wiring::sealing_key_files(settings)?.is_empty();
    if is_keyless || !wiring::pending(settings).await?.is_empty() {
        return Ok(None);
    }
    let services = wiring::open(settings).await?;
    Ok(Some(services.status(&wiring::operator(&services)).await?))
}

fn judged(status: &SealingStatus) -> Finding {
    let missing = status.keys.iter().filter(|key| !key.known && key.state != SealingKeyState::Retired);
    let missing: Vec<String> = missing.map(|key| key.record.id.to_string()).collect();
    let strangers: Vec<String> = status.strangers.iter().map(ToString::to_string).collect();
    if !missing.is_empty() {
        let cure = "copy the files sealing*.key from the data folder of a node that works, or set secrets.sealing_key";
        return Finding::fail(KEYS, format!("this machine lacks {}", missing.join(", ")), cure);
    }
    if !strangers.is_empty() {
        let found = format!("values are sealed with {}, which the database does not know", strangers.join(", "));
        return Finding::warn(KEYS, found, "see docs/features/secrets.md, \"When a sealing key was lost\"");
    }
    Finding::ok(KEYS, "this machine knows every key that the database needs")
}

/// Checks that Vault encrypts and decrypts. Without it, no node can start.
pub(super) fn vault(settings: &Settings) -> Finding {
    match wiring::backend().and_then(|backend| backend.block_on(wiring::check_vault(settings))) {
        Ok(Some(name)) => Finding::ok(VAULT, format!("{name} encrypts and decrypts")),
        Ok(None) => Finding::ok(VAULT, "secrets.vault_url is not set: sealing keys come from files or settings"),
        Err(failure) => Finding::of(VAULT, &failure),
    }
}
