use crate::message::Messages;
use crate::{Address, Render, in_time};
use async_trait::async_trait;
use doorward_ports::outbound::{AuditDestination, NotDelivered, SealedEvent};
use doorward_tls::{Authorities, AuthoritiesError};
use rustls::pki_types::ServerName;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Longer than the way to a receiver and back.
const RESET_WITHIN: Duration = Duration::from_millis(250);

/// Why a receiver can't be authenticated.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    /// The text of the authorities can't be used.
    #[error("the certificate authorities can't be read: {0}")]
    Authorities(#[from] AuthoritiesError),
    /// A certificate can't be issued for this name.
    #[error("{0} is not a name that a certificate can have")]
    Name(String),
}

/// Syslog over TCP (RFC 6587 §3.4.1) or TLS (RFC 5425 §4.3), each message with its length before it.
///
/// Each delivery has a connection of its own. After its last message, the sending side is closed; the receiver has read all
/// when it then closes its own side. RFC 5425 §4.4 demands this of a receiver; over TCP, all usual ones do it. If the receiver
/// ends before, the system answers with a reset because of what was not read, and the delivery has failed.
pub struct Stream {
    receiver: Address,
    messages: Messages,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Stream {
    /// Over TCP. Nothing is connected yet.
    #[must_use]
    pub fn tcp(receiver: Address, render: Render) -> Self {
        Self { receiver, messages: Messages::new(render), tls: None }
    }

    /// Over TLS: the receiver has a certificate for its name from one of the authorities in the PEM text, or, without a
    /// text, from one of those of browsers.
    ///
    /// # Errors
    /// If the text has no authorities, or no certificate can have the name.
    pub fn tls(receiver: Address, authorities: Option<&[u8]>, render: Render) -> Result<Self, ReceiverError> {
        let name =
            ServerName::try_from(receiver.host.clone()).map_err(|_| ReceiverError::Name(receiver.host.clone()))?;
        let tls = Some((TlsConnector::from(Arc::new(doorward_tls::client(Authorities::of(authorities))?)), name));
        Ok(Self { receiver, messages: Messages::new(render), tls })
    }

    async fn send(&self, lines: &[SealedEvent]) -> io::Result<()> {
        let framed = lines.iter().map(|line| framed(&self.messages.of(line))).collect::<String>();
        let mut stream = TcpStream::connect((self.receiver.host.as_str(), self.receiver.port)).await?;
        match &self.tls {
            None => {
                hand_over(&mut stream, framed.as_bytes()).await?;
                no_reset_follows(&stream).await
            }
            Some((tls, name)) => hand_over(tls.connect(name.clone(), stream).await?, framed.as_bytes()).await,
        }
    }
}

#[async_trait]
impl AuditDestination for Stream {
    async fn deliver(&self, lines: &[SealedEvent]) -> Result<(), NotDelivered> {
        in_time(self.send(lines), &self.receiver).await
    }
}

/// Octet counting.
fn framed(message: &str) -> String {
    format!("{} {message}", message.len())
}

async fn hand_over(mut stream: impl AsyncRead + AsyncWrite + Unpin, messages: &[u8]) -> io::Result<()> {
    stream.write_all(messages).await?;
    stream.shutdown().await?;
    let mut ignored = [0; 1024];
    loop {
        match stream.read(&mut ignored).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // Without the last message of TLS, only a part may have arrived: somebody between the two may have closed TCP.
            Err(error) => return Err(error),
        }
    }
}

/// A receiver that ends before the lines have reached its system closes its side like one that has read them; the reset comes
/// when they get there. TLS needs no such wait: its last message comes from the receiver itself.
async fn no_reset_follows(stream: &TcpStream) -> io::Result<()> {
    // What comes in time is taken as an error next; nothing is as it should be.
    let _ = tokio::time::timeout(RESET_WITHIN, stream.ready(Interest::ERROR)).await;
    stream.take_error()?.map_or(Ok(()), Err)
}
