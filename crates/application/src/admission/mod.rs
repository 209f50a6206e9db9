//! Admission: who calls, how often, and whether they may.
pub(crate) mod client;
mod counter;
mod identify;

pub use counter::RateLimits;

use crate::services::Subject;
use crate::tokens::token_is_dead;
use crate::{Services, Tools};
use async_trait::async_trait;
use counter::{CountedAs, Counter};
use doorward_domain::PermissionSet;
use doorward_ports::access::{self, Operation, Who};
use doorward_ports::inbound::{
    Admission, Admitted, ClientCredentials, Identification, Judged, Presented, ProvenClient,
};
use doorward_ports::usage::Usage;
use doorward_ports::{Actor, Caller, ErrorCode, Origin, Result};

#[async_trait]
impl Admission for Services {
    async fn admit(&self, presented: Presented<'_>, operation: Operation) -> Judged {
        let _span = Usage::span("admission");
        let mut counter = Counter::of(self, operation, presented.origin.address);
        let (result, refused) = match self.identify(&mut counter, presented, operation).await {
            Ok(admitted) => match self.authorize_admitted(&admitted.caller, operation).await {
                Ok(()) => (Ok(admitted), None),
                Err(refusal) => (Err(refusal), Some(admitted.caller)),
            },
            Err(refusal) => (Err(refusal), None),
        };
        Judged { rate_limit: counter.rate_limit(), refused, result }
    }

    async fn admit_known(&self, caller: &Caller, operation: Operation) -> Judged<()> {
        let _span = Usage::span("admission");
        let mut counter = Counter::of(self, operation, caller.origin.address);
        let result = self.count_and_authorize(&mut counter, caller, operation).await;
        Judged { rate_limit: counter.rate_limit(), refused: None, result }
    }
}

impl Services {
    /// A right password does not count for its IP address: the limit of sign-ins limits guesses, and all people of an
    /// office sign in from one address.
    pub(crate) async fn was_no_guess(&self, caller: &Caller, operation: Operation) {
        debug_assert!(operation.gives_back(), "front ends do not know that {operation:?} gives its count back");
        let (tools, policies) = (self.tools_without_authorization(), self.policies());
        counter::give_address_back(tools, policies, caller.origin.address, operation).await;
    }

    async fn identify(
        &self,
        counter: &mut Counter<'_>,
        presented: Presented<'_>,
        operation: Operation,
    ) -> Result<Admitted> {
        let proof = match presented.identification {
            Identification::Client(shown) if shown.secret.is_some() => Some((shown, presented.origin.clone())),
            _ => None,
        };
        let identified = identify(self, counter, presented, operation).await;
        if let Some((shown, origin)) = proof
            && identified.as_ref().is_err_and(|refusal| refusal.code == ErrorCode::InvalidClient)
        {
            let caller = Caller { actor: Actor::Anonymous, origin };
            self.record_wrong_secret(&caller, operation, shown).await?;
        }
        identified
    }

    async fn count_and_authorize(
        &self,
        counter: &mut Counter<'_>,
        caller: &Caller,
        operation: Operation,
    ) -> Result<()> {
        counter.count_address().await?;
        counter.count(CountedAs::from(&caller.actor)).await?;
        self.authorize_admitted(caller, operation).await
    }

    /// If a token is optional, the use case decides about callers without a token or without the permission.
    async fn authorize_admitted(&self, caller: &Caller, operation: Operation) -> Result<()> {
        if operation.requirement().token_optional {
            return Ok(());
        }
        let authorized = access::authorize(caller, operation);
        self.unless_denied(caller, (operation, Subject::Unknown), authorized).await
    }
}

async fn identify(
    services: &Services,
    counter: &mut Counter<'_>,
    presented: Presented<'_>,
    operation: Operation,
) -> Result<Admitted> {
    let tools = services.tools_without_authorization();
    counter.count_address().await?;
    let Presented { origin, identification } = presented;
    Ok(match (operation.requirement().who, identification) {
        (_, Identification::Operator) => admitted(Actor::Operator, origin),
        (Who::Client, Identification::Client(shown)) => client_itself(tools, counter, shown, origin).await?,
        (Who::Client, _) => client_itself(tools, counter, &ClientCredentials::built_in(), origin).await?,
        (Who::ClientAppOr(_), Identification::Client(shown)) => client_as_caller(tools, counter, shown, origin).await?,
        (_, Identification::Token(token)) if operation.requirement().looks_at_a_token() => {
            admitted(holder(services, counter, token.expose()).await?, origin)
        }
        (_, Identification::Unreadable) if operation.requirement().looks_at_a_token() => {
            counter.count(CountedAs::Nobody).await?;
            return Err(token_is_dead());
        }
        _ => {
            counter.count(CountedAs::Nobody).await?;
            admitted(Actor::Anonymous, origin)
        }
    })
}

fn admitted(actor: Actor, origin: Origin) -> Admitted {
    Admitted { caller: Caller { actor, origin }, client: None }
}

/// Identifies the token, and counts it before it is looked up. The token of an ended session does not use up the quota
/// of its account.
async fn holder(services: &Services, counter: &mut Counter<'_>, token: &str) -> Result<Actor> {
    let tools = services.tools_without_authorization();
    let now = tools.now();
    let claims = match identify::read(tools, token, now) {
        Ok(claims) => claims,
        Err(refused) => {
            counter.count(CountedAs::Nobody).await?;
            return Err(refused);
        }
    };
    counter.count(CountedAs::from(&claims)).await?;
    let found = identify::look_up(services, claims, now).await;
    if found.as_ref().is_err_and(|refused| refused.code == ErrorCode::InvalidToken) {
        counter.give_back().await;
        counter.count(CountedAs::Nobody).await?;
    }
    found
}

/// For operations of clients: the credentials identify the client, and authorize nothing else.
async fn client_itself(
    tools: &Tools,
    counter: &mut Counter<'_>,
    shown: &ClientCredentials,
    origin: Origin,
) -> Result<Admitted> {
    let client = client::count_and_prove(tools, counter, shown).await?;
    Ok(Admitted { client: Some(client), ..admitted(Actor::Anonymous, origin) })
}

/// For operations that confidential client apps may do without a permission (RFC 7662 §2.1). A public client can't
/// authenticate.
async fn client_as_caller(
    tools: &Tools,
    counter: &mut Counter<'_>,
    shown: &ClientCredentials,
    origin: Origin,
) -> Result<Admitted> {
    match client::count_and_prove(tools, counter, shown).await? {
        ProvenClient::Public(_) => Err(client::invalid_client()),
        ProvenClient::Confidential(app) => Ok(admitted(client::actor(&app, PermissionSet::new()), origin)),
    }
}
