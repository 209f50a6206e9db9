//! The client secrets of providers that come from files. A file can change while the service runs, because secrets expire: it
//! is read again, so that nobody has to restart.
use async_trait::async_trait;
use doorward_domain::{ProviderName, Timestamp, begins_like_a_private_key};
use doorward_ports::outbound::{
    AuthorizationAnswer, AuthorizationRequest, CheckedStep, ConfiguredProvider, IdentityProvider, ProvenIdentity,
    ProviderFault, ProviderLogout, ProviderStatus,
};
use doorward_ports::{Error, NoSecret, Secret, SecretLines};
use doorward_settings::{Settings, Source};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

const LARGEST: u64 = 64 * 1024;

/// What stands in files, and when it was last different.
#[async_trait]
pub(super) trait SecretFiles: Send + Sync {
    /// Reads the files again.
    async fn read_again(&self) -> Result<(), Error>;
}

/// Speaks with providers, with the newest secrets.
pub(super) struct NewestSecrets {
    protocol: Arc<dyn IdentityProvider>,
    files: Arc<Vec<SecretFile>>,
    /// Those that differ from what the settings have read at the start.
    newest: RwLock<BTreeMap<ProviderName, Secret>>,
}

#[derive(Debug, Clone)]
struct SecretFile {
    provider: ProviderName,
    path: PathBuf,
    /// Whether it contains the key that signs client secrets.
    is_key: bool,
    at_start: Option<Secret>,
}

/// Why a file is not used. The last secret that could be read stays in use.
#[derive(Debug, thiserror::Error)]
#[error("the file {path} {reason}")]
struct Unused {
    path: PathBuf,
    reason: NoSecret,
}

impl NewestSecrets {
    /// None if no secret of a provider comes from a file.
    pub fn of(settings: &Settings, protocol: Arc<dyn IdentityProvider>) -> Option<Arc<Self>> {
        let files: Vec<_> = settings.providers.iter().filter_map(|it| SecretFile::of(settings, it)).collect();
        let newest = RwLock::default();
        (!files.is_empty()).then(|| Arc::new(Self { protocol, files: Arc::new(files), newest }))
    }

    fn with_newest<'a>(&self, configured: &'a ConfiguredProvider) -> Cow<'a, ConfiguredProvider> {
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        match newest.get(&configured.provider.name) {
            None => Cow::Borrowed(configured),
            Some(secret) => Cow::Owned(ConfiguredProvider {
                provider: configured.provider.clone(),
                client_secret: Some(secret.clone()),
            }),
        }
    }

    fn take(&self, file: &SecretFile, secret: Secret) {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        let known = newest.get(&file.provider).or(file.at_start.as_ref());
        if known != Some(&secret) {
            tracing::info!(provider = %file.provider, "the client secret of a provider was read again from its file");
            newest.insert(file.provider.clone(), secret);
        }
    }
}

impl SecretFile {
    fn of(settings: &Settings, configured: &ConfiguredProvider) -> Option<Self> {
        let provider = configured.provider.name.clone();
        let is_key = configured.provider.has_signed_secret();
        let key = format!("providers.{provider}.{}", if is_key { "client_key" } else { "client_secret" });
        let effective = settings.effective().iter().find(|effective| effective.key == key)?;
        let Source::SecretFile { path, .. } = &effective.source else { return None };
        Some(Self { provider, path: path.clone(), is_key, at_start: configured.client_secret.clone() })
    }

    fn read(&self) -> Result<Secret, Unused> {
        let lines = if self.is_key { SecretLines::Many } else { SecretLines::One };
        let secret = File::open(&self.path).map_err(NoSecret::from).and_then(|file| Secret::read(file, LARGEST, lines));
        secret.map_err(|reason| Unused { path: self.path.clone(), reason })
    }

    /// Half of a key, while somebody writes it, is none.
    fn is_usable(&self, secret: &Secret) -> bool {
        !self.is_key || begins_like_a_private_key(secret.expose())
    }
}

#[async_trait]
impl SecretFiles for NewestSecrets {
    async fn read_again(&self) -> Result<(), Error> {
        let files = self.files.clone();
        let read = move || files.iter().map(SecretFile::read).collect::<Vec<_>>();
        let read = tokio::task::spawn_blocking(read).await.map_err(Error::internal)?;
        let mut unused = None;
        for (file, secret) in self.files.iter().zip(read) {
            match secret {
                Ok(secret) if file.is_usable(&secret) => self.take(file, secret),
                Ok(_) => {}
                Err(why) => unused = Some(why),
            }
        }
        unused.map_or(Ok(()), |why| Err(Error::internal(why)))
    }
}

