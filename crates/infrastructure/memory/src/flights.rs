use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// What is being asked for right now, so that many who want the same at once ask once.
pub(crate) struct Flights<K>(Mutex<HashMap<K, Arc<Semaphore>>>);

/// Whether one asks, or has waited for another who asked.
pub(crate) enum Flight<'a, K: Eq + Hash> {
    /// Nobody was asking. Others wait until this is dropped.
    Leads(Leader<'a, K>),
    /// Somebody was, and is done: he may have an answer, or have failed, or have gone away.
    Followed,
}

pub(crate) struct Leader<'a, K: Eq + Hash> {
    flights: &'a Flights<K>,
    key: K,
}

impl<K> Default for Flights<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone> Flights<K> {
    pub(crate) async fn join(&self, key: &K) -> Flight<'_, K> {
        let Some(landed) = self.under_way(key) else {
            return Flight::Leads(Leader { flights: self, key: key.clone() });
        };
        // There are no permits: it ends by being closed.
        let _ = landed.acquire().await;
        Flight::Followed
    }

    /// What to wait on; none for the first, who is noted.
    fn under_way(&self, key: &K) -> Option<Arc<Semaphore>> {
        let mut flights = self.lock();
        let landed = flights.get(key).map(Arc::clone);
        if landed.is_none() {
            flights.insert(key.clone(), Arc::new(Semaphore::new(0)));
        }
        landed
    }
}

impl<K: Eq + Hash> Flights<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<Semaphore>>> {
        // Nothing that can panic half-way runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Leader<'_, K> {
    fn drop(&mut self) {
        if let Some(landed) = self.flights.lock().remove(&self.key) {
            landed.close();
        }
    }
}
