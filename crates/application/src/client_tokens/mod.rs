//! Tokens as OAuth clients deal with them.
mod authenticate;
mod introspect;
mod issue;
mod revoke;

use crate::Services;
use crate::sign_in::refresh;
use async_trait::async_trait;
use doorward_domain::ClientId;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{ClientCredentials, ClientTokens, Introspection, RefreshGrant, ServiceToken, TokenPair};
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};

/// The confidential client app that these credentials prove, if they do.
pub(crate) async fn confidential(services: &Services, shown: &ClientCredentials) -> Option<ClientId> {
    authenticate::authenticate(services.tools_without_authorization(), shown)
        .await
        .ok()?
        .confidential()
        .map(|app| app.id)
}

/// RFC 6749 §3.3 lets a server grant less than what was asked for if it says so; a client that asks for a scope relies on it.
fn no_scope(asked: Option<&str>) -> Result<()> {
    match asked {
        None => Ok(()),
        Some(_) => Err(Error::new(
            ErrorCode::InvalidScope,
            "There are no scopes: the roles of its owner decide what a token allows. Ask again without the parameter scope.",
        )),
    }
}

#[async_trait]
impl ClientTokens for Services {
    async fn refresh_as(&self, caller: &Caller, client: ClientCredentials, grant: RefreshGrant) -> Result<TokenPair> {
        let act = self.authorize(caller, Operation::IssueTokens)?;
        let client = authenticate::authenticate(act.tools(), &client).await?.client();
        no_scope(grant.scope.as_deref())?;
        refresh::exchange(act, &client, &grant.token).await
    }

    async fn issue_to_client(
        &self,
        caller: &Caller,
        client: ClientCredentials,
        scope: Option<String>,
    ) -> Result<ServiceToken> {
        issue::issue(self.authorize(caller, Operation::IssueTokens)?, &client, scope.as_deref()).await
    }

    async fn introspect(
        &self,
        caller: &Caller,
        client: Option<ClientCredentials>,
        token: Secret,
    ) -> Result<Option<Introspection>> {
        introspect::introspect(self, caller, client.as_ref(), &token).await
    }

    async fn revoke(&self, caller: &Caller, client: ClientCredentials, token: Secret) -> Result<()> {
        revoke::revoke(self.authorize(caller, Operation::RevokeToken)?, &client, &token).await
    }
}
