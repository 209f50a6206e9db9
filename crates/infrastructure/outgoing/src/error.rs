use hyper::StatusCode;
use std::error::Error;
use std::time::Duration;

type Cause = Box<dyn Error + Send + Sync>;

/// Why there is no answer. Its text contains neither the URL, nor a header, nor the body of the request or the answer.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// It is not an `https` URL with a host and without a user name; or it is `http`, and its host is not this machine.
    #[error("the URL is not an https URL of a host")]
    Url,
    /// The host has no address, or no name server has answered.
    #[error("the name of the host was not found")]
    Resolve(#[source] std::io::Error),
    /// The host has an address that may not be called.
    #[error("the host has an address that is not one of the public internet")]
    Address,
    /// No address of the host accepts connections.
    #[error("no connection")]
    Connect(#[source] std::io::Error),
    /// There is no TLS connection: another name, an unknown authority, an expired certificate.
    #[error("TLS has failed")]
    Tls(#[source] std::io::Error),
    /// The connection has ended before the answer, or what came was not HTTP.
    #[error("the connection has failed")]
    Broken(#[source] Cause),
    /// There is no complete answer within the time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer is a redirect, and none is followed.
    #[error("the answer is a redirect ({status}), and none is followed")]
    Redirect {
        /// The status of the answer.
        status: StatusCode,
        /// Where it leads, as the answer has it.
        location: Option<String>,
    },
    /// The answer has more bytes than are read.
    #[error("the answer has more than {0} bytes")]
    TooLong(usize),
}
