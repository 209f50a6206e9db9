//! The transit engine of HashiCorp Vault, and of OpenBao, which has the same API.
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_outgoing::{Client, Method, Options, OutgoingError, Reach, Request, StatusCode, Uri, header};
use doorward_ports::Causes;
use doorward_ports::outbound::{KeyWrapper, NotWrapped};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long Vault may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where Vault is reached is the operator's decision, and it is usually in the same network.
const REACH: Reach = Reach { loopback: true, private: true };

/// Where Vault is, and which of its keys to use.
#[derive(Debug, Clone)]
pub struct VaultSettings {
    /// The URL of the server, such as `https://vault.example.com:8200`; plain HTTP only to this machine.
    pub url: String,
    /// The path of the transit engine.
    pub mount: String,
    /// The name of the key.
    pub key: String,
    /// The file with the token. It is read at each call, because an agent may renew it.
    pub token_file: PathBuf,
    /// The namespace, if the server has some.
    pub namespace: Option<String>,
    /// Certificate authorities that are trusted besides those of browsers, as PEM.
    pub authorities: Option<Vec<u8>>,
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultSettingsError {
    /// It is no such URL, or the path or the name of the key can't be part of one.
    #[error("{0} is not the URL of a key of Vault")]
    Url(String),
    /// The certificate authorities are none.
    #[error(transparent)]
    Authorities(#[from] doorward_outgoing::AuthoritiesError),
}

/// A key of a transit engine.
pub struct Vault {
    client: Client,
    settings: VaultSettings,
    encrypt: Uri,
    decrypt: Uri,
}

impl Vault {
    /// The key that the settings name. Vault is not called yet.
    ///
    /// # Errors
    /// [`VaultSettingsError`].
    pub fn new(settings: VaultSettings) -> Result<Self, VaultSettingsError> {
        let options = Options { reach: REACH, patience: PATIENCE, authorities: settings.authorities.as_deref() };
        let client = Client::new(&options)?;
        let (encrypt, decrypt) = (settings.uri("encrypt")?, settings.uri("decrypt")?);
        Ok(Self { client, settings, encrypt, decrypt })
    }

    async fn post<T: DeserializeOwned>(&self, uri: &Uri, body: serde_json::Value) -> Result<T, NotWrapped> {
        let token = self.token()?;
        let mut request = Request::builder().method(Method::POST).uri(uri.clone());
        request = request.header(header::CONTENT_TYPE, "application/json").header("X-Vault-Token", token.as_str());
        request = request.header("X-Vault-Request", "true");
        if let Some(namespace) = &self.settings.namespace {
            request = request.header("X-Vault-Namespace", namespace);
        }
        let request = request.body(body.to_string().into_bytes());
        let request = request.map_err(|_| self.trouble("the token or the namespace can't be sent in a header"))?;
        let answer = self.client.send(request).await.map_err(|error| self.unreached(&error))?;
        let (status, body) = (answer.status(), Zeroizing::new(answer.into_body()));
        if status != StatusCode::OK {
            return Err(self.refused(status, &body));
        }
        let answer = serde_json::from_slice::<Answer<T>>(&body);
        answer.map(|answer| answer.data).map_err(|_| self.trouble("its answer is not one of the transit engine"))
    }

    fn token(&self) -> Result<Zeroizing<String>, NotWrapped> {
        let file = &self.settings.token_file;
        let read = std::fs::read_to_string(file).map(Zeroizing::new);
        let read =
            read.map_err(|error| self.trouble(&format!("its token can't be read from {}: {error}", file.display())))?;
        Ok(Zeroizing::new(read.trim().to_owned()))
    }

    /// The words of Vault contain no secret, but anything else could answer at its address: only its short texts are shown.
    fn refused(&self, status: StatusCode, body: &[u8]) -> NotWrapped {
        let words =
            serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.errors.join("; ")).unwrap_or_default();
        let words: String = words.chars().filter(|c| !c.is_control()).take(200).collect();
        let cure = match status {
            StatusCode::FORBIDDEN => "give its token a policy that may update encrypt and decrypt of this key",
            StatusCode::SERVICE_UNAVAILABLE => "unseal it, or wait until it has a leader",
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {
                "create the key, and check secrets.vault_mount, secrets.vault_key and secrets.vault_namespace"
            }
            _ => "see its log",
        };
        self.trouble(&format!("it has answered {status} ({words}): {cure}"))
    }

    fn unreached(&self, error: &OutgoingError) -> NotWrapped {
        self.trouble(&format!("it can't be reached at {}: {}", self.settings.url, Causes(error)))
    }

    fn trouble(&self, words: &str) -> NotWrapped {
        NotWrapped(format!("Vault can't be used ({}): {words}", self.name()))
    }
}

impl VaultSettings {
    fn uri(&self, action: &str) -> Result<Uri, VaultSettingsError> {
        let text = format!("{}/v1/{}/{action}/{}", self.url.trim_end_matches('/'), self.mount, self.key);
        let refused = || VaultSettingsError::Url(text.clone());
        let parts = self.mount.split('/').chain([self.key.as_str()]);
        let is_a_part = |part: &str| {
            let mut characters = part.bytes();
            !part.is_empty()
                && part != ".."
                && characters.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if !parts.into_iter().all(is_a_part) {
            return Err(refused());
        }
        text.parse::<Uri>().map_err(|_| refused())
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Decrypted {
    plaintext: String,
}

#[derive(Deserialize)]
struct Refusal {
    errors: Vec<String>,
}

#[async_trait]
impl KeyWrapper for Vault {
    fn name(&self) -> String {
        format!("vault:{}/{}", self.settings.mount, self.settings.key)
    }

    async fn wrap(&self, key: &[u8]) -> Result<String, NotWrapped> {
        let body = serde_json::json!({ "plaintext": STANDARD.encode(key) });
        Ok(self.post::<Encrypted>(&self.encrypt, body).await?.ciphertext)
    }

    async fn unwrap(&self, text: &str) -> Result<Zeroizing<Vec<u8>>, NotWrapped> {
        let answer: Decrypted = self.post(&self.decrypt, serde_json::json!({ "ciphertext": text })).await?;
        let key = STANDARD.decode(Zeroizing::new(answer.plaintext).as_bytes());
        key.map(Zeroizing::new).map_err(|_| self.trouble("its plaintext is not base64"))
    }

    async fn check(&self) -> Result<(), NotWrapped> {
        let probe = [0; 32];
        let opened = self.unwrap(&self.wrap(&probe).await?).await?;
        if *opened == probe { Ok(()) } else { Err(self.trouble("it does not decrypt what it has encrypted")) }
    }
}
