use crate::key::{KeyError, SigningKey, generate};
use crate::secret_file;
use async_trait::async_trait;
use doorward_domain::KeyAlgorithm;
use doorward_ports::outbound::{KeyPair, KeyPairs, NoKeyPair};
use std::path::{Path, PathBuf};

/// Where the key was kept that signed before keys were kept in the store.
const INHERITED: &str = "signing-key.pem";

/// Makes signing keys on this machine, and finds the one it signed with before.
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

/// Primes of RSA take a second, and files may be slow.
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
        "took the signing key over into the database: once you need no way back to an earlier version, remove the file"
    );
    Ok(Some(key.pair(text)))
}
