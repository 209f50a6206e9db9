use aws_lc_rs::digest::{SHA256, digest};
use doorward_domain::{KeyId, Timestamp};
use doorward_ports::outbound::{AccessClaims, CacheTier, Observer};
use quick_cache::sync::Cache;
use std::sync::Arc;

const CACHE: &str = "tokens";

/// Access tokens that were verified, so that the same token need not be verified again with every request.
///
/// The key is the SHA-256 of the whole token with its signature. A cached token is valid only while its key is, which
/// the caller checks with the key ring, and until it expires. Whether its session is live is not a property of the
/// token, and is checked every time.
pub(crate) struct Verified {
    remembered: Cache<Digest, Known>,
    observer: Arc<dyn Observer>,
}

/// Identifies a token without being one.
pub(crate) type Digest = [u8; 32];

#[derive(Clone)]
struct Known {
    kid: KeyId,
    claims: AccessClaims,
}

impl Verified {
    /// Caches at most this many.
    pub(crate) fn of_at_most(capacity: usize, observer: Arc<dyn Observer>) -> Self {
        Self { remembered: Cache::new(capacity), observer }
    }

    pub(crate) fn digest(token: &str) -> Digest {
        let digest = digest(&SHA256, token.as_bytes());
        std::array::from_fn(|n| digest.as_ref()[n])
    }

    /// The claims of the token, if it was verified before, with a key for which `counts` is true, and has not expired.
    pub(crate) fn recall(
        &self,
        digest: &Digest,
        now: Timestamp,
        counts: impl FnOnce(&KeyId) -> bool,
    ) -> Option<AccessClaims> {
        let known = self.remembered.get(digest).filter(|known| now < known.claims.expires_at && counts(&known.kid));
        self.observer.cache_asked(CACHE, CacheTier::Memory, known.is_some());
        known.map(|known| known.claims)
    }

    pub(crate) fn remember(&self, digest: Digest, kid: KeyId, claims: &AccessClaims) {
        self.remembered.insert(digest, Known { kid, claims: claims.clone() });
    }
}
