//! The transit engine, played by a small server.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_kms::{Vault, VaultSettings, VaultSettingsError};
use doorward_ports::outbound::KeyWrapper as _;
use doorward_testkit::vault::{PlayedVault, TOKEN};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

const KEY: [u8; 32] = *b"thirty-two bytes of sealing key!";

/// A server, and a folder with the token for it.
struct World {
    server: PlayedVault,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { server: PlayedVault::start(), folder: tempfile::tempdir().unwrap() };
        world.token(&format!("{TOKEN}\n"));
        world
    }

    fn token_file(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    fn token(&self, text: &str) {
        std::fs::write(self.token_file(), text).unwrap();
    }

    fn settings(&self) -> VaultSettings {
        VaultSettings {
            url: self.server.url(),
            mount: "transit".to_owned(),
            key: "doorward".to_owned(),
            token_file: self.token_file(),
            namespace: None,
            authorities: None,
        }
    }

    fn client(&self) -> Vault {
        Vault::new(self.settings()).unwrap()
    }

    async fn refusal(&self) -> String {
        refusal(&self.client()).await
    }
}

async fn refusal(vault: &Vault) -> String {
    let refusal = vault.check().await.unwrap_err().to_string();
    assert!(refusal.starts_with("Vault can't be used (vault:"), "{refusal}");
    assert!(!refusal.contains(TOKEN), "{refusal}");
    refusal
}

#[tokio::test]
async fn what_was_encrypted_is_decrypted_and_names_the_key() {
    let world = World::new();
    let vault = world.client();
    let wrapped = vault.wrap(&KEY).await.unwrap();
    assert!(wrapped.starts_with("vault:v1:") && !wrapped.contains(&STANDARD.encode(KEY)), "{wrapped}");
    assert_eq!(*vault.unwrap(&wrapped).await.unwrap(), KEY);
    assert_eq!(vault.name(), "vault:transit/doorward");
    vault.check().await.unwrap();
}

#[tokio::test]
async fn after_a_rotation_of_its_key_earlier_ones_are_decrypted_until_it_forbids_them() {
    let world = World::new();
    let vault = world.client();
    let old = vault.wrap(&KEY).await.unwrap();
    world.server.behave(|it| it.newest = 2);
    let new = vault.wrap(&KEY).await.unwrap();
    assert!(new.starts_with("vault:v2:"), "{new}");
    for wrapped in [&old, &new] {
        assert_eq!(*vault.unwrap(wrapped).await.unwrap(), KEY);
    }
    world.server.behave(|it| it.oldest = 2);
    let refused = vault.unwrap(&old).await.unwrap_err().to_string();
    assert!(refused.contains("400") && refused.contains("too old"), "{refused}");
    vault.unwrap(&new).await.unwrap();
}

#[tokio::test]
async fn a_renewed_token_is_read_again_and_a_wrong_or_missing_one_is_explained() {
    let world = World::new();
    let vault = world.client();
    world.token("expired");
    let refused = vault.wrap(&KEY).await.unwrap_err().to_string();
    assert!(
        refused.contains("403") && refused.contains("permission denied") && refused.contains("policy"),
        "{refused}"
    );
    assert!(!refused.contains("expired"), "{refused}");
    world.token(TOKEN);
    vault.wrap(&KEY).await.unwrap();
    world.token("two\nlines");
    assert!(world.refusal().await.contains("can't be sent in a header"));
    std::fs::remove_file(world.token_file()).unwrap();
    assert!(world.refusal().await.contains(world.token_file().to_str().unwrap()));
}

#[tokio::test]
async fn a_namespace_is_sent() {
    let world = World::new();
    world.server.behave(|it| it.namespace = Some("team"));
    assert!(world.refusal().await.contains("403"));
    let settings = VaultSettings { namespace: Some("team".to_owned()), ..world.settings() };
    Vault::new(settings).unwrap().check().await.unwrap();
}

#[tokio::test]
async fn a_sealed_a_missing_and_a_strange_server_are_explained() {
    let world = World::new();
    world.server.behave(|it| it.sealed = true);
    let refused = world.refusal().await;
    assert!(
        refused.contains("503") && refused.contains("Vault is sealed") && refused.contains("unseal it"),
        "{refused}"
    );
    world.server.behave(|it| it.sealed = false);
    let elsewhere = VaultSettings { mount: "other/transit".to_owned(), ..world.settings() };
    let refused = refusal(&Vault::new(elsewhere).unwrap()).await;
    assert!(refused.contains("404") && refused.contains("secrets.vault_mount"), "{refused}");
    for nonsense in ["", "{}", "{\"data\":{}}", "{\"data\":{\"ciphertext\":1}}", "\u{0}"] {
        world.server.behave(|it| it.nonsense = Some(nonsense));
        assert!(world.refusal().await.contains("not one of the transit engine"), "{nonsense:?}");
    }
    let nobody = VaultSettings { url: "http://127.0.0.1:1".to_owned(), ..world.settings() };
    assert!(refusal(&Vault::new(nobody).unwrap()).await.contains("can't be reached at http://127.0.0.1:1"));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_five_seconds_and_asked_once() {
    let world = World::new();
    world.server.behave(|it| it.silent = true);
    let begun = Instant::now();
    assert!(world.refusal().await.contains("no answer within 5s"));
    assert!(begun.elapsed() >= Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(world.server.asked(), ["/v1/transit/encrypt/doorward"]);
}

/// Passes on what comes over TLS.
async fn over_tls(server: &PlayedVault) -> (String, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key.into()).unwrap();
    let (acceptor, behind) = (TlsAcceptor::from(Arc::new(config)), server.address());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut plain = TcpStream::connect(behind).await.unwrap();
                // Either side may end the connection.
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut plain).await;
            });
        }
    });
    (url, made.cert.pem().into_bytes())
}

#[tokio::test]
async fn its_certificate_is_checked_with_the_authorities_of_the_settings() {
    let world = World::new();
    let (url, authorities) = over_tls(&world.server).await;
    let settings = VaultSettings { url, authorities: Some(authorities), ..world.settings() };
    Vault::new(settings.clone()).unwrap().check().await.unwrap();
    let strict = VaultSettings { authorities: None, ..settings.clone() };
    assert!(refusal(&Vault::new(strict).unwrap()).await.contains("TLS has failed"));
    let nonsense = VaultSettings { authorities: Some(b"copper".to_vec()), ..settings };
    assert!(matches!(Vault::new(nonsense), Err(VaultSettingsError::Authorities(_))));
}

#[tokio::test]
async fn a_path_or_a_name_that_would_lead_elsewhere_is_refused() {
    let world = World::new();
    for (mount, key) in [("", "a"), ("a", ""), ("a/../b", "a"), ("a", "a/b"), ("a?b", "a"), ("a", "a b"), ("a", "ä")] {
        let settings = VaultSettings { mount: mount.to_owned(), key: key.to_owned(), ..world.settings() };
        assert!(matches!(Vault::new(settings), Err(VaultSettingsError::Url(_))), "{mount} {key}");
    }
}
