use crate::key::{KeyError, SigningKey, generate};
use crate::secret_file;
use async_trait::async_trait;
use doorward_domain::KeyAlgorithm;
use doorward_ports::outbound::{KeyPair, KeyPairs, NoKeyPair};
use std::path::{Path, PathBuf};

/// The file of the signing key from before keys were in the store.
const INHERITED: &str = "signing-key.pem";

/// Creates signing keys on this machine, and finds the one from before.
#[derive(Debug)]
pub struct LocalKeyPairs {
    folder: PathBuf,
}

impl LocalKeyPairs {
    /// Looks for `signing-key.pem` in this folder, and never writes there.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }
}

#[async_trait]
impl KeyPairs for LocalKeyPairs {
    async fn generate(&self, algorithm: KeyAlgorithm) -> Result<KeyPair, NoKeyPair> {
        blocking(move || made(algorithm)).await
    }

    async fn inherited(&self) -> Result<Option<KeyPair>, NoKeyPair> {
        let path = self.folder.join(INHERITED);
        blocking(move || inherited(&path)).await
    }
}

/// The primes of RSA take one second, and files may be slow.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyError> + Send + 'static,
) -> Result<T, NoKeyPair> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| NoKeyPair(error.to_string()))?;
    done.map_err(|error| NoKeyPair(error.to_string()))
}

fn made(algorithm: KeyAlgorithm) -> Result<KeyPair, KeyError> {
    let pem = generate(algorithm)?;
    let key = SigningKey::from_pem_at(&pem, || "a key just made".to_owned())?;
    Ok(key.by(algorithm).ok_or(KeyError::Library("make"))?.pair(&pem))
}

fn inherited(path: &Path) -> Result<Option<KeyPair>, KeyError> {
    let Some(bytes) = secret_file::read(path)? else { return Ok(None) };
    let place = || path.display().to_string();
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::Malformed { place: place() })?;
    let key = SigningKey::from_pem_at(text, place)?;
    tracing::info!(
        path = %path.display(), kid = key.id().as_str(),
        "imported the signing key into the database: remove the file when you no longer need to go back to an earlier version"
    );
    Ok(Some(key.pair(text)))
}
