use crate::tiers::{Memo, Remembering, Tiers};
use async_trait::async_trait;
use doorward_domain::{Role, RoleName};
use doorward_ports::outbound::{Revocation, RoleCatalogue, StoreError};
use std::sync::Arc;

/// Remembers roles and what they allow.
pub struct RoleMemory {
    asked: Arc<dyn RoleCatalogue>,
    tiers: Tiers<Role>,
}

/// Forgotten when any role is made or described anew; what a role allows, and its end, concern everyone.
impl Memo for Role {
    type Key = RoleName;
    const CACHE: &'static str = "roles";

    fn concerning(_: &RoleName, _: Option<&Self>) -> [Revocation; 2] {
        [Revocation::Roles; 2]
    }
}

impl RoleMemory {
    /// Remembers at most so many of the roles that it had to ask about.
    #[must_use]
    pub fn new(asked: Arc<dyn RoleCatalogue>, common: Remembering, capacity: usize) -> Self {
        Self { asked, tiers: Tiers::new(common, capacity) }
    }
}

#[async_trait]
impl RoleCatalogue for RoleMemory {
    async fn role(&self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        self.tiers.answer(name, |_| true, || self.asked.role(name)).await
    }
}
