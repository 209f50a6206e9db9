//! Signing in with a provider, and linking one.
#[cfg(test)]
mod ending;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod linking;
#[cfg(test)]
mod meeting;
#[cfg(test)]
mod roles;

use crate::world::{HOME, Person, World, from, secret};
use doorward_application::SignInProviders;
use doorward_domain::{
    Client, CodeChallenge, CodeVerifier, Description, Issuer, Provider, ProviderClientId, ProviderKind,
};
use doorward_ports::inbound::{
    AuthorizationRequest, BegunAuthorization, Binding, ClientTokens, CodeGrant, FinishedAuthorization, Identities,
    LinkProof, LinkRequest, ProviderAnswer, Providers, TokenPair,
};
use doorward_ports::outbound::{ConfiguredProvider, ProvenIdentity, ProviderLogout};
use doorward_ports::{Caller, Result, Secret};
use doorward_testkit::scripted_provider::{ISSUER, ScriptedProvider, a_proven_identity};
use std::sync::Arc;
use std::time::Duration;

/// Where the code goes.
pub const CALLBACK: &str = "https://app.example.com/callback";
/// What a client says of itself.
pub const STATE: &str = "the client's own state";

/// A world with the provider `example`.
pub struct At {
    pub world: World,
    pub provider: Arc<ScriptedProvider>,
}

/// A sign-in that a client has begun, and knows the verifier of.
pub struct Begun {
    pub verifier: CodeVerifier,
    /// The `state` that the provider gets.
    pub state: String,
    pub browser: Option<Secret>,
}

/// A provider with the defaults of its kind.
pub fn example(name: &str) -> Provider {
    let identity = (Issuer::parse(ISSUER).unwrap(), ProviderClientId::parse("doorward").unwrap());
    Provider::new(name.parse().unwrap(), ProviderKind::Oidc, Description::parse("Example").unwrap(), identity)
}

fn configured(provider: Provider) -> ConfiguredProvider {
    ConfiguredProvider { provider, client_secret: Some(secret("provider's secret")) }
}

/// No provider at all.
pub fn nothing() -> SignInProviders {
    SignInProviders {
        configured: Vec::new(),
        protocol: Arc::new(ScriptedProvider::default()),
        callback: String::new(),
        redirect_uris: [CALLBACK.parse().unwrap()].into(),
        loopback: false,
    }
}

pub fn verifier(seed: u8) -> CodeVerifier {
    CodeVerifier::mint([seed; 32])
}

impl At {
    pub async fn new() -> Self {
        Self::with(&World::new().await, |_| {})
    }

    /// The same world, with the provider changed.
    pub fn with(world: &World, change: impl FnOnce(&mut Provider)) -> Self {
        let protocol = Arc::new(ScriptedProvider::default());
        let mut provider = example("example");
        change(&mut provider);
        let providers = SignInProviders {
            configured: vec![configured(provider), configured(example("other"))],
            protocol: protocol.clone(),
            callback: "https://id.example.com/api/v1/auth/callback/".to_owned(),
            redirect_uris: [CALLBACK.parse().unwrap()].into(),
            loopback: false,
        };
        let world = world.changed(|tools, _| tools.providers = Arc::new(providers));
        Self { world, provider: protocol }
    }

    pub fn providers(&self) -> &dyn Providers {
        &*self.world.services
    }

    pub fn identities(&self) -> &dyn Identities {
        &*self.world.services
    }

    pub fn asked(verifier: &CodeVerifier) -> AuthorizationRequest {
        AuthorizationRequest {
            provider: "example".to_owned(),
            redirect_uri: CALLBACK.to_owned(),
            state: Some(STATE.into()),
            code_challenge: CodeChallenge::of(verifier).to_string(),
            code_challenge_method: "S256".to_owned(),
            client_id: None,
            login_hint: None,
        }
    }

    pub async fn begin(&self, seed: u8, binding: Binding) -> Begun {
        self.begin_at("example", seed, binding).await
    }

    async fn begin_at(&self, provider: &str, seed: u8, binding: Binding) -> Begun {
        let verifier = verifier(seed);
        let asked = AuthorizationRequest { provider: provider.to_owned(), ..Self::asked(&verifier) };
        let begun = self.providers().begin(&from(HOME), asked, binding).await.unwrap();
        Begun { verifier, state: sent(&begun.url), browser: begun.browser }
    }

