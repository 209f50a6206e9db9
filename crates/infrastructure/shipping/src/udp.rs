use crate::message::{Messages, cut};
use crate::{Address, Render, in_time};
use async_trait::async_trait;
use doorward_ports::outbound::{AuditDestination, NotDelivered, SealedEvent};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::{UdpSocket, lookup_host};

/// What fits into a datagram of IPv4 (RFC 5426 §3.2), with some room.
const LONGEST: usize = 65_000;

/// Syslog over UDP (RFC 5426): one datagram for each line. Nothing confirms that one arrives.
pub struct Udp {
    receiver: Address,
    messages: Messages,
}

impl Udp {
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(receiver: Address, render: Render) -> Self {
        Self { receiver, messages: Messages::new(render) }
    }

    async fn send(&self, lines: &[SealedEvent]) -> io::Result<()> {
        let socket = connected(&self.receiver).await?;
        for line in lines {
            socket.send(cut(self.messages.of(line), LONGEST).as_bytes()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl AuditDestination for Udp {
    async fn deliver(&self, lines: &[SealedEvent]) -> Result<(), NotDelivered> {
        in_time(self.send(lines), &self.receiver).await
    }
}

/// Connected, so that the system reports that nobody listens there.
async fn connected(receiver: &Address) -> io::Result<UdpSocket> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in lookup_host((receiver.host.as_str(), receiver.port)).await? {
        match connected_to(address).await {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn connected_to(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(address).await?;
    Ok(socket)
}
