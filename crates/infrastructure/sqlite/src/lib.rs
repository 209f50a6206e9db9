//! The store on SQLite: a file, one connection that writes and a pool of connections that read.
//!
//! The shared part, which is nearly everything, is the folder `store/` of the crate `doorward-sql`, compiled here with
//! `#[path]`. `doorward-sql` describes how to extend it.
#![warn(missing_docs)]

mod backend;
mod diagnose;
mod exchanges;
mod file;
mod schema;
#[path = "../../sql/store/mod.rs"]
mod store;
mod threads;

pub use file::{File, UrlError};
pub use store::Opening;

use backend::{Abandon, Conn};
use diagnose::cannot_open;
use diesel::{ConnectionResult, SqliteConnection};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use doorward_ports::outbound::OpenedStore;
use store::open_error::OpenError;
use store::pool::{Pools, pool};
use store::{Connections, SqlStore};
use threads::BackendThreads;
use tokio::runtime::Handle;

impl File {
    /// Opens the store; the file is opened when it is first needed. There is one writer, because SQLite has one write
    /// lock: more connections would only wait for it.
    #[must_use]
    pub fn open(&self, opening: Opening) -> OpenedStore {
        let Opening { pool_size, timeout, ref backend, .. } = opening;
        let (writer, reader) = (self.clone(), self.clone());
        let pools = Pools {
            writers: pool(1, backend, move |threads| {
                let file = writer.clone();
                connect(threads, move || file.open_writer(timeout))
            }),
            readers: pool(pool_size, backend, move |threads| {
                let file = reader.clone();
                connect(threads, move || file.open_reader(timeout))
            }),
        };
        OpenedStore::of(SqlStore::new(Connections::new(pools, Abandon, opening)))
    }
}

async fn connect(
    threads: Handle,
    open: impl FnOnce() -> ConnectionResult<SqliteConnection> + Send + 'static,
) -> Result<Conn, OpenError> {
    let opened = threads.spawn_blocking(open).await;
    let conn = opened.map_err(|stopped| OpenError::new("the service is stopping", stopped))?.map_err(cannot_open)?;
    Ok(SyncConnectionWrapper::with_runtime(conn, BackendThreads(threads)))
}
