//! The hasher, the signer and the sealer.
use super::{cores, vault};
use crate::failure::Failure;
use doorward_crypto::{
    HashingPool, HashingSettings, HashingSettingsError, JwtSettings, JwtSigner, OsRandom, Sealer, SealingKey,
    SealingKeyError, SealingSources, SigningKey,
};
use doorward_domain::KeyAlgorithm;
use doorward_ports::Causes;
use doorward_ports::outbound::Observer;
use doorward_settings::{KeyPem, Settings};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long a sign-in waits for a hashing thread before it is refused.
const HASHING_PATIENCE: Duration = Duration::from_secs(10);

/// The hasher of passwords by the settings.
pub(crate) fn hasher(settings: &Settings, observer: Arc<dyn Observer>) -> Result<HashingPool, Failure> {
    HashingPool::start(hashing(settings), Arc::new(OsRandom), observer)
        .map_err(|error| Failure::of(&error, cure(&error)))
}

const fn cure(error: &HashingSettingsError) -> &'static str {
    match error {
        HashingSettingsError::Cost(_) | HashingSettingsError::Threads(_) => {
            "see passwords.bcrypt_cost and passwords.hash_threads"
        }
        HashingSettingsError::LanesDiffer => "use a build for any processor (without target-cpu), or another machine",
    }
}

fn hashing(settings: &Settings) -> HashingSettings {
    HashingSettings {
        cost: settings.passwords.bcrypt_cost,
        threads: NonZeroUsize::new(settings.passwords.hash_threads).unwrap_or_else(cores),
        lanes: NonZeroUsize::new(settings.passwords.hash_lanes),
        queue: NonZeroUsize::new(settings.passwords.hash_queue).unwrap_or(NonZeroUsize::MIN),
        patience: HASHING_PATIENCE,
    }
}

/// The signer of tokens by the settings. Without a key in the settings, it gets its keys later.
pub(super) fn signer(settings: &Settings) -> Result<JwtSigner, Failure> {
    let jwt =
        JwtSettings { issuer: settings.tokens.issuer.as_str().to_owned(), audience: settings.tokens.audience.clone() };
    Ok(match given_key(settings)? {
        Some(key) => JwtSigner::new(key, &jwt),
        None => JwtSigner::keyless(&jwt),
    })
}

/// The signing key from the settings; loading it signs and verifies once.
pub(crate) fn given_key(settings: &Settings) -> Result<Option<SigningKey>, Failure> {
    let key = settings.tokens.signing_key.as_ref().map(|pem| signing_key(pem, settings.tokens.algorithm));
    key.transpose().map_err(|(problem, next)| Failure::failed(problem, next))
}

/// A key for this algorithm; or the problem, and what to do.
pub(super) fn signing_key(pem: &KeyPem, algorithm: KeyAlgorithm) -> Result<SigningKey, (String, &'static str)> {
    let key = SigningKey::from_pem(pem.expose());
    let key = key.map_err(|error| (Causes(&error).to_string(), "give another key, or remove it"))?;
    let its_own = key.algorithm();
    key.by(algorithm).ok_or_else(|| {
        let problem = format!("it is a key for {its_own}, and tokens.algorithm is {algorithm}");
        (problem, "set tokens.algorithm to what the key is for, or give another key")
    })
}

/// The sealer of secrets by the settings; creates a key if there is none.
pub(crate) fn sealer(settings: &Settings) -> Result<Sealer, Failure> {
    let wrapper = vault::wrapper(settings)?;
    let given = settings.secrets.sealing_key.as_ref().map(|keys| SealingKey::list_from_base64(keys.expose()));
    given
        .transpose()
        .map(Option::unwrap_or_default)
        .and_then(|given| {
            let sources = SealingSources { given, folder: settings.storage.data_dir.clone(), wrapper };
            Sealer::of(sources, Arc::new(OsRandom))
        })
        .map_err(|error| unusable(&error))
}

/// Checks that Vault encrypts and decrypts; none if the settings do not name it.
pub(crate) async fn check_vault(settings: &Settings) -> Result<Option<String>, Failure> {
    let Some(wrapper) = vault::wrapper(settings)? else { return Ok(None) };
    let checked = wrapper.check().await.map(|()| Some(wrapper.name()));
    checked.map_err(|error| Failure::of(&error, "nodes that run are not affected; no node can start until it answers"))
}

/// The files of sealing keys.
pub(crate) fn sealing_key_files(settings: &Settings) -> Result<Vec<PathBuf>, Failure> {
    let folder = &settings.storage.data_dir;
    let names = SealingKey::files(folder).map_err(|error| unusable(&error))?;
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

fn unusable(error: &SealingKeyError) -> Failure {
    Failure::of(error, "see secrets.sealing_key and storage.data_dir")
}
