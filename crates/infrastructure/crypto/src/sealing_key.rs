use crate::secret_file::{self, FileError};
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_domain::SealingKeyId;
use doorward_ports::outbound::Random;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub(crate) const KEY_LENGTH: usize = 32;

/// Why there is no sealing key.
#[derive(Debug, thiserror::Error)]
pub enum SealingKeyError {
    /// Its file can't be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text contains no such key.
    #[error(
        "{0} is not 32 bytes in base64: put it back from a backup. Make one with `openssl rand -base64 32` only for a new \
         database: what was sealed with the old one can't be opened with another"
    )]
    Malformed(String),
}

/// The key that seals other keys and secrets: 32 bytes. It can't be printed, and its memory is wiped.
pub struct SealingKey(pub(crate) Zeroizing<[u8; KEY_LENGTH]>);

impl SealingKey {
    /// The name of the first key's file. Those of later ones contain their ids: `sealing-ID.key`.
    pub const FILE: &str = "sealing.key";

    /// Reads the key from base64, such as a setting.
    ///
    /// # Errors
    /// [`SealingKeyError::Malformed`] if it does not have 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, SealingKeyError> {
        Self::read(text.as_bytes(), || "the sealing key from the settings".to_owned())
    }

    /// Reads several keys with commas or blanks between them.
    ///
    /// # Errors
    /// As [`Self::from_base64`]; also if there is none.
    pub fn list_from_base64(text: &str) -> Result<Vec<Self>, SealingKeyError> {
        let parts = text.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|part| !part.is_empty());
        let keys: Vec<Self> = parts.map(Self::from_base64).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            Err(SealingKeyError::Malformed("the sealing key from the settings".to_owned()))
        } else {
            Ok(keys)
        }
    }

    /// Reads the keys of a folder, or creates the first one: the folder with mode 0700, the file with 0600.
    ///
    /// If many processes start at once, and some of them are killed, they all have the same complete key.
    ///
    /// # Errors
    /// [`SealingKeyError`], which names the file and what to do.
    pub fn load_or_create(folder: &Path, random: &dyn Random) -> Result<Vec<Self>, SealingKeyError> {
        let found = Self::in_folder(folder, |_| true)?;
        if found.is_empty() { Ok(vec![Self::create(folder, Some(Self::FILE), random)?]) } else { Ok(found) }
    }

    /// The keys in those files of a folder whose names are wanted; none if there is no folder. The first key is the first.
    pub(crate) fn in_folder(folder: &Path, mut wanted: impl FnMut(&str) -> bool) -> Result<Vec<Self>, SealingKeyError> {
        let mut keys = Vec::new();
        for name in Self::files(folder)?.into_iter().filter(|name| wanted(name)) {
            let path = folder.join(name);
            // Somebody may have deleted it since.
            if let Some(bytes) = secret_file::read(&path)? {
                keys.push(Self::read(&bytes, || path.display().to_string())?);
            }
        }
        Ok(keys)
    }

    /// The names of the files of sealing keys in a folder.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn files(folder: &Path) -> Result<Vec<String>, SealingKeyError> {
        let unreadable = |source| FileError::Read { path: folder.to_owned(), source };
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unreadable)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(unreadable)?.file_name();
            names.extend(name.to_str().filter(|name| is_a_key_file(name)).map(str::to_owned));
        }
        names.sort_by_key(|name| (name != Self::FILE, name.clone()));
        Ok(names)
    }

    /// Creates a key in a file of this name, or of one with its id. Returns the key that is in the file: another process may
    /// have been faster.
    pub(crate) fn create(folder: &Path, name: Option<&str>, random: &dyn Random) -> Result<Self, SealingKeyError> {
        let made = Self::draw(random);
        let text = Zeroizing::new(STANDARD.encode(*made.0) + "\n");
        let id = made.id().to_string();
        let name = name.map_or_else(|| format!("sealing-{id}.key"), str::to_owned);
        let kept = secret_file::keep(folder, &name, &text, &id)?;
        let path = folder.join(&name);
        if *kept == text.as_bytes() {
            tracing::info!(path = %path.display(), "created a key that seals secrets in the database: back it up");
        }
        Self::read(&kept, || path.display().to_string())
    }

    /// A random key.
    pub(crate) fn draw(random: &dyn Random) -> Self {
        let mut made = Self(Zeroizing::new([0; KEY_LENGTH]));
        random.fill(&mut *made.0);
        made
    }

    /// The file of the key in a folder, if it has one there.
    pub(crate) fn file_of(id: SealingKeyId, folder: &Path) -> Result<Option<PathBuf>, SealingKeyError> {
        for name in Self::files(folder)? {
            let keys = Self::in_folder(folder, |other| other == name)?;
            if keys.iter().any(|key| key.id() == id) {
                return Ok(Some(folder.join(name)));
            }
        }
        Ok(None)
    }

    fn read(text: &[u8], place: impl Fn() -> String) -> Result<Self, SealingKeyError> {
        let malformed = || SealingKeyError::Malformed(place());
        let bytes = Zeroizing::new(STANDARD.decode(text.trim_ascii()).map_err(|_| malformed())?);
        Self::from_bytes(&bytes).ok_or_else(malformed)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        <[u8; KEY_LENGTH]>::try_from(bytes).ok().map(|key| Self(Zeroizing::new(key)))
    }

    /// Identifies the key and reveals nothing of it.
    #[must_use]
    pub fn id(&self) -> SealingKeyId {
        let mut hash = Context::new(&SHA256);
        hash.update(b"doorward sealing key\0");
        hash.update(&*self.0);
        let digest = hash.finish();
        SealingKeyId::from_bytes(std::array::from_fn(|n| digest.as_ref()[n]))
    }
}

fn is_a_key_file(name: &str) -> bool {
    let id = name.strip_prefix("sealing-").and_then(|rest| rest.strip_suffix(".key"));
    name == SealingKey::FILE || id.is_some_and(|id| SealingKeyId::parse(id).is_ok())
}
