//! Small files that hold a secret: made once, whole, for nobody else, and never replaced.
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why a file with a key in it can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file is there and can't be read.
    #[error("the key file {} can't be read: give the user that Doorward runs as the right to read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No file can be made.
    #[error(
        "a key can't be kept at {}: give the user that Doorward runs as the right to write there, on a file system with \
         hard links, or give the key by a setting",
        path.display()
    )]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What the file holds; none when there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
    let missing = match read_now(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => error,
        outcome => return outcome.map(Some).map_err(|source| unreadable(path, source)),
    };
    match path.symlink_metadata() {
        Err(_) => Ok(None),
        // A link to nowhere is not "no file": nothing may be made at its end.
        Ok(found) if found.is_symlink() => Err(unreadable(path, missing)),
        // Another process has published it since; nobody takes it away again.
        Ok(_) => read_now(path).map(Some).map_err(|source| unreadable(path, source)),
    }
}

fn read_now(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let bytes = fs::read(path).map(Zeroizing::new)?;
    warn_if_open_to_others(path);
    Ok(bytes)
}

fn unreadable(path: &Path, source: io::Error) -> FileError {
    FileError::Read { path: path.to_owned(), source }
}

/// Keeps the text in that file of the folder, unless there is one by now: the folder with mode 0700, the file 0600. Answers
/// what then stands there, whoever wrote it; `token` tells the drafts of several processes apart.
///
/// However many processes do it at once, and whenever one of them is killed, they all read the same whole text.
pub(crate) fn keep(folder: &Path, name: &str, text: &str, token: &str) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let path = folder.join(name);
    let unwritable = |source| FileError::Write { path: path.clone(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unwritable)?;
    let draft = Draft { path: folder.join(format!(".{name}.{token}")) };
    draft.write(text).and_then(|()| draft.publish(&path)).map_err(unwritable)?;
    drop(draft);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
    read(&path)?.ok_or_else(|| unwritable(ErrorKind::NotFound.into()))
}

/// A whole text that nobody sees yet; removed in the end, whether it was published or not.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn write(&self, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?;
        file.write_all(text.as_bytes())?;
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

fn warn_if_open_to_others(path: &Path) {
    // The file was read a moment ago; if it is gone by now there is nothing to warn of.
    let Ok(metadata) = fs::metadata(path) else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.display();
        tracing::warn!(
            "the key file {path} has mode {mode:04o}: other users of this machine can take the key and be anybody; \
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

    /// What is logged when a file of that mode is read.
    fn logged_with_mode(mode: u32) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.key");
        keep(folder.path(), "some.key", "secret", "1").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || read(&path).unwrap());
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
