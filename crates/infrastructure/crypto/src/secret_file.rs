//! Small files with a secret: created once, completely, readable for nobody else, and never replaced.
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why a file with a key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file exists and can't be read.
    #[error("the key file {} can't be read: make it readable for the user that runs Doorward", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file can't be created.
    #[error(
        "a key can't be kept at {}: give the user that Doorward runs as the right to write there, on a file system with \
         hard links, or give the key by a setting",
        path.display()
    )]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

/// The content of the file; none if there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
    let missing = match read_now(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => error,
        outcome => return outcome.map(Some).map_err(|source| unreadable(path, source)),
    };
    match path.symlink_metadata() {
        Err(_) => Ok(None),
        // A link to nowhere is not "no file": nothing must be created at its end.
        Ok(found) if found.is_symlink() => Err(unreadable(path, missing)),
        // Another process has published it since; nobody removes it.
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

/// Writes the text to this file of the folder, unless it already exists: the folder with mode 0700, the file with 0600.
/// Returns the content of the file, whoever wrote it; `token` distinguishes the temporary files of several processes.
///
/// If many processes do it at once, and some of them are killed, they all read the same complete text.
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

/// A complete text that no process can see yet; it is removed at the end, whether it was published or not.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn write(&self, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// A hard link never replaces an existing file, as a rename would: the first one wins.
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
            tracing::warn!(path = %self.path.display(), %error, "could not remove the temporary file of a key: remove it manually");
        }
    }
}

fn warn_if_open_to_others(path: &Path) {
    // The file was read a moment ago; if it is gone now, there is nothing to warn of.
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

    /// The warning when a file with this mode is read.
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
