use crate::calls::{Calls, CallsTo};
use crate::check;
use crate::exchange::{self, Code};
use crate::kinds::{self, github, oauth};
use crate::known::Slot;
use crate::logout;
use crate::openid::Source;
use crate::published::Published;
use async_trait::async_trait;
use doorward_domain::{Provider, ProviderName, Timestamp};
use doorward_outgoing::Client;
use doorward_ports::outbound::{
    AuthorizationAnswer, AuthorizationRequest, CheckedStep, ConfiguredProvider, IdentityProvider, Misconfiguration,
    Outage, ProvenIdentity, ProviderFault, ProviderLogout, ProviderObserver, ProviderStatus, Random, Untrusted,
};
use oauth2::url::Url;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a call may take, with all requests that it sends.
const PATIENCE: Duration = Duration::from_secs(10);

/// What [`Providers`] needs.
pub struct ProviderTools {
    /// Calls providers, and reaches no other address.
    pub client: Client,
    /// For the time between two attempts.
    pub random: Arc<dyn Random>,
    /// Is told of each call.
    pub observer: Arc<dyn ProviderObserver>,
}

/// All providers. A clone is the same.
#[derive(Clone)]
pub struct Providers(Arc<Inner>);

struct Inner {
    calls: Calls,
    slots: Mutex<HashMap<ProviderName, Arc<Slot>>>,
}

impl Providers {
    /// Knows nothing of any provider yet.
    #[must_use]
    pub fn new(tools: ProviderTools) -> Self {
        let ProviderTools { client, random, observer } = tools;
        Self(Arc::new(Inner { calls: Calls { client, random, observer }, slots: Mutex::default() }))
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<ProviderName, Arc<Slot>>> {
        self.0.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, provider: &Provider) -> Arc<Slot> {
        let mut slots = self.slots();
        match slots.get(&provider.name) {
            Some(slot) if slot.is_of(provider) => slot.clone(),
            _ => {
                let slot = Arc::new(Slot::of(provider));
                slots.insert(provider.name.clone(), slot.clone());
                slot
            }
        }
    }

    fn calls_to<'a>(&'a self, slot: &'a Slot) -> CallsTo<'a> {
        CallsTo { calls: &self.0.calls, circuit: &slot.circuit }
    }

    async fn read_again(&self, provider: &Provider, now: Timestamp) {
        let slot = self.slot(provider);
        let read = within_patience(slot.refresh(self.calls_to(&slot), provider)).await;
        slot.record(ProviderStatus { fault: read.err(), since: now });
    }

    async fn identify_within(
        &self,
        configured: &ConfiguredProvider,
        answer: &AuthorizationAnswer,
    ) -> Result<ProvenIdentity, ProviderFault> {
        let provider = &configured.provider;
        let slot = self.slot(provider);
        let calls = self.calls_to(&slot);
        let published = &*slot.published(calls, provider).await?;
        let source = source(calls, &slot, (provider, published));
        source.check_response_issuer(answer.issuer.as_deref()).map_err(ProviderFault::Untrusted)?;
        let AuthorizationAnswer { code, code_verifier: verifier, redirect_uri, .. } = answer;
        let granted =
            exchange::exchange(calls, configured, published, Code { code, verifier, redirect_uri, now: answer.now })
                .await?;
        match &provider.quirks().oauth {
            Some(endpoints) => oauth::identity(source, endpoints, granted).await,
            None if provider.is_openid() => source.identity(granted, &answer.nonce, answer.now).await,
            None => github::identity(calls, published, granted).await,
        }
    }
}

fn source<'a>(calls: CallsTo<'a>, slot: &'a Slot, (provider, published): (&'a Provider, &'a Published)) -> Source<'a> {
    Source { calls, slot, kind: kinds::of(provider.kind), provider, published }
}

async fn within_patience<T>(call: impl Future<Output = Result<T, ProviderFault>> + Send) -> Result<T, ProviderFault> {
    tokio::time::timeout(PATIENCE, call).await.unwrap_or(Err(ProviderFault::Unavailable(Outage::Timeout)))
}

#[async_trait]
impl IdentityProvider for Providers {
    async fn authorization_url(
        &self,
        configured: &ConfiguredProvider,
        request: &AuthorizationRequest,
    ) -> Result<String, ProviderFault> {
        let provider = &configured.provider;
        let slot = self.slot(provider);
        let published = within_patience(slot.published(self.calls_to(&slot), provider)).await?;
        let mut further = kinds::of(provider.kind).parameters(provider);
        further.extend(provider.quirks().parameters.iter().map(|(name, value)| (*name, (*value).to_owned())));
        exchange::authorization_url(configured, &published, request, further)
    }

    async fn identify(
        &self,
        configured: &ConfiguredProvider,
        answer: &AuthorizationAnswer,
    ) -> Result<ProvenIdentity, ProviderFault> {
        within_patience(self.identify_within(configured, answer)).await
    }

    async fn logout(
        &self,
        configured: &ConfiguredProvider,
        logout_token: &str,
        now: Timestamp,
    ) -> Result<ProviderLogout, ProviderFault> {
        let provider = &configured.provider;
        if !provider.is_openid() {
            return Err(ProviderFault::Untrusted(Untrusted::LogoutToken));
        }
        let slot = self.slot(provider);
        let calls = self.calls_to(&slot);
        within_patience(async {
            let published = slot.published(calls, provider).await?;
            logout::accepted(source(calls, &slot, (provider, &published)), logout_token, now).await
        })
        .await
    }

    async fn sign_out_url(
        &self,
        configured: &ConfiguredProvider,
        return_to: Option<&str>,
    ) -> Result<Option<String>, ProviderFault> {
        let provider = &configured.provider;
        let slot = self.slot(provider);
        let published = within_patience(slot.published(self.calls_to(&slot), provider)).await?;
        let Some(endpoint) = &published.end_session else { return Ok(None) };
        let url = Url::parse(endpoint).map_err(|_| ProviderFault::Misconfigured(Misconfiguration::Url))?;
        Ok(Some(sign_out_url(url, provider, return_to)))
    }

    async fn check(&self, configured: &ConfiguredProvider, redirect_uri: &str, now: Timestamp) -> Vec<CheckedStep> {
        check::check(&self.0.calls, configured, redirect_uri, now).await
    }

    async fn refresh(&self, providers: &[ConfiguredProvider], now: Timestamp) {
        self.slots().retain(|name, _| providers.iter().any(|known| known.provider.name == *name));
        let mut reading = JoinSet::new();
        for ConfiguredProvider { provider, .. } in providers {
            let (all, provider) = (self.clone(), provider.clone());
            reading.spawn(async move { all.read_again(&provider, now).await });
        }
        while reading.join_next().await.is_some() {}
    }

    fn status(&self, name: &ProviderName) -> Option<ProviderStatus> {
        self.slots().get(name).and_then(|slot| slot.status())
    }
}

/// OpenID Connect RP-Initiated Logout 1.0 §2, with `client_id` in place of an ID token, which is not kept.
fn sign_out_url(mut endpoint: Url, provider: &Provider, return_to: Option<&str>) -> String {
    let mut query = endpoint.query_pairs_mut();
    query.append_pair("client_id", provider.client_id.as_str());
    if let Some(return_to) = return_to {
        query.append_pair("post_logout_redirect_uri", return_to);
    }
    drop(query);
    endpoint.to_string()
}
