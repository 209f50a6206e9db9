use super::SqlStore;
use async_trait::async_trait;
use doorward_domain::{Role, RoleName, User, UserId};
use doorward_ports::outbound::{RoleCatalogue, RolesRead, StoreError, UserDirectory, UsersRead};
use std::sync::Arc;

#[async_trait]
impl UserDirectory for SqlStore {
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        let user = UsersRead::by_id(&mut self.connections.reader().await?, id).await?;
        Ok(user.map(Arc::new))
    }
}

#[async_trait]
impl RoleCatalogue for SqlStore {
    async fn role(&self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        RolesRead::role(&mut self.connections.reader().await?, name).await
    }
}
