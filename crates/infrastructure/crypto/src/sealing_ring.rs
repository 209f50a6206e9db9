use crate::sealing::{ENVELOPE, KeyEncryptionKey, Sealer};
use crate::sealing_key::SealingKey;
use async_trait::async_trait;
use doorward_domain::{SealedHead, SealingKeyId};
use doorward_ports::Causes;
use doorward_ports::outbound::{KeyWrapper, NewSealingKey, NoSealingKey, SealingRing, WrappedKey};
use std::sync::{Arc, PoisonError, RwLock};

/// The keys of a process. They only become more.
pub(crate) struct Ring(RwLock<Keys>);

struct Keys {
    all: Vec<Arc<KeyEncryptionKey>>,
    current: Arc<KeyEncryptionKey>,
}

impl Ring {
    pub fn of(current: KeyEncryptionKey, others: Vec<KeyEncryptionKey>) -> Self {
        let current = Arc::new(current);
        let ring = Self(RwLock::new(Keys { all: vec![current.clone()], current }));
        ring.add(others);
        ring
    }

    fn read<T>(&self, look: impl FnOnce(&Keys) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn add(&self, keys: Vec<KeyEncryptionKey>) {
        let mut ring = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if ring.all.iter().all(|known| known.id != key.id) {
                ring.all.push(Arc::new(key));
            }
        }
    }

    pub fn get(&self, id: SealingKeyId) -> Option<Arc<KeyEncryptionKey>> {
        self.read(|keys| keys.all.iter().find(|key| key.id == id).cloned())
    }

    pub fn current(&self) -> Arc<KeyEncryptionKey> {
        self.read(|keys| keys.current.clone())
    }
}

#[async_trait]
impl SealingRing for Sealer {
    fn known(&self) -> Vec<SealingKeyId> {
        self.ring.read(|keys| keys.all.iter().map(|key| key.id).collect())
    }

    fn head(&self) -> SealedHead {
        SealedHead { format: ENVELOPE, key: self.ring.current().id }
    }

    fn select(&self, id: SealingKeyId) -> bool {
        let Some(key) = self.ring.get(id) else { return false };
        self.ring.0.write().unwrap_or_else(PoisonError::into_inner).current = key;
        true
    }

    async fn refresh(&self, wrapped: &[WrappedKey]) -> Result<(), NoSealingKey> {
        let from_files = self.source.learn(&self.ring).map_err(|error| NoSealingKey(Causes(&error).to_string()));
        let unknown = wrapped.iter().filter(|wrapped| self.ring.get(wrapped.id).is_none());
        let mut outcome = from_files;
        for wrapped in unknown {
            match self.source.unwrapped(wrapped).await {
                Ok(key) => self.ring.add(vec![key]),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    async fn create(&self, used: &[SealingKeyId]) -> Result<NewSealingKey, NoSealingKey> {
        if let Some(id) = self.source.spare(&self.known(), used) {
            return Ok(NewSealingKey { id, wrapped: None });
        }
        match &self.source.wrapper {
            Some(wrapper) => self.wrapped(&**wrapper).await,
            None => Ok(NewSealingKey { id: self.source.create(&self.ring, &*self.random)?, wrapped: None }),
        }
    }

    async fn delete(&self, id: SealingKeyId) -> Result<(), NoSealingKey> {
        self.source.delete(id)
    }
}

impl Sealer {
    async fn wrapped(&self, wrapper: &dyn KeyWrapper) -> Result<NewSealingKey, NoSealingKey> {
        let key = SealingKey::draw(&*self.random);
        let text = wrapper.wrap(&*key.0).await.map_err(|error| NoSealingKey(error.0))?;
        let wrapped = WrappedKey { id: key.id(), by: wrapper.name(), text };
        self.ring.add(vec![KeyEncryptionKey::new(&key)]);
        Ok(NewSealingKey { id: key.id(), wrapped: Some(wrapped) })
    }
}
