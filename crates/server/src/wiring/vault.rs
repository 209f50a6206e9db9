//! Vault: from the settings to the port.
use crate::failure::Failure;
use doorward_kms::{Vault, VaultSettings};
use doorward_ports::Causes;
use doorward_ports::outbound::KeyWrapper;
use doorward_settings::{Fault, HttpUrl, Settings, Values};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What encrypts sealing keys by the settings; none: nothing does.
pub(super) fn wrapper(settings: &Settings) -> Result<Option<Arc<dyn KeyWrapper>>, Failure> {
    let secrets = &settings.secrets;
    let (Some(url), Some(token_file)) = (&secrets.vault_url, &secrets.vault_token_file) else { return Ok(None) };
    let next = "mend secrets.vault_url, secrets.vault_mount, secrets.vault_key or secrets.vault_ca_file";
    let vault = Vault::new(VaultSettings {
        url: url.as_str().to_owned(),
        mount: secrets.vault_mount.clone(),
        key: secrets.vault_key.clone(),
        token_file: token_file.clone(),
        namespace: secrets.vault_namespace.clone(),
        authorities: authorities(secrets.vault_ca_file.as_deref()).map_err(|error| Failure::failed(error, next))?,
    });
    vault.map(|vault| Some(Arc::new(vault) as _)).map_err(|error| Failure::of(&error, next))
}

fn authorities(file: Option<&Path>) -> Result<Option<Vec<u8>>, String> {
    let read = file.map(std::fs::read).transpose();
    read.map_err(|error| format!("the certificate authorities of Vault can't be read: {error}"))
}

/// A check of the settings.
pub(super) fn check(values: &Values) -> Option<Fault> {
    let url = values.peek::<HttpUrl>("secrets.vault_url")?;
    let (mount, key) = (values.peek::<String>("secrets.vault_mount")?, values.peek::<String>("secrets.vault_key")?);
    let authorities = match authorities(values.peek::<PathBuf>("secrets.vault_ca_file").as_deref()) {
        Ok(authorities) => authorities,
        Err(problem) => {
            return Some(values.fault("secrets.vault_ca_file", problem, "use a PEM file with certificates"));
        }
    };
    let (url, token_file) = (url.as_str().to_owned(), PathBuf::new());
    let vault = Vault::new(VaultSettings { url, mount, key, token_file, namespace: None, authorities });
    let refused = vault.err()?;
    let (at, cure) = match refused {
        doorward_kms::VaultSettingsError::Url(_) => {
            ("secrets.vault_key", "use letters, digits, `-`, `_` and `.`; a mount may also contain `/`")
        }
        doorward_kms::VaultSettingsError::Authorities(_) => {
            ("secrets.vault_ca_file", "use a PEM file with certificates")
        }
    };
    Some(values.fault(at, Causes(&refused).to_string(), cure))
}
