//! A hasher that stops after each comparison until the test lets it go: what happens meanwhile is the test's to say.
use async_trait::async_trait;
use doorward_domain::Password;
use doorward_ports::outbound::{AccountKey, HashingError, PasswordHash, PasswordHasher, Verdict};
use std::sync::Arc;
use tokio::sync::Semaphore;

pub struct Gate {
    inner: Arc<dyn PasswordHasher>,
    arrived: Semaphore,
    open: Semaphore,
}

impl Gate {
    pub fn before(inner: Arc<dyn PasswordHasher>) -> Self {
        Self { inner, arrived: Semaphore::new(0), open: Semaphore::new(0) }
    }

    /// Waits until somebody's password has been compared, and what is to be done with the verdict is about to be.
    pub async fn arrival(&self) {
        self.arrived.acquire().await.unwrap().forget();
    }

    /// Lets one of them go on.
    pub fn open(&self) {
        self.open.add_permits(1);
    }
}

#[async_trait]
impl PasswordHasher for Gate {
    async fn hash(&self, account: AccountKey, password: &Password) -> Result<PasswordHash, HashingError> {
        self.inner.hash(account, password).await
    }

    async fn verify(
        &self,
        account: AccountKey,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<Verdict, HashingError> {
        let verdict = self.inner.verify(account, password, stored).await?;
        self.arrived.add_permits(1);
        self.open.acquire().await.unwrap().forget();
        Ok(verdict)
    }
}
