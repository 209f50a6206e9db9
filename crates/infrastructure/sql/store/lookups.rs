//! Single rows to look at, outside of any unit of work.
use super::SqlStore;
use super::work::SqlWork;
use async_trait::async_trait;
use doorward_ports::outbound::{KEYS_A_STATEMENT, Lookup, StoreError, StoreOperation};
use std::collections::HashMap;
use std::hash::Hash;

/// How a thing is looked up: by one statement each.
#[async_trait]
pub trait LookUp<K, V> {
    /// What an observer knows it by.
    const OPERATION: StoreOperation;
    /// The thing of that key. Asked on every request, so it is a statement that is kept prepared.
    async fn one(&mut self, key: &K) -> Result<Option<V>, StoreError>;
    /// The things of so many keys as one statement takes.
    async fn several(&mut self, keys: &[K]) -> Result<Vec<(K, V)>, StoreError>;
}

#[async_trait]
impl<K, V> Lookup<K, V> for SqlStore
where
    SqlWork: LookUp<K, V>,
    K: Eq + Hash + Send + Sync,
    V: Send,
{
    async fn find(&self, key: &K) -> Result<Option<V>, StoreError> {
        let _finding = self.connections.watch(SqlWork::OPERATION);
        self.connections.reader().await?.one(key).await
    }

    async fn find_many(&self, keys: &[K]) -> Result<HashMap<K, V>, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        if keys.is_empty() {
            return Ok(found);
        }
        let _finding = self.connections.watch(SqlWork::OPERATION);
        let mut work = self.connections.reader().await?;
        for keys in keys.chunks(KEYS_A_STATEMENT) {
            found.extend(work.several(keys).await?);
        }
        Ok(found)
    }
}
