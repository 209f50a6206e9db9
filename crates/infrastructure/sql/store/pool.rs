use crate::backend::Conn;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use tokio::runtime::Handle;

pub type Pool = deadpool::Pool<Conn>;
pub type Object = deadpool::Object<Conn>;

/// Where connections come from.
#[derive(Clone)]
pub struct Pools {
    pub writers: Pool,
    pub readers: Pool,
}

/// A pool that opens its connections on the backend runtime: one belongs to the runtime that opened it, and would die
/// with the thread of whoever happened to need it first.
pub fn pool<Connecting>(
    size: usize,
    backend: &Handle,
    connect: impl Fn(Handle) -> Connecting + Send + Sync + 'static,
) -> Pool
where
    Connecting: Future<Output = ConnectionResult<Conn>> + Send + 'static,
{
    let backend = backend.clone();
    let mut config = ManagerConfig::<Conn>::default();
    // The other methods send a query at each checkout. A connection that the server has closed is known as such anyway.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let opening = backend.spawn(connect(backend.clone()));
        Box::pin(async move { opening.await.unwrap_or_else(|e| Err(ConnectionError::BadConnection(e.to_string()))) })
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config(String::new(), config))
        .max_size(size)
        .build()
        .expect("a pool without timeouts of its own needs no runtime")
}
