use crate::ports::Ports;
use crate::refusal::Refusal;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{Identification, Judged, Presented, RateLimitState, TokenPair};
use doorward_ports::{Actor, Caller, Error, ErrorCode, Origin, Secret};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The access token of a request.
#[derive(Debug, Default)]
pub enum Shown {
    /// There is none.
    #[default]
    Nothing,
    /// This one.
    Token(Secret),
    /// It can't be read, and why.
    Unreadable(Box<Error>),
}

/// What a front end has read of a request, besides the document.
#[derive(Debug)]
pub struct Visitor {
    /// The origin of the request.
    pub origin: Origin,
    /// The access token.
    pub shown: Shown,
    /// A refresh token that the request contains besides the document: in a cookie.
    pub refresh_token: Option<Secret>,
    /// Whether a header contains the access token. Then the request means no cookie, except to refresh.
    pub by_header: bool,
    /// Whether the front end hands over new tokens in another way, so that the answer must not contain them.
    pub hides_tokens: bool,
}

/// What belongs around the answer.
#[derive(Default)]
pub(crate) struct Noted {
    pub(crate) rate_limit: Option<RateLimitState>,
    has_asked: bool,
    pub(crate) actor: Option<Actor>,
    pub(crate) checked: Vec<Operation>,
    pub(crate) refusals: Vec<Error>,
    pub(crate) issued: Option<TokenPair>,
    pub(crate) signed_out: bool,
}

/// What was found out about the token of a request.
enum Known {
    /// It identifies this caller.
    Caller(Caller),
    /// It is no good, and never will be.
    Refused(ErrorCode, String),
}

/// One request, for its resolvers.
pub(crate) struct Context {
    pub(crate) ports: Ports,
    pub(crate) visitor: Visitor,
    /// A mutation can change what its caller may do, so that the caller is identified anew for the next one.
    is_mutation: bool,
    known: tokio::sync::Mutex<Option<Known>>,
    noted: Mutex<Noted>,
}

impl juniper::Context for Context {}

impl Context {
    pub(crate) fn new(ports: Ports, visitor: Visitor, is_mutation: bool) -> Self {
        Self { ports, visitor, is_mutation, known: tokio::sync::Mutex::default(), noted: Mutex::default() }
    }

    /// Admits the caller for an operation. Each call is counted, as each request of REST is.
    pub(crate) async fn admit(&self, operation: Operation) -> Result<Caller, Refusal> {
        if !operation.requirement().looks_at_a_token() {
            return self.admit_without_token(operation).await;
        }
        let mut known = self.known.lock().await;
        match &*known {
            Some(Known::Caller(caller)) => {
                let caller = caller.clone();
                drop(known);
                let judged = self.ports.admission.admit_known(&caller, operation).await;
                self.judged(operation, judged).map(|()| caller)
            }
            Some(Known::Refused(code, detail)) => {
                let why = Error::new(*code, detail.clone());
                drop(known);
                Err(self.unreadable(&why, operation).await)
            }
            None => {
                let caller = self.identify(operation).await;
                *known = self.found_out(caller.as_ref().ok());
                caller
            }
        }
    }

    /// Admits the caller without looking at the token.
    pub(crate) async fn admit_without_token(&self, operation: Operation) -> Result<Caller, Refusal> {
        self.present(Identification::Nothing, operation).await
    }

    /// What a port has answered: its value, or its refusal.
    pub(crate) fn told<T>(&self, result: doorward_ports::Result<T>) -> Result<T, Refusal> {
        result.map_err(|error| self.refused(error))
    }

    /// Notes a refusal for the front end.
    pub(crate) fn refused(&self, error: Error) -> Refusal {
        let refusal = Refusal::of(&error);
        self.note().refusals.push(error);
        refusal
    }

    pub(crate) fn note(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether admission was asked for anything, so that the request was counted.
    pub(crate) fn has_asked(&self) -> bool {
        self.note().has_asked
    }

    pub(crate) fn into_noted(self) -> Noted {
        self.noted.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    async fn identify(&self, operation: Operation) -> Result<Caller, Refusal> {
        match &self.visitor.shown {
            Shown::Nothing => self.present(Identification::Nothing, operation).await,
            Shown::Token(token) => self.present(Identification::token(token.expose()), operation).await,
            Shown::Unreadable(why) => Err(self.unreadable(why, operation).await),
        }
    }

    /// It is counted like any other, and refused for its own reason.
    async fn unreadable(&self, why: &Error, operation: Operation) -> Refusal {
        let presented = Presented { origin: self.visitor.origin.clone(), identification: Identification::Unreadable };
        let judged = self.ports.admission.admit(presented, operation).await;
        self.count(judged.rate_limit);
        match judged.result {
            Err(limited) if limited.code == ErrorCode::RateLimited => self.refused(limited),
            _ => self.refused(Error::new(why.code, why.detail.clone())),
        }
    }

    async fn present(&self, identification: Identification<'_>, operation: Operation) -> Result<Caller, Refusal> {
        let presented = Presented { origin: self.visitor.origin.clone(), identification };
        let judged = self.ports.admission.admit(presented, operation).await;
        if let Some(caller) = &judged.refused {
            self.note().actor = Some(caller.actor.clone());
        }
        let caller = self.judged(operation, judged)?.caller;
        if !matches!(caller.actor, Actor::Anonymous) {
            self.note().actor = Some(caller.actor.clone());
        }
        Ok(caller)
    }

    fn judged<T>(&self, operation: Operation, judged: Judged<T>) -> Result<T, Refusal> {
        self.count(judged.rate_limit);
        let admitted = self.told(judged.result)?;
        self.note().checked.push(operation);
        Ok(admitted)
    }

    /// Keeps the strictest state: a refusal, or else the last one.
    fn count(&self, state: Option<RateLimitState>) {
        let mut noted = self.note();
        noted.has_asked = true;
        let is_refused = noted.rate_limit.is_some_and(|state| state.judge().is_err());
        if state.is_some() && !is_refused {
            noted.rate_limit = state;
        }
    }

    fn found_out(&self, admitted: Option<&Caller>) -> Option<Known> {
        if admitted.is_none()
            && let Some(last) = self.note().refusals.last()
            && last.code == ErrorCode::InvalidToken
        {
            return Some(Known::Refused(last.code, last.detail.clone()));
        }
        if self.is_mutation { None } else { self.caller_of(admitted).map(Known::Caller) }
    }

    /// The caller of the token, admitted or refused: it is not identified again for the next operation.
    fn caller_of(&self, admitted: Option<&Caller>) -> Option<Caller> {
        admitted.filter(|caller| !matches!(caller.actor, Actor::Anonymous)).cloned().or_else(|| {
            let actor = self.note().actor.clone()?;
            Some(Caller { actor, origin: self.visitor.origin.clone() })
        })
    }
}
