use async_trait::async_trait;
use std::io;
use std::net::SocketAddr;

/// Finds the addresses of a host.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses of the host, with this port, in the order in which they are tried.
    ///
    /// # Errors
    /// If there is none.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// Asks the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}
