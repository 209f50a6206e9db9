//! The store on PostgreSQL: a pool of connections, encrypted or not, also behind a transaction pooler.
//!
//! What it shares with SQLite, which is nearly everything, is the folder `store/` beside the crate `doorward-sql`, compiled
//! here by `#[path]`. How to add to it is said in `doorward-sql`.
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
    /// Opens the store; connections are made when first needed, all of one pool.
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
