use super::open_error::OpenError;
use super::statements::Statements;
use crate::backend::Conn;
use deadpool::managed::{self, Manager, Metrics, RecycleError, RecycleResult};
use diesel_async::AsyncConnection;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use doorward_ports::outbound::PoolState;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::runtime::Handle;

pub type Pool = managed::Pool<Opener>;
pub type Object = managed::Object<Opener>;

/// The source of connections.
#[derive(Clone)]
pub struct Pools {
    pub writers: Pool,
    pub readers: Pool,
}

impl Pools {
    /// PostgreSQL has one pool for everything. SQLite has one connection that writes, and a pool of those that read.
    pub fn states(&self) -> Vec<PoolState> {
        if std::ptr::eq(self.writers.manager(), self.readers.manager()) {
            return vec![state("database", &self.writers)];
        }
        vec![state("database_write", &self.writers), state("database_read", &self.readers)]
    }
}

fn state(name: &'static str, pool: &Pool) -> PoolState {
    let status = pool.status();
    let in_use = status.size.saturating_sub(status.available);
    PoolState { pool: name, in_use, idle: status.available, max: status.max_size, waiting: status.waiting }
}

type Opening = Pin<Box<dyn Future<Output = Result<Conn, OpenError>> + Send>>;

/// Opens connections on the backend runtime: a connection belongs to the runtime that opened it, and would end with the
/// thread that needed it first.
pub struct Opener {
    open: Box<dyn Fn(Handle) -> Opening + Send + Sync>,
    backend: Handle,
    /// Older connections are not used again.
    given_up: Mutex<Option<Instant>>,
    /// Decides which connections can be used again.
    judge: AsyncDieselConnectionManager<Conn>,
}

impl Opener {
    /// This includes connections in use: they end when they are returned.
    pub fn give_up_all_of_now(&self) {
        *self.given_up() = Some(Instant::now());
    }

    fn given_up(&self) -> MutexGuard<'_, Option<Instant>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Manager for Opener {
    type Type = Conn;
    type Error = OpenError;

    async fn create(&self) -> Result<Conn, OpenError> {
        let opening = self.backend.spawn((self.open)(self.backend.clone()));
        let opened = opening.await.unwrap_or_else(|stopped| Err(OpenError::new("the service is stopping", stopped)));
        let mut conn = opened?;
        conn.set_instrumentation(Statements::default());
        Ok(conn)
    }

    async fn recycle(&self, conn: &mut Conn, metrics: &Metrics) -> RecycleResult<OpenError> {
        if self.given_up().is_some_and(|given_up| metrics.created <= given_up) {
            return Err(RecycleError::message("it was given up with all of its age"));
        }
        self.judge.recycle(conn, metrics).await.map_err(|error| RecycleError::message(error.to_string()))
    }
}

pub fn pool<Connecting>(
    size: usize,
    backend: &Handle,
    open: impl Fn(Handle) -> Connecting + Send + Sync + 'static,
) -> Pool
where
    Connecting: Future<Output = Result<Conn, OpenError>> + Send + 'static,
{
    let mut config = ManagerConfig::<Conn>::default();
    // The other methods send a query at each checkout. A connection that the server has closed is recognized in any
    // case.
    config.recycling_method = RecyclingMethod::Fast;
    let opener = Opener {
        open: Box::new(move |backend| Box::pin(open(backend))),
        backend: backend.clone(),
        given_up: Mutex::default(),
        judge: AsyncDieselConnectionManager::new_with_config(String::new(), config),
    };
    Pool::builder(opener).max_size(size).build().expect("a pool without timeouts of its own needs no runtime")
}
