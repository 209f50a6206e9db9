use super::ClientCredentials;
use crate::access::Operation;
use crate::{Caller, Error, ErrorCode, Origin, Result};
use async_trait::async_trait;
use doorward_domain::{Client, ClientApp, Quota, RateClass, Taken};

/// How a caller stands in a class after they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which limit it is.
    pub class: RateClass,
    /// How often it may be.
    pub quota: Quota,
    /// What came of the last try.
    pub taken: Taken,
}

impl Standing {
    /// Whether they may go on.
    ///
    /// # Errors
    /// `rate_limited`, with the time to wait.
    pub fn judge(&self) -> Result<()> {
        let Taken::Refused { retry_after, .. } = self.taken else { return Ok(()) };
        let detail = "There were too many requests of this kind. Wait as long as Retry-After says, and try again.";
        Err(Error::new(ErrorCode::RateLimited, detail).retry_after(retry_after))
    }
}

/// What a front end has read of who asks, before anybody has judged it.
#[derive(Debug)]
pub struct Presented<'a> {
    /// From where.
    pub origin: Origin,
    /// How they identify themselves.
    pub identification: Identification<'a>,
}

/// How whoever asks identifies themselves; a request does so in one way at most (RFC 6749 §2.3).
#[derive(Debug, Clone, Copy)]
pub enum Identification<'a> {
    /// Nothing.
    Nothing,
    /// An access token.
    Token(&'a str),
    /// The credentials of an OAuth client.
    Client(&'a ClientCredentials),
    /// By a way that only the operator can take.
    Operator,
    /// With something that can't be read: the front end says why, once the request was counted.
    Unreadable,
}

/// A client that is the one it says to be, as far as its kind can prove it.
#[derive(Debug, Clone)]
pub enum ProvenClient {
    /// Doorward's own sign-in, or a public app: nobody can prove to be one.
    Public(Client),
    /// By its secret.
    Confidential(Box<ClientApp>),
}

impl ProvenClient {
    /// The client's name.
    #[must_use]
    pub fn client(&self) -> Client {
        match self {
            Self::Public(client) => client.clone(),
            Self::Confidential(app) => Client::from(&app.id),
        }
    }
}

/// Somebody who may do what was asked for.
#[derive(Debug)]
pub struct Admitted {
    /// Who they are. A client that has shown its credentials for an operation of clients is no caller by that: its
    /// credentials authorize nothing else.
    pub caller: Caller,
    /// The client whose credentials were shown.
    pub client: Option<ProvenClient>,
}

/// What came of an admission.
#[derive(Debug)]
pub struct Judged<T = Admitted> {
    /// How they stand, whatever came of it; none where nobody was counted.
    pub standing: Option<Standing>,
    /// Who may go on.
    pub result: Result<T>,
}

/// Lets a request in. A front end reads what the request presents, and asks before it does anything else for it.
///
/// Nothing is read from the store before the request was counted:
/// 1. What the table has counted by address is counted before anything of the request is looked at.
/// 2. Whatever identifies the caller is then counted before it is looked up: a token whose signature is ours, by the account
///    or client app that it names; any other token, and no token, by the address; a secret, as an attempt of the address.
/// 3. It is looked up. A right secret gives the attempt back, and its client is counted. A token whose session has ended
///    gives back what it took, and the address is counted, so that it does not use up its owner's quota.
/// 4. The table of access is asked.
///
/// An address whose tokens are refused does not keep others behind it from using theirs: many people share one. Where a
/// row says that a token is optional, whoever shows none, or may not, is let in as who they are: the use case decides.
#[async_trait]
pub trait Admission: Send + Sync {
    /// Lets somebody do the operation.
    ///
    /// # Errors
    /// `rate_limited`; `invalid_token` or `invalid_client` for what does not identify anybody; and as
    /// [`authorize`](crate::access::authorize).
    async fn admit(&self, presented: Presented<'_>, operation: Operation) -> Judged;

    /// Lets somebody, who was found out before, do one more operation: they are counted and judged for it alone.
    ///
    /// # Errors
    /// `rate_limited`, and as [`authorize`](crate::access::authorize).
    async fn admit_known(&self, caller: &Caller, operation: Operation) -> Judged<()>;
}
