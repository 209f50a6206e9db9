use super::SqlStore;
use async_trait::async_trait;
use doorward_application::ports::outbound::{RoleCatalogue, RolesRead, StoreError, UserDirectory, UsersRead};
use doorward_domain::{Role, RoleName, User, UserId};

#[async_trait]
impl UserDirectory for SqlStore {
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        UsersRead::by_id(&mut self.single(&self.pools.readers).await?, id).await
    }
}

#[async_trait]
impl RoleCatalogue for SqlStore {
    async fn role(&self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        RolesRead::role(&mut self.single(&self.pools.readers).await?, name).await
    }
}
