use quick_cache::sync::Cache;
use std::hash::Hash;
use std::sync::Arc;

/// So many different values are known at a time.
const MOST: usize = 1_000;

/// Values of which most are equal, as what the accounts of one role may do: each is held once, however many hold it.
pub struct Interner<T>(Cache<Arc<T>, Arc<T>>);

impl<T: Eq + Hash> Default for Interner<T> {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl<T: Eq + Hash> Interner<T> {
    /// The same value, held by all who have asked for an equal one.
    pub(crate) fn one(&self, value: Arc<T>) -> Arc<T> {
        self.0.get(&value).unwrap_or_else(|| {
            self.0.insert(value.clone(), value.clone());
            value
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_is_held_once_and_the_rest_apart() {
        let interner = Interner::default();
        let one = |text: &str| interner.one(Arc::new(text.to_owned()));
        let first = one("reader");
        assert!(Arc::ptr_eq(&first, &one("reader")));
        assert_eq!(*one("writer"), "writer");
        assert_eq!(*first, "reader");
    }

    #[test]
    fn beyond_what_is_known_values_are_held_apart() {
        let interner = Interner::default();
        let held: Vec<_> = (0..10 * MOST).map(|n| interner.one(Arc::new(n))).collect();
        assert!(held.iter().enumerate().all(|(n, value)| **value == n));
        assert!(interner.0.len() <= MOST, "{}", interner.0.len());
    }
}
