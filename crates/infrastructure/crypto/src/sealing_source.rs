//! Where the sealing keys of a process come from: the settings, files of a folder, and wrapped keys of the store.
use crate::sealing::{KeyEncryptionKey, Sealer};
use crate::sealing_key::{SealingKey, SealingKeyError};
use crate::sealing_ring::Ring;
use doorward_domain::SealingKeyId;
use doorward_ports::Causes;
use doorward_ports::outbound::{KeyWrapper, NoSealingKey, Random, WrappedKey};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A secret with an unknown key makes a process read the folder, and anybody could send such secrets.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(1);

/// A process that lacks a wrapped key looks for it twice a second, and the external system may be in trouble.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The sources of sealing keys.
pub struct SealingSources {
    /// Keys from the settings, the preferred one first.
    pub given: Vec<SealingKey>,
    /// The folder with files of keys.
    pub folder: PathBuf,
    /// The external system for new keys.
    pub wrapper: Option<Arc<dyn KeyWrapper>>,
}

impl Sealer {
    /// Seals with the first key from the settings, or else of the folder, until another one is selected. If no source has or
    /// can have a key, the folder gets one.
    ///
    /// # Errors
    /// [`SealingKeyError`], which names the file and what to do.
    pub fn of(sources: SealingSources, random: Arc<dyn Random>) -> Result<Self, SealingKeyError> {
        let SealingSources { given, folder, wrapper } = sources;
        let is_alone = given.is_empty() && wrapper.is_none();
        let files: BTreeSet<String> = SealingKey::files(&folder)?.into_iter().collect();
        let in_folder = if is_alone {
            SealingKey::load_or_create(&folder, &*random)?
        } else {
            SealingKey::in_folder(&folder, |name| files.contains(name))?
        };
        let given_ids = given.iter().map(SealingKey::id).collect();
        let mut keys = given.iter().chain(&in_folder).map(KeyEncryptionKey::new);
        // A wrapped key is selected before anything is sealed; until then, there must be one.
        let first = keys.next().unwrap_or_else(|| KeyEncryptionKey::new(&SealingKey::draw(&*random)));
        let ring = Ring::of(first, keys.collect());
        let folder = Some(Folder { path: folder, read: Mutex::new(files), looked: Mutex::default() });
        Ok(Self { ring, source: SealingSource { given: given_ids, folder, wrapper, failed: Mutex::default() }, random })
    }
}

pub(crate) struct SealingSource {
    given: Vec<SealingKeyId>,
    folder: Option<Folder>,
    pub wrapper: Option<Arc<dyn KeyWrapper>>,
    /// When the external system has last failed to unwrap a key, and what it has said.
    failed: Mutex<Option<(Instant, String)>>,
}

struct Folder {
    path: PathBuf,
    /// The names of the files that were read: each is read once, because it never changes.
    read: Mutex<BTreeSet<String>>,
    looked: Mutex<Option<Instant>>,
}

impl SealingSource {
    pub const fn given(given: Vec<SealingKeyId>) -> Self {
        Self { given, folder: None, wrapper: None, failed: Mutex::new(None) }
    }

    /// Learns the keys in new files.
    pub fn learn(&self, ring: &Ring) -> Result<(), SealingKeyError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut read = folder.read.lock().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<String> =
            SealingKey::files(&folder.path)?.into_iter().filter(|name| !read.contains(name)).collect();
        for name in new {
            let keys = SealingKey::in_folder(&folder.path, |other| other == name)?;
            ring.add(keys.iter().map(KeyEncryptionKey::new).collect());
            read.insert(name);
        }
        Ok(())
    }

    /// As [`Self::learn`], now and then. A failure is not new: the next regular refresh reports it.
    pub fn look_again(&self, ring: &Ring) {
        let Some(folder) = &self.folder else { return };
        {
            let mut looked = folder.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.is_some_and(|at| at.elapsed() < LOOK_AGAIN_EVERY) {
                return;
            }
            *looked = Some(Instant::now());
        }
        if let Err(error) = self.learn(ring) {
            tracing::debug!(error = %Causes(&error), "could not read the folder of sealing keys");
        }
    }

    pub async fn unwrapped(&self, wrapped: &WrappedKey) -> Result<KeyEncryptionKey, NoSealingKey> {
        let (id, by) = (wrapped.id, &wrapped.by);
        let Some(wrapper) = self.wrapper.as_ref().filter(|wrapper| wrapper.name() == *by) else {
            return Err(NoSealingKey(format!(
                "the sealing key {id} is encrypted by {by}, which the settings do not name"
            )));
        };
        if let Some(said) = self.failure(None) {
            return Err(NoSealingKey(said));
        }
        let unwrapped = wrapper.unwrap(&wrapped.text).await;
        let bytes = unwrapped.map_err(|error| NoSealingKey(self.failure(Some(error.0)).unwrap_or_default()))?;
        let key = SealingKey::from_bytes(&bytes).filter(|key| key.id() == id);
        let key = key.ok_or_else(|| NoSealingKey(format!("what {by} has decrypted is not the sealing key {id}")))?;
        Ok(KeyEncryptionKey::new(&key))
    }

    /// What the external system has said a moment ago, or says now, if it has failed.
    fn failure(&self, now: Option<String>) -> Option<String> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(said) = now {
            *failed = Some((Instant::now(), said));
        }
        let (_, said) = failed.as_ref().filter(|(at, _)| at.elapsed() < ASK_AGAIN_AFTER)?;
        Some(said.clone())
    }

    /// A key for the next rotation that is already here: from the settings; or, if neither they nor an external system have
    /// keys, from a file, which a command may have left before it was killed.
    pub fn spare(&self, known: &[SealingKeyId], used: &[SealingKeyId]) -> Option<SealingKeyId> {
        let only_files = self.given.is_empty() && self.wrapper.is_none();
        let candidates = if only_files { known } else { &self.given };
        candidates.iter().copied().find(|id| !used.contains(id))
    }

    pub fn create(&self, ring: &Ring, random: &dyn Random) -> Result<SealingKeyId, NoSealingKey> {
        let Some(folder) = self.folder.as_ref().filter(|_| self.given.is_empty()) else {
            return Err(NoSealingKey(
                "all keys of secrets.sealing_key were used before: create one with `openssl rand -base64 32`, add it to the \
                 setting of every node with a comma in between, restart the nodes, and rotate again"
                    .to_owned(),
            ));
        };
        let key =
            SealingKey::create(&folder.path, None, random).map_err(|error| NoSealingKey(Causes(&error).to_string()))?;
        ring.add(vec![KeyEncryptionKey::new(&key)]);
        Ok(key.id())
    }

    pub fn delete(&self, id: SealingKeyId) -> Result<(), NoSealingKey> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let file = SealingKey::file_of(id, &folder.path).map_err(|error| NoSealingKey(Causes(&error).to_string()))?;
        let Some(file) = file else { return Ok(()) };
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(NoSealingKey(format!("{} can't be deleted: {error}", file.display())))
            }
            _ => Ok(()),
        }
    }
}
