//! In place of Vault, in a program that was built without it.
use crate::failure::Failure;
use doorward_ports::outbound::KeyWrapper;
use doorward_settings::{Fault, HttpUrl, Settings, Values};
use std::sync::Arc;

pub(super) fn wrapper(_settings: &Settings) -> Result<Option<Arc<dyn KeyWrapper>>, Failure> {
    Ok(None)
}

/// A check of the settings.
pub(super) fn check(values: &Values) -> Option<Fault> {
    values.peek::<HttpUrl>("secrets.vault_url")?;
    let cure = "use a program that was built with the feature `vault`, or remove it";
    Some(values.fault("secrets.vault_url", "this program was built without Vault", cure))
}
