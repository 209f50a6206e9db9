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
use doorward_ports::inbound::{ClientCredentials, ClientTokens, Introspection, ServiceToken, TokenPair};
use doorward_ports::{Caller, Result, Secret};

/// The confidential client app that these credentials prove, if they do.
pub(crate) async fn confidential(services: &Services, shown: &ClientCredentials) -> Option<ClientId> {
    authenticate::authenticate(services.tools_without_authorization(), shown)
        .await
        .ok()?
        .confidential()
        .map(|app| app.id)
}

#[async_trait]
impl ClientTokens for Services {
    async fn refresh_as(&self, caller: &Caller, client: ClientCredentials, refresh_token: Secret) -> Result<TokenPair> {
        let act = self.authorize(caller, Operation::IssueTokens)?;
        let client = authenticate::authenticate(act.tools(), &client).await?.client();
        refresh::exchange(act, &client, &refresh_token).await
    }

    async fn issue_to_client(&self, caller: &Caller, client: ClientCredentials) -> Result<ServiceToken> {
        issue::issue(self.authorize(caller, Operation::IssueTokens)?, &client).await
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
