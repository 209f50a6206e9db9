//! Lookups of single rows, outside of any unit of work.
use super::SqlStore;
use super::work::SqlWork;
use async_trait::async_trait;
use doorward_ports::outbound::{KEYS_A_STATEMENT, Lookup, StoreError, StoreOperation};
use std::collections::HashMap;
use std::hash::Hash;

/// How a value is looked up: with one statement each.
#[async_trait]
pub trait LookUp<K, V> {
    /// Its name for the observer.
    const OPERATION: StoreOperation;
    /// Returns the value of this key. It is called on every request, so its statement is kept prepared.
    async fn one(&mut self, key: &K) -> Result<Option<V>, StoreError>;
    /// Returns the values of these keys, as many as one statement accepts.
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
