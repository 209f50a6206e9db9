//! The store, written once and compiled for each database: what differs comes from `super`.
mod attempts;
mod audit;
mod client_apps;
mod columns;
mod directories;
mod errors;
mod kept;
pub mod migrations;
pub mod pool;
mod revocations;
mod roles;
mod schema;
mod session_states;
mod sessions;
mod signing_keys;
mod users;
mod work;

pub use columns::{At, Id};
pub use work::SqlWork;

use super::{Abandon, Exchanges};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{Session, SessionId};
use doorward_ports::outbound::{Exchange, Guard, ReadWork, RevocationBus, Store, StoreError, WriteWork};
use pool::{Object, Pool, Pools};
use schema::guards;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Where units of work come from.
#[derive(Clone)]
pub struct Connections {
    pub pools: Pools,
    pub abandon: Abandon,
    pub timeout: Duration,
    pub backend: Handle,
    pub bus: Arc<dyn RevocationBus>,
}

impl Connections {
    pub async fn write(&self) -> Result<Box<SqlWork>, StoreError> {
        let mut work = self.single(&self.pools.writers).await?;
        work.begin(super::begin_write_sql(self.timeout)).await?;
        Ok(Box::new(work))
    }

    async fn checkout(&self, pool: &Pool) -> Result<Object, StoreError> {
        match tokio::time::timeout(self.timeout, pool.get()).await {
            Ok(Ok(conn)) => Ok(conn),
            Ok(Err(error)) => Err(errors::no_connection(error)),
            Err(_) => Err(errors::none_free()),
        }
    }

    async fn single(&self, pool: &Pool) -> Result<SqlWork, StoreError> {
        let conn = self.checkout(pool).await?;
        Ok(SqlWork::new(conn, self.abandon.clone(), self.backend.clone(), self.bus.clone()))
    }

    async fn reader(&self) -> Result<SqlWork, StoreError> {
        self.single(&self.pools.readers).await
    }

    async fn ask(&self) -> Result<(), StoreError> {
        let mut work = self.reader().await?;
        // A row, because SQLite answers `SELECT 1` without looking at its file.
        let guard = guards::table.find(Guard::Bootstrap.as_str()).select(guards::n);
        let answer = guard.get_result::<i64>(work.conn()).await;
        work.settle(answer).map(|_| ())
    }
}

/// The store on this database.
pub struct SqlStore {
    connections: Connections,
    exchanges: Exchanges,
}

impl SqlStore {
    pub fn new(connections: Connections) -> Self {
        Self { exchanges: Exchanges::over(&connections), connections }
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError> {
        Ok(self.connections.write().await?)
    }

    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        Ok(Box::new(self.connections.reader().await?))
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        let mut work = self.connections.reader().await?;
        work.begin(super::begin_snapshot_sql(self.connections.timeout)).await?;
        Ok(Box::new(work))
    }

    async fn exchange(&self, id: SessionId, exchange: &Exchange) -> Result<Option<Session>, StoreError> {
        self.exchanges.exchange(id, exchange).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        tokio::time::timeout(self.connections.timeout, self.connections.ask())
            .await
            .unwrap_or_else(|_| Err(errors::none_free()))
    }
}
