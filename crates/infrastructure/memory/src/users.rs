use crate::tiers::{Memo, Remembering, Tiers};
use async_trait::async_trait;
use doorward_domain::{User, UserId};
use doorward_ports::outbound::{Revocation, StoreError, UserDirectory};
use std::sync::Arc;

/// Remembers accounts.
pub struct UserMemory {
    asked: Arc<dyn UserDirectory>,
    tiers: Tiers<Arc<User>>,
}

/// Forgotten when anything of the account changes, the time of its last sign-in too, and when a role that it holds may be
/// gone.
impl Memo for Arc<User> {
    type Key = UserId;
    const CACHE: &'static str = "users";

    fn concerning(key: &UserId, _: Option<&Self>) -> [Revocation; 2] {
        [Revocation::User(*key), Revocation::Account(*key)]
    }
}

impl UserMemory {
    /// Remembers at most so many of the accounts that it had to ask about.
    #[must_use]
    pub fn new(asked: Arc<dyn UserDirectory>, common: Remembering, capacity: usize) -> Self {
        Self { asked, tiers: Tiers::new(common, capacity) }
    }
}

#[async_trait]
impl UserDirectory for UserMemory {
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        self.tiers.answer(&id, |_| true, || self.asked.user(id)).await
    }
}
