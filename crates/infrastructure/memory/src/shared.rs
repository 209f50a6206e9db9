use doorward_domain::Timestamp;
use doorward_ports::outbound::{CacheKey, Clock, SealedPlace, SecretSealer, SharedCache};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// How long what a node has learned is of use to the others.
const KEPT_FOR: Duration = Duration::from_mins(2);
/// How far the clocks of two nodes may differ.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// What the nodes share: sealed, so that whoever gets hold of the cache can neither read an entry nor make one, nor pass
/// one off as another's; and with its end inside, so that nobody can bring an old one back.
#[derive(Clone)]
pub struct Shared {
    cache: Arc<dyn SharedCache>,
    sealer: Arc<dyn SecretSealer>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    good_until: Timestamp,
    answer: T,
}

impl Shared {
    /// Nothing that is found is older.
    pub(crate) const OLDEST: Duration = KEPT_FOR.saturating_add(CLOCK_SKEW);

    /// Shares by this cache. What is offered is put there on the runtime: nobody waits for it.
    #[must_use]
    pub fn new(
        cache: Arc<dyn SharedCache>,
        sealer: Arc<dyn SecretSealer>,
        clock: Arc<dyn Clock>,
        runtime: Handle,
    ) -> Self {
        Self { cache, sealer, clock, runtime }
    }

    pub(crate) fn offer(&self, kind: &'static str, id: &impl Display, answer: &impl Serialize) {
        let key = CacheKey::new(kind, id);
        let entry = Entry { good_until: self.clock.now().plus(KEPT_FOR), answer };
        let Ok(plain) = serde_json::to_vec(&entry) else { return };
        let sealed = self.sealer.seal(&place(&key), &plain);
        let cache = Arc::clone(&self.cache);
        self.runtime.spawn(async move { cache.put(&key, sealed, KEPT_FOR).await });
    }

    /// Nothing, too, if it was sealed with another key, for another place, or by a version that writes it otherwise.
    pub(crate) async fn find<T: DeserializeOwned>(&self, kind: &'static str, id: &impl Display) -> Option<T> {
        let key = CacheKey::new(kind, id);
        let sealed = self.cache.get(&key).await?;
        let plain = self.sealer.open(&place(&key), &sealed).ok()?;
        let entry: Entry<T> = serde_json::from_slice(&plain).ok()?;
        let now = self.clock.now();
        let good = now < entry.good_until && entry.good_until <= now.plus(Self::OLDEST);
        good.then_some(entry.answer)
    }
}

fn place(key: &CacheKey) -> SealedPlace<'_> {
    SealedPlace { table: "cache", row: &key.id, column: key.kind }
}