    /// The provider answers, with a code for this person.
    pub async fn answer(&self, begun: &Begun, code: &str) -> Result<FinishedAuthorization> {
        self.answer_at("example", begun, code).await
    }

    pub async fn answer_at(&self, provider: &str, begun: &Begun, code: &str) -> Result<FinishedAuthorization> {
        let answer =
            ProviderAnswer { state: Some(secret(&begun.state)), code: Some(secret(code)), ..ProviderAnswer::default() };
        self.providers().finish(&from(HOME), provider, answer, begun.browser.clone()).await
    }

    /// What the client gets: a code of Doorward's.
    pub async fn proved(&self, seed: u8, person: ProvenIdentity) -> (Begun, Secret) {
        self.proved_at("example", seed, person).await
    }

    pub async fn proved_at(&self, provider: &str, seed: u8, person: ProvenIdentity) -> (Begun, Secret) {
        let begun = self.begin_at(provider, seed, Binding::Unbound).await;
        let code = format!("provider's code {seed}");
        self.provider.answer(&code, Ok(person));
        let finished = self.answer_at(provider, &begun, &code).await.unwrap();
        (begun, finished.outcome.unwrap())
    }

    pub async fn redeem(&self, begun: &Begun, code: &Secret) -> Result<TokenPair> {
        let grant = grant(&begun.verifier, code);
        ClientTokens::redeem_code(&*self.world.services, &from(HOME), &Client::doorward(), grant, None).await
    }

    /// A whole sign-in.
    pub async fn sign_in(&self, seed: u8, person: ProvenIdentity) -> Result<TokenPair> {
        let (begun, code) = self.proved(seed, person).await;
        self.redeem(&begun, &code).await
    }

    /// A session of the person who is linked as this subject, in the session `session of {subject}` at the provider.
    pub async fn session_of(&self, subject: &str) -> TokenPair {
        let session = Some(format!("session of {subject}"));
        self.sign_in(77, ProvenIdentity { session, ..a_proven_identity(subject, None) }).await.unwrap()
    }

    /// The provider reports that a session has ended.
    pub async fn log_out(&self, token: &str, subject: Option<&str>, session: Option<&str>) -> Result<()> {
        let logout = ProviderLogout {
            issuer: ISSUER.to_owned(),
            subject: subject.map(str::to_owned),
            session: session.map(str::to_owned),
            token: token.to_owned(),
            expires_at: self.world.now().plus(Duration::from_mins(2)),
        };
        self.provider.tell(token, Ok(logout));
        self.providers().end_sessions(&from(HOME), "example", secret(token)).await
    }

    /// Walks through a link that this caller has begun; answers what it would be redeemed with.
    pub async fn walked(&self, caller: &Caller, seed: u8, person: ProvenIdentity) -> LinkProof {
        let verifier = verifier(seed);
        let begun = self.begin_link(caller, &verifier).await.unwrap();
        let begun = Begun { verifier, state: sent(&begun.url), browser: None };
        let code = format!("provider's code {seed}");
        self.provider.answer(&code, Ok(person));
        let code = self.answer(&begun, &code).await.unwrap().outcome.unwrap();
        LinkProof::Code(grant(&begun.verifier, &code))
    }

    pub async fn begin_link(&self, caller: &Caller, verifier: &CodeVerifier) -> Result<BegunAuthorization> {
        let request = LinkRequest {
            redirect_uri: CALLBACK.to_owned(),
            state: None,
            code_challenge: CodeChallenge::of(verifier).to_string(),
            code_challenge_method: "S256".to_owned(),
        };
        self.identities().begin_link(caller, "example", request).await
    }

    pub async fn person_of(&self, tokens: &TokenPair) -> Person {
        let caller = self.world.identify(tokens).await.unwrap();
        Person { user: self.world.user(tokens.user).await, tokens: tokens.clone(), caller }
    }
}

pub fn grant(verifier: &CodeVerifier, code: &Secret) -> CodeGrant {
    CodeGrant { code: code.clone(), code_verifier: secret(verifier.expose()), redirect_uri: CALLBACK.to_owned() }
}

/// The `state` in a URL of the provider.
fn sent(url: &str) -> String {
    let (_, rest) = url.split_once("state=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}