#[async_trait]
impl IdentityProvider for NewestSecrets {
    async fn authorization_url(
        &self,
        provider: &ConfiguredProvider,
        request: &AuthorizationRequest,
    ) -> Result<String, ProviderFault> {
        self.protocol.authorization_url(&self.with_newest(provider), request).await
    }

    async fn identify(
        &self,
        provider: &ConfiguredProvider,
        answer: &AuthorizationAnswer,
    ) -> Result<ProvenIdentity, ProviderFault> {
        self.protocol.identify(&self.with_newest(provider), answer).await
    }

    async fn logout(
        &self,
        provider: &ConfiguredProvider,
        logout_token: &str,
        now: Timestamp,
    ) -> Result<ProviderLogout, ProviderFault> {
        self.protocol.logout(&self.with_newest(provider), logout_token, now).await
    }

    async fn sign_out_url(
        &self,
        provider: &ConfiguredProvider,
        return_to: Option<&str>,
    ) -> Result<Option<String>, ProviderFault> {
        self.protocol.sign_out_url(&self.with_newest(provider), return_to).await
    }

    async fn check(&self, provider: &ConfiguredProvider, redirect_uri: &str, now: Timestamp) -> Vec<CheckedStep> {
        self.protocol.check(&self.with_newest(provider), redirect_uri, now).await
    }

    async fn refresh(&self, providers: &[ConfiguredProvider], now: Timestamp) {
        self.protocol.refresh(providers, now).await;
    }

    fn status(&self, name: &ProviderName) -> Option<ProviderStatus> {
        self.protocol.status(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_settings::Sources;
    use doorward_testkit::scripted_provider::ScriptedProvider;
    use std::path::Path;

    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nhunter2";

    /// `work` has its secret in a file, `apple` its key, and `other` neither.
    fn settings(folder: &Path) -> Settings {
        std::fs::write(folder.join("secret"), "first\n").unwrap();
        std::fs::write(folder.join("key.p8"), PEM).unwrap();
        let client = "client_id = \"x\"";
        let toml = format!(
            "[providers.work]\nkind = \"github\"\n{client}\nclient_secret_file = {:?}\n\
             [providers.apple]\npreset = \"apple\"\n{client}\nteam_id = \"T1\"\nkey_id = \"K1\"\nclient_key_file = {:?}\n\
             [providers.other]\nkind = \"github\"\n{client}\nclient_secret = \"own\"\n",
            folder.join("secret"),
            folder.join("key.p8"),
        );
        std::fs::write(folder.join("doorward.toml"), toml).unwrap();
        let sources = Sources { config_file: Some(folder.join("doorward.toml")), ..Sources::default() };
        Settings::load(&sources, &[]).unwrap()
    }

    fn used(newest: &NewestSecrets, settings: &Settings, name: &str) -> String {
        let configured = settings.providers.iter().find(|it| it.provider.name.as_str() == name).unwrap();
        newest.with_newest(configured).client_secret.as_ref().unwrap().expose().to_owned()
    }

    #[tokio::test]
    async fn a_secret_that_changes_in_its_file_is_used_and_the_last_one_stays_while_it_can_not_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let newest = NewestSecrets::of(&settings, Arc::new(ScriptedProvider::default())).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        newest.read_again().await.unwrap();
        assert_eq!(["work", "apple", "other"].map(|name| used(&newest, &settings, name)), ["first", PEM, "own"]);
        write("secret", "second\n");
        let key = format!("{PEM}another");
        write("key.p8", &key);
        newest.read_again().await.unwrap();
        assert_eq!(["work", "apple", "other"].map(|name| used(&newest, &settings, name)), ["second", &key, "own"]);

        std::fs::remove_file(folder.path().join("secret")).unwrap();
        write("key.p8", "-----BEGIN");
        let refused = newest.read_again().await.unwrap_err();
        let causes = doorward_ports::Causes(refused.source.as_deref().unwrap()).to_string();
        assert!(causes.contains("secret can't be read") && !causes.contains("second"), "{causes}");
        assert_eq!(["work", "apple"].map(|name| used(&newest, &settings, name)), ["second", &key]);
        // Back to the first, which is no longer the one that is used.
        write("secret", "first\n");
        newest.read_again().await.unwrap();
        assert_eq!(used(&newest, &settings, "work"), "first");
    }

    #[test]
    fn without_a_file_nothing_is_read_again() {
        let sources = Sources::default();
        let settings = Settings::load(&sources, &[]).unwrap();
        assert!(NewestSecrets::of(&settings, Arc::new(ScriptedProvider::default())).is_none());
    }
}
