use super::StoreError;
use async_trait::async_trait;
use doorward_domain::{Role, RoleName, User, UserId};
use std::sync::Arc;

/// Accounts to look at. A read port of its own because everybody's own account is asked for all the time, and may be
/// cached; whoever is to change one reads it in the unit of work that changes it.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// The account of that id, as it was at most a second ago; on the node that changed it, as it is.
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError>;
}

/// Roles to look at, and what they allow. May be cached like [`UserDirectory`].
#[async_trait]
pub trait RoleCatalogue: Send + Sync {
    /// The role of that name, as it was at most a second ago; on the node that changed it, as it is.
    async fn role(&self, name: &RoleName) -> Result<Option<Role>, StoreError>;
}
