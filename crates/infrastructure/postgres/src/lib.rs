//! The store on PostgreSQL: a pool of connections, with or without encryption, also behind a transaction pooler.
//!
//! The shared part, which is nearly everything, is the folder `store/` of the crate `doorward-sql`, compiled here with
//! `#[path]`. `doorward-sql` describes how to extend it.
#![warn(missing_docs)]

mod backend;
mod diagnose;
mod exchanges;
mod schema;
mod server;
#[path = "../../sql/store/mod.rs"]
mod store;
mod survey;
mod tls;
mod url_error;

pub use server::Server;
pub use store::Opening;
pub use url_error::UrlError;

use doorward_ports::outbound::OpenedStore;
use store::pool::{Pools, pool};
use store::{Connections, SqlStore};

impl Server {
    /// Opens the store; all connections belong to one pool and are opened when they are first needed.
    #[must_use]
    pub fn open(&self, opening: Opening) -> OpenedStore {
        let (server, timeout) = (self.clone(), opening.timeout);
        let writers = pool(opening.pool_size, &opening.backend, move |_| {
            let server = server.clone();
            async move { server.connect_within(timeout).await }
        });
        let pools = Pools { readers: writers.clone(), writers };
        OpenedStore::of(SqlStore::new(Connections::new(pools, self.abandon(), opening)))
    }
}
