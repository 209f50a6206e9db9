use crate::store::Connections;
use doorward_domain::{Session, SessionId};
use doorward_ports::outbound::{Exchange, StoreError, WriteWork};

/// Exchanges of refresh tokens run separately, because they do not wait for each other here.
pub struct Exchanges(Connections);

impl Exchanges {
    pub fn over(connections: &Connections) -> Self {
        Self(connections.clone())
    }

    pub async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        let mut work = self.0.write().await?;
        let session = work.exchange(id, exchange).await?;
        work.commit().await?;
        Ok(session)
    }
}
