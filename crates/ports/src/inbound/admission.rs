use super::ClientCredentials;
use crate::access::Operation;
use crate::{Caller, Error, ErrorCode, Origin, Result, ShownToken};
use async_trait::async_trait;
use doorward_domain::{Client, ClientApp, Quota, RateClass, Taken};

/// The rate-limit state of a caller in a class after a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitState {
    /// The class.
    pub class: RateClass,
    /// The quota.
    pub quota: Quota,
    /// The result of the last count.
    pub taken: Taken,
}

impl RateLimitState {
    /// Checks that the request was allowed.
    ///
    /// # Errors
    /// `rate_limited`, with the time to wait.
    pub fn judge(&self) -> Result<()> {
        let Taken::Refused { retry_after, .. } = self.taken else { return Ok(()) };
        let detail = "There were too many requests of this kind. Wait for the time in Retry-After, then try again.";
        Err(Error::new(ErrorCode::RateLimited, detail).retry_after(retry_after))
    }

    /// The state after the count was given back.
    #[must_use]
    pub fn given_back(self) -> Self {
        Self { taken: self.quota.given_back(self.taken), ..self }
    }
}

/// What a front end has read of a request, before anything is checked.
#[derive(Debug)]
pub struct Presented<'a> {
    /// The origin of the request.
    pub origin: Origin,
    /// The credentials.
    pub identification: Identification<'a>,
}

/// The credentials of a request, of which there is at most one kind (RFC 6749 §2.3).
#[derive(Debug, Clone, Copy)]
pub enum Identification<'a> {
    /// No credentials.
    Nothing,
    /// An access token.
    Token(ShownToken<'a>),
    /// The credentials of an OAuth client.
    Client(&'a ClientCredentials),
    /// A way that only the operator can use.
    Operator,
    /// Credentials that can't be read: the front end reports the reason after the request was counted.
    Unreadable,
}

impl<'a> Identification<'a> {
    /// With this access token.
    #[must_use]
    pub const fn token(text: &'a str) -> Self {
        Self::Token(ShownToken::new(text))
    }
}

/// A client that has authenticated, as far as its kind can.
#[derive(Debug, Clone)]
pub enum ProvenClient {
    /// Doorward's own client, or a public app: neither can authenticate.
    Public(Client),
    /// With its secret.
    Confidential(Box<ClientApp>),
}

impl ProvenClient {
    /// The id of the client.
    #[must_use]
    pub fn client(&self) -> Client {
        match self {
            Self::Public(client) => client.clone(),
            Self::Confidential(app) => Client::from(&app.id),
        }
    }
}

/// A caller that may do the operation.
#[derive(Debug)]
pub struct Admitted {
    /// The caller. A client with credentials for an operation of clients does not become the caller: its credentials
    /// authorize nothing else.
    pub caller: Caller,
    /// The client of the credentials.
    pub client: Option<ProvenClient>,
}

/// The result of an admission.
#[derive(Debug)]
pub struct Judged<T = Admitted> {
    /// The rate-limit state, whatever the result; none if the request was not counted.
    pub rate_limit: Option<RateLimitState>,
    /// The caller who was identified, and refused all the same. For the log.
    pub refused: Option<Caller>,
    /// The admitted caller.
    pub result: Result<T>,
}

/// Admits a request. A front end reads the credentials of the request, and calls this before it does anything else.
///
/// Nothing is read from the store before the request was counted:
/// 1. If the table counts the operation by IP address, this is counted before anything of the request is read.
/// 2. The credentials are counted before they are looked up: a token with a valid signature, by its account or client
/// app; any other token, and no token, by the IP address; a secret, as an attempt of the IP address.
/// 3. The credentials are looked up. A right secret gives the attempt back, and its client is counted. The token of an
/// ended session gives its count back, and the IP address is counted, so that it does not use up the quota of its
/// account.
/// 4. The access table is checked.
///
/// Refused tokens of an IP address do not prevent others behind it from using theirs, because many people can share one
/// address. If a row says that a token is optional, callers without a token or without the permission are admitted as
/// who they are: the use case decides.
#[async_trait]
pub trait Admission: Send + Sync {
    /// Admits a request for an operation.
    ///
    /// # Errors
    /// `rate_limited`; `invalid_token` or `invalid_client` for credentials that identify nobody; and as
    /// [`authorize`](crate::access::authorize).
    async fn admit(&self, presented: Presented<'_>, operation: Operation) -> Judged;

    /// Admits an already identified caller for one more operation: it is counted and authorized separately.
    ///
    /// # Errors
    /// `rate_limited`, and as [`authorize`](crate::access::authorize).
    async fn admit_known(&self, caller: &Caller, operation: Operation) -> Judged<()>;
}
