//! Providers of a test's own, and what comes back from them.
use super::world::{Person, World, operator};
use doorward_application::SignInProviders;
use doorward_domain::{
    Client, CodeChallenge, CodeVerifier, Description, Identity, IdentityId, IdentityKey, Issuer, LinkingPolicy,
    Provider, ProviderClientId, ProviderKind, Timestamp,
};
use doorward_ports::inbound::{AuthorizationRequest, Binding, ClientTokens, CodeGrant, ProviderAnswer, Providers};
use doorward_ports::outbound::{ConfiguredProvider, ProviderLogout};
use doorward_ports::{Actor as Who, Caller, Error, Secret};
use doorward_testkit::scripted_provider::{ISSUER, ScriptedProvider, a_proven_identity};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub const CALLBACK: &str = "https://app.example.com/callback";

fn configured(name: &str, change: impl FnOnce(&mut Provider)) -> ConfiguredProvider {
    let identity = (Issuer::parse(ISSUER).unwrap(), ProviderClientId::parse("doorward").unwrap());
    let called = Description::parse("Example").unwrap();
    let mut provider = Provider::new(name.parse().unwrap(), ProviderKind::Oidc, called, identity);
    change(&mut provider);
    ConfiguredProvider { provider, client_secret: None }
}

/// `example`, by the defaults, and one of each policy.
pub fn providers(protocol: Arc<ScriptedProvider>) -> SignInProviders {
    SignInProviders {
        configured: vec![
            configured("example", |_| ()),
            configured("never", |provider| provider.linking = LinkingPolicy::Never),
            configured("closed", |provider| provider.registration = false),
            configured("ours", |provider| provider.email_domains = vec!["example.org".parse().unwrap()]),
        ],
        protocol,
        callback: "https://accounts.example.com/api/v1/auth/callback/".to_owned(),
        redirect_uris: [CALLBACK.parse().unwrap()].into(),
        loopback: false,
    }
}

pub fn verifier() -> CodeVerifier {
    CodeVerifier::mint([7; 32])
}

/// The body of a request to begin.
pub fn asked(provider: &str) -> Value {
    json!({
        "provider": provider,
        "redirect_uri": CALLBACK,
        "code_challenge": CodeChallenge::of(&verifier()).as_str(),
        "code_challenge_method": "S256",
    })
}

/// The same as a query.
pub fn asked_by_query(provider: &str) -> String {
    let challenge = CodeChallenge::of(&verifier());
    format!("?provider={provider}&redirect_uri={CALLBACK}&code_challenge={challenge}&code_challenge_method=S256")
}

/// The body of a request to redeem this code.
pub fn redeeming(code: &str) -> Value {
    json!({
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier().expose(),
        "redirect_uri": CALLBACK,
    })
}

/// What a logout token says, which has this id and ends nothing that is there.
pub fn ended_there(token: &str) -> ProviderLogout {
    ProviderLogout {
        issuer: ISSUER.to_owned(),
        subject: Some("nobody".to_owned()),
        session: None,
        token: token.to_owned(),
        expires_at: Timestamp::EPOCH,
    }
}

impl World {
    /// The `state` with which somebody was sent to this provider; whoever comes back is this person.
    pub async fn sent_to(&self, provider: &str, subject: &str, email: Option<(&str, bool)>) -> String {
        let request: AuthorizationRequest = serde_json::from_value(asked(provider)).unwrap();
        let begun = Providers::begin(&*self.services, &anybody(), request, Binding::Unbound).await.unwrap();
        let (_, rest) = begun.url.split_once("state=").unwrap();
        let state = rest.split('&').next().unwrap().to_owned();
        self.provider.answer(&state, Ok(a_proven_identity(subject, email)));
        state
    }

    /// A code to redeem.
    pub async fn code(&self, provider: &str, subject: &str, email: Option<(&str, bool)>) -> String {
        let state = self.sent_to(provider, subject, email).await;
        let shown = || Some(Secret::new(state.clone()));
        let answer = ProviderAnswer { state: shown(), code: shown(), ..ProviderAnswer::default() };
        let finished = Providers::finish(&*self.services, &anybody(), provider, answer, None).await.unwrap();
        finished.outcome.unwrap().expose().to_owned()
    }

    /// A token to link the subject to the account with this address; garbage if there is no such account.
    pub async fn link_token(&self, subject: &str, address: &str) -> String {
        let code = self.code("example", subject, Some((address, true))).await;
        let grant = CodeGrant {
            code: Secret::new(code),
            code_verifier: Secret::new(verifier().expose().to_owned()),
            redirect_uri: CALLBACK.to_owned(),
        };
        let redeemed = ClientTokens::redeem_code(&*self.services, &anybody(), &Client::doorward(), grant, None).await;
        match redeemed {
            Err(Error { link: Some(link), .. }) => link.link_token.expose().to_owned(),
            _ => "garbage".to_owned(),
        }
    }

    /// An identity of this person, whose account may have been deleted.
    pub async fn identity_of(&self, person: &Person, subject: &str) -> String {
        // Ids are of a millisecond.
        self.advance(Duration::from_millis(1));
        let now = self.tools().clock.now();
        let identity = Identity {
            id: IdentityId::mint(now, [3; 10]),
            user: person.account.id.parse().unwrap(),
            provider: "example".parse().unwrap(),
            key: IdentityKey::new(ISSUER, subject).unwrap(),
            linked_at: now,
            last_used_at: None,
        };
        let mut work = self.tools().store.write().await.unwrap();
        if work.identities().insert(&identity).await.is_ok() {
            work.commit().await.unwrap();
        }
        identity.id.to_string()
    }
}

fn anybody() -> Caller {
    Caller { actor: Who::Anonymous, ..operator() }
}
