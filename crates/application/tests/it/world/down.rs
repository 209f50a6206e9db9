//! A database that can't be reached.
use async_trait::async_trait;
use doorward_domain::{Session, SessionId};
use doorward_ports::outbound::{Exchange, Lookup, OpenSession, ReadWork, Store, StoreError, WriteWork};
use std::collections::HashMap;

pub struct Down;

fn down<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("it is down".into()))
}

#[async_trait]
impl Store for Down {
    async fn write(&self) -> Result<Box<dyn WriteWork>, StoreError> {
        down()
    }

    async fn read(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        down()
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadWork>, StoreError> {
        down()
    }

    async fn exchange(&self, _: SessionId, _: &Exchange) -> Result<Option<Session>, StoreError> {
        down()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        down()
    }

    async fn try_write(&self) -> Result<(), StoreError> {
        down()
    }
}

#[async_trait]
impl Lookup<SessionId, OpenSession> for Down {
    async fn find(&self, _: &SessionId) -> Result<Option<OpenSession>, StoreError> {
        down()
    }

    async fn find_many(&self, _: &[SessionId]) -> Result<HashMap<SessionId, OpenSession>, StoreError> {
        down()
    }
}
