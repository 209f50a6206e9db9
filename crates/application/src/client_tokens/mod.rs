//! Tokens for OAuth clients, after admission has identified the client.
mod introspect;
mod issue;
mod revoke;

use crate::Services;
use crate::providers;
use crate::sign_in::refresh;
use async_trait::async_trait;
use doorward_domain::Client;
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    ClientTokens, CodeGrant, Introspection, ProvenClient, RefreshGrant, ServiceToken, TokenPair,
};
use doorward_ports::{Caller, Error, ErrorCode, Result, Secret};

/// RFC 6749 §3.3 lets a server grant less than the requested scope if it says so; a client that requests a scope
/// depends on it.
fn no_scope(asked: Option<&str>) -> Result<()> {
    match asked {
        None => Ok(()),
        Some(_) => Err(Error::new(
            ErrorCode::InvalidScope,
            "Doorward has no scopes: the roles of its holder decide what a token allows. Send the request again without the parameter scope.",
        )),
    }
}

#[async_trait]
impl ClientTokens for Services {
    async fn refresh_as(&self, caller: &Caller, client: &Client, grant: RefreshGrant) -> Result<TokenPair> {
        let act = self.authorize(caller, Operation::IssueTokens)?;
        no_scope(grant.scope.as_deref())?;
        refresh::exchange(act, client, &grant.token).await
    }

    async fn redeem_code(
        &self,
        caller: &Caller,
        client: &Client,
        grant: CodeGrant,
        scope: Option<String>,
    ) -> Result<TokenPair> {
        let act = self.authorize(caller, Operation::IssueTokens)?;
        no_scope(scope.as_deref())?;
        providers::exchange(act, client, &grant).await
    }

    async fn issue_to_client(
        &self,
        caller: &Caller,
        client: ProvenClient,
        scope: Option<String>,
    ) -> Result<ServiceToken> {
        issue::issue(self.authorize(caller, Operation::IssueTokens)?, client, scope.as_deref()).await
    }

    async fn introspect(&self, caller: &Caller, token: Secret) -> Result<Option<Introspection>> {
        introspect::introspect(self.authorize(caller, Operation::IntrospectToken)?, &token).await
    }

    async fn revoke(&self, caller: &Caller, client: &Client, token: Secret) -> Result<()> {
        revoke::revoke(self.authorize(caller, Operation::RevokeToken)?, client, &token).await
    }
}
