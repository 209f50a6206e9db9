use doorward_domain::RateClass;
use doorward_ports::outbound::{CacheTier, Observer};
use std::sync::Mutex;
use std::time::Duration;

/// Hears which limits refused somebody.
#[derive(Default)]
pub struct Refusals(Mutex<Vec<RateClass>>);

impl Refusals {
    /// What was heard since it was last asked.
    pub fn take(&self) -> Vec<RateClass> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Observer for Refusals {
    fn cache_asked(&self, _: &'static str, _: CacheTier, _: bool) {}
    fn rate_limited(&self, class: RateClass) {
        self.0.lock().unwrap().push(class);
    }
    fn password_hashed(&self, _: Duration) {}
    fn passwords_waiting(&self, _: usize) {}
}
