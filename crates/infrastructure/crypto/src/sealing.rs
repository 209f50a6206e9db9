use crate::sealing_key::{KEY_LENGTH, SealingKey};
use crate::sealing_ring::Ring;
use crate::sealing_source::SealingSource;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use doorward_domain::{SealedHead, SealingKeyId};
use doorward_ports::outbound::{Random, SealedPlace, SealingError, SecretSealer};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A secret that the sealing key itself has encrypted: head, nonce, ciphertext with its tag. It is only opened.
const DIRECT: u8 = 1;
/// A secret that was encrypted with a data key of its own: head, the data key in the key wrap of the sealing key, nonce,
/// ciphertext with its tag.
pub(crate) const ENVELOPE: u8 = 2;
/// RFC 3394 §2.2.1: one block of 64 bits longer than the key.
const WRAPPED_LENGTH: usize = KEY_LENGTH + 8;

/// A sealing key, ready for use.
pub(crate) struct KeyEncryptionKey {
    pub id: SealingKeyId,
    direct: LessSafeKey,
    /// Derived from the sealing key, because no key should serve two algorithms (NIST SP 800-57 part 1 §5.2).
    wrapping: Zeroizing<[u8; KEY_LENGTH]>,
}

impl KeyEncryptionKey {
    pub fn new(key: &SealingKey) -> Self {
        let derived = hmac::sign(&hmac::Key::new(HMAC_SHA256, &*key.0), b"doorward key wrap\0");
        let wrapping = Zeroizing::new(std::array::from_fn(|n| derived.as_ref()[n]));
        Self { id: key.id(), direct: gcm(&key.0), wrapping }
    }

    fn kek(&self) -> AesKek {
        AesKek::new(&AES_256, &*self.wrapping).expect("AES-256 takes any 32 bytes")
    }

    /// A key wrap (RFC 3394, NIST SP 800-38F) needs no nonce, so there is no limit to the data keys under one key.
    fn wrap(&self, data_key: &[u8; KEY_LENGTH]) -> [u8; WRAPPED_LENGTH] {
        let mut wrapped = [0; WRAPPED_LENGTH];
        self.kek().wrap(data_key, &mut wrapped).expect("the output has room for it");
        wrapped
    }

    fn unwrap(&self, wrapped: &[u8; WRAPPED_LENGTH]) -> Option<Zeroizing<[u8; KEY_LENGTH]>> {
        // The interface of aws-lc-rs wants as much room as the wrapped key takes.
        let mut room = Zeroizing::new([0; WRAPPED_LENGTH]);
        let data_key = self.kek().unwrap(wrapped, &mut *room).ok()?;
        <[u8; KEY_LENGTH]>::try_from(&*data_key).ok().map(Zeroizing::new)
    }
}

fn gcm(key: &[u8; KEY_LENGTH]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes any 32 bytes"))
}

/// Seals secrets with AES-256-GCM (NIST SP 800-38D), each with a data key of its own, bound to their positions.
pub struct Sealer {
    pub(crate) ring: Ring,
    pub(crate) source: SealingSource,
    pub(crate) random: Arc<dyn Random>,
}

impl Sealer {
    /// Seals and opens with this key alone.
    #[must_use]
    pub fn new(key: &SealingKey, random: Arc<dyn Random>) -> Self {
        let source = SealingSource::given(vec![key.id()]);
        Self { ring: Ring::of(KeyEncryptionKey::new(key), Vec::new()), source, random }
    }

    fn draw<const N: usize>(&self) -> Zeroizing<[u8; N]> {
        let mut bytes = Zeroizing::new([0; N]);
        self.random.fill(&mut *bytes);
        bytes
    }

    /// The key with this id. If it is not known, a process that shares the folder may have created it a moment ago.
    fn key(&self, id: SealingKeyId) -> Option<Arc<KeyEncryptionKey>> {
        self.ring.get(id).or_else(|| {
            self.source.look_again(&self.ring);
            self.ring.get(id)
        })
    }
}

/// The authenticated data besides the secret: what comes before the nonce, and the position. Lengths separate the parts.
fn associated(before: &[u8], place: &SealedPlace<'_>) -> Aad<Vec<u8>> {
    let mut data = before.to_vec();
    for part in [place.table, place.row, place.column] {
        data.extend((part.len() as u64).to_be_bytes());
        data.extend(part.as_bytes());
    }
    Aad::from(data)
}

impl SecretSealer for Sealer {
    fn seal(&self, place: &SealedPlace<'_>, plain: &[u8]) -> Vec<u8> {
        let key = self.ring.current();
        let data_key = self.draw::<KEY_LENGTH>();
        let mut sealed = SealedHead { format: ENVELOPE, key: key.id }.to_bytes().to_vec();
        sealed.extend(key.wrap(&data_key));
        let nonce = self.draw::<NONCE_LEN>();
        let aad = associated(&sealed, place);
        let mut secret = Zeroizing::new(plain.to_vec());
        let tag = gcm(&data_key)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(*nonce), aad, &mut secret)
            .expect("AES-GCM seals anything below 64 GiB");
        sealed.extend(*nonce);
        sealed.extend_from_slice(&secret);
        sealed.extend(tag.as_ref());
        sealed
    }

    fn open(&self, place: &SealedPlace<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let head = SealedHead::of(sealed).ok_or(SealingError::Broken)?;
        if !matches!(head.format, DIRECT | ENVELOPE) {
            return Err(SealingError::Broken);
        }
        let key = self.key(head.key).ok_or(SealingError::OtherKey)?;
        if head.format == DIRECT {
            return opened(&key.direct, SealedHead::LENGTH, place, sealed);
        }
        let wrapped = sealed[SealedHead::LENGTH..].first_chunk().ok_or(SealingError::Broken)?;
        let data_key = key.unwrap(wrapped).ok_or(SealingError::Broken)?;
        opened(&gcm(&data_key), SealedHead::LENGTH + WRAPPED_LENGTH, place, sealed)
    }
}

/// Opens what comes after `start`: the nonce, and the ciphertext with its tag.
fn opened(
    key: &LessSafeKey,
    start: usize,
    place: &SealedPlace<'_>,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (before, rest) = sealed.split_at_checked(start).ok_or(SealingError::Broken)?;
    let (nonce, secret) = rest.split_at_checked(NONCE_LEN).ok_or(SealingError::Broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::Broken)?;
    let mut secret = Zeroizing::new(secret.to_vec());
    let length =
        key.open_in_place(nonce, associated(before, place), &mut secret).map_err(|_| SealingError::Broken)?.len();
    secret.truncate(length);
    Ok(secret)
}
