use crate::key::{KeyError, SigningKey};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const FILE: &str = "signing-key.pem";

impl SigningKey {
    /// Reads the key from `signing-key.pem` in the folder, or makes one there: the folder with mode 0700, the file 0600.
    ///
    /// However many processes start at once, and whenever one of them is killed, they all have the same whole key.
    ///
    /// # Errors
    /// [`KeyError`], which names the file and what to do.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join(FILE);
        match load(&path) {
            Err(KeyError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => create(folder, &path),
            loaded => loaded,
        }
    }
}

fn load(path: &Path) -> Result<SigningKey, KeyError> {
    let pem = fs::read(path).map(Zeroizing::new).map_err(|source| KeyError::Read { path: path.to_owned(), source })?;
    let place = || path.display().to_string();
    let text = std::str::from_utf8(&pem).map_err(|_| KeyError::Malformed { place: place() })?;
    let key = SigningKey::from_pem_at(text, place)?;
    warn_if_open_to_others(path);
    Ok(key)
}

fn create(folder: &Path, path: &Path) -> Result<SigningKey, KeyError> {
    let pem = generate()?;
    let made = SigningKey::from_pem_at(&pem, || path.display().to_string())?;
    let unwritable = |source| KeyError::Write { path: path.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
    // Named for the key itself: no other process has this name.
    let draft = Draft { path: folder.join(format!(".{FILE}.{}", made.id())) };
    draft.write(&pem).and_then(|()| draft.publish(path)).map_err(unwritable)?;
    drop(draft);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
    // Another process may have been first: what stands there is the key, whoever made it.
    let key = load(path)?;
    if key.id() == made.id() {
        tracing::info!(path = %path.display(), kid = key.id(), "made a key to sign tokens with: keep a backup of it");
    }
    Ok(key)
}

/// A whole key that nobody sees yet; removed in the end, whether it was published or not.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn write(&self, pem: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()
    }

    /// A hard link never replaces what is there, as a rename would: the first one stands.
    fn publish(&self, path: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "the draft of a key could not be removed: remove it by hand");
        }
    }
}

/// A new key in PEM (PKCS#8 version 1, which every other tool reads).
fn generate() -> Result<Zeroizing<String>, KeyError> {
    let pkcs8 = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(|_| KeyError::Library("make"))?;
    // RFC 8410 §7: 48 bytes, which are one line of RFC 7468's 64 characters.
    let line = Zeroizing::new(STANDARD.encode(pkcs8));
    Ok(Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", *line)))
}

fn warn_if_open_to_others(path: &Path) {
    // The file was read a moment ago; if it is gone by now there is nothing to warn of.
    let Ok(metadata) = fs::metadata(path) else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.display();
        tracing::warn!(
            "the signing key {path} has mode {mode:04o}: other users of this machine can take it and be anybody; \
             run `chmod 600 {path}`"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged when a key file of that mode is loaded.
    fn logged_with_mode(mode: u32) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        SigningKey::load_or_create(folder.path()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || SigningKey::load_or_create(folder.path()).unwrap());
        let text = log.0.lock().unwrap().clone();
        String::from_utf8(text).unwrap().replace(path.to_str().unwrap(), "FILE")
    }

    #[test]
    fn a_key_that_others_can_read_is_taken_with_a_warning_that_says_what_to_do() {
        for mode in [0o640, 0o604, 0o660] {
            let log = logged_with_mode(mode);
            assert!(log.contains("WARN") && log.contains(&format!("mode {mode:04o}")), "{log}");
            assert!(log.contains("run `chmod 600 FILE`"), "{log}");
        }
        assert_eq!(logged_with_mode(0o600), "");
        assert_eq!(logged_with_mode(0o400), "");
    }
}
