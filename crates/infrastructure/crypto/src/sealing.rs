use crate::secret_file::{self, FileError};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_domain::hex;
use doorward_ports::outbound::{Random, SealedPlace, SealingError, SecretSealer};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

const KEY_LENGTH: usize = 32;
/// The layout of a sealed secret: this byte, the id of the sealing key, the nonce, the ciphertext with its tag.
const VERSION: u8 = 1;
const ID_LENGTH: usize = 8;
const HEAD_LENGTH: usize = 1 + ID_LENGTH;

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
pub struct SealingKey(Zeroizing<[u8; KEY_LENGTH]>);

impl SealingKey {
    /// The name of its file.
    pub const FILE: &str = "sealing.key";

    /// Reads the key from base64, such as a setting.
    ///
    /// # Errors
    /// [`SealingKeyError::Malformed`] if it does not have 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, SealingKeyError> {
        Self::read(text.as_bytes(), || "the sealing key from the settings".to_owned())
    }

    /// Reads the key from `sealing.key` in the folder, or creates it: the folder with mode 0700, the file with 0600.
    ///
    /// If many processes start at once, and some of them are killed, they all have the same complete key.
    ///
    /// # Errors
    /// [`SealingKeyError`], which names the file and what to do.
    pub fn load_or_create(folder: &Path, random: &dyn Random) -> Result<Self, SealingKeyError> {
        let path = folder.join(Self::FILE);
        let bytes = match secret_file::read(&path)? {
            Some(bytes) => bytes,
            None => Self::create(folder, random)?,
        };
        Self::read(&bytes, || path.display().to_string())
    }

    fn create(folder: &Path, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, SealingKeyError> {
        let mut made = Self(Zeroizing::new([0; KEY_LENGTH]));
        random.fill(&mut *made.0);
        let text = Zeroizing::new(STANDARD.encode(*made.0) + "\n");
        let kept = secret_file::keep(folder, Self::FILE, &text, &hex::encode(&made.id()))?;
        if *kept == text.as_bytes() {
            let path = folder.join(Self::FILE);
            tracing::info!(path = %path.display(), "created a key that seals secrets in the database: back it up");
        }
        Ok(kept)
    }

    fn read(text: &[u8], place: impl Fn() -> String) -> Result<Self, SealingKeyError> {
        let malformed = || SealingKeyError::Malformed(place());
        let bytes = Zeroizing::new(STANDARD.decode(text.trim_ascii()).map_err(|_| malformed())?);
        let key = <[u8; KEY_LENGTH]>::try_from(bytes.as_slice()).map_err(|_| malformed())?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// Identifies the key and reveals nothing of it.
    fn id(&self) -> [u8; ID_LENGTH] {
        let mut hash = Context::new(&SHA256);
        hash.update(b"doorward sealing key\0");
        hash.update(&*self.0);
        let digest = hash.finish();
        std::array::from_fn(|n| digest.as_ref()[n])
    }
}

/// Seals secrets with AES-256-GCM (NIST SP 800-38D), bound to their positions.
pub struct Sealer {
    key: LessSafeKey,
    id: [u8; ID_LENGTH],
    random: Arc<dyn Random>,
}

impl Sealer {
    /// Seals and opens with this key.
    #[must_use]
    pub fn new(key: &SealingKey, random: Arc<dyn Random>) -> Self {
        let unbound = UnboundKey::new(&AES_256_GCM, &*key.0).expect("AES-256 takes any 32 bytes");
        Self { key: LessSafeKey::new(unbound), id: key.id(), random }
    }

    fn head(&self) -> Vec<u8> {
        let mut head = vec![VERSION];
        head.extend(self.id);
        head
    }
}

/// The authenticated data besides the secret: the head, and the position. Lengths separate the parts.
fn associated(head: &[u8], place: &SealedPlace<'_>) -> Aad<Vec<u8>> {
    let mut data = head.to_vec();
    for part in [place.table, place.row, place.column] {
        data.extend((part.len() as u64).to_be_bytes());
        data.extend(part.as_bytes());
    }
    Aad::from(data)
}

impl SecretSealer for Sealer {
    fn seal(&self, place: &SealedPlace<'_>, plain: &[u8]) -> Vec<u8> {
        // 96 random bits: safe for 2^32 secrets under one key (SP 800-38D §8.3), and there are hundreds.
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce);
        let mut sealed = self.head();
        let aad = associated(&sealed, place);
        let mut secret = Zeroizing::new(plain.to_vec());
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut secret)
            .expect("AES-GCM seals anything below 64 GiB");
        sealed.extend(nonce);
        sealed.extend_from_slice(&secret);
        sealed.extend(tag.as_ref());
        sealed
    }

    fn open(&self, place: &SealedPlace<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let (head, rest) = sealed.split_at_checked(HEAD_LENGTH).ok_or(SealingError::Broken)?;
        if head[0] != VERSION {
            return Err(SealingError::Broken);
        }
        if head[1..] != self.id {
            return Err(SealingError::OtherKey);
        }
        let (nonce, secret) = rest.split_at_checked(NONCE_LEN).ok_or(SealingError::Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::Broken)?;
        let mut secret = Zeroizing::new(secret.to_vec());
        let opened = self.key.open_in_place(nonce, associated(head, place), &mut secret);
        let length = opened.map_err(|_| SealingError::Broken)?.len();
        secret.truncate(length);
        Ok(secret)
    }
}
