//! A provider whose answers a test has written.
use async_trait::async_trait;
use doorward_domain::{Email, ProviderName, Timestamp};
use doorward_ports::outbound::{
    AuthorizationAnswer, AuthorizationRequest, CheckedStep, ConfiguredProvider, IdentityProvider, Outage, ProvenEmail,
    ProvenIdentity, ProviderFault, ProviderLogout, ProviderStatus, ProviderStep, StepResult, Untrusted,
};
use std::collections::HashMap;
use std::sync::Mutex;

/// The issuer of everybody.
pub const ISSUER: &str = "https://id.example.net";

/// Each code has an answer, which it gives as often as it is asked: whether a code is used twice is not for it to find.
#[derive(Default)]
pub struct ScriptedProvider {
    answers: Mutex<HashMap<String, Result<ProvenIdentity, ProviderFault>>>,
    exchanged: Mutex<Vec<AuthorizationAnswer>>,
    logouts: Mutex<HashMap<String, Result<ProviderLogout, ProviderFault>>>,
}

impl ScriptedProvider {
    /// Whoever comes back with this code is this person.
    pub fn answer(&self, code: &str, answer: Result<ProvenIdentity, ProviderFault>) {
        self.answers.lock().unwrap().insert(code.to_owned(), answer);
    }

    /// This logout token says this.
    pub fn tell(&self, token: &str, logout: Result<ProviderLogout, ProviderFault>) {
        self.logouts.lock().unwrap().insert(token.to_owned(), logout);
    }

    /// The codes that were exchanged, in order.
    pub fn exchanged(&self) -> Vec<AuthorizationAnswer> {
        self.exchanged.lock().unwrap().clone()
    }
}

/// Somebody at the provider, with an address that is verified there or not.
#[must_use]
pub fn a_proven_identity(subject: &str, email: Option<(&str, bool)>) -> ProvenIdentity {
    let email = email.map(|(address, verified)| ProvenEmail { address: Email::parse(address).unwrap(), verified });
    ProvenIdentity {
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        email,
        full_name: Some("Ann Example".to_owned()),
        username: None,
        locale: Some("en".to_owned()),
        groups: Some(Vec::new()),
        session: None,
        authenticated_at: None,
        amr: Vec::new(),
        refresh_token: None,
    }
}

#[async_trait]
impl IdentityProvider for ScriptedProvider {
    async fn authorization_url(
        &self,
        provider: &ConfiguredProvider,
        request: &AuthorizationRequest,
    ) -> Result<String, ProviderFault> {
        let AuthorizationRequest { state, nonce, code_challenge, redirect_uri, .. } = request;
        let name = &provider.provider.name;
        Ok(format!(
            "{ISSUER}/{name}?state={state}&nonce={nonce}&code_challenge={code_challenge}&redirect_uri={redirect_uri}"
        ))
    }

    async fn identify(
        &self,
        _: &ConfiguredProvider,
        answer: &AuthorizationAnswer,
    ) -> Result<ProvenIdentity, ProviderFault> {
        self.exchanged.lock().unwrap().push(answer.clone());
        let known = self.answers.lock().unwrap().get(answer.code.expose()).cloned();
        known.unwrap_or(Err(ProviderFault::Refused { error: "invalid_grant".to_owned() }))
    }

    async fn logout(&self, _: &ConfiguredProvider, token: &str, _: Timestamp) -> Result<ProviderLogout, ProviderFault> {
        let known = self.logouts.lock().unwrap().get(token).cloned();
        known.unwrap_or(Err(ProviderFault::Untrusted(Untrusted::Signature)))
    }

    async fn sign_out_url(
        &self,
        provider: &ConfiguredProvider,
        return_to: Option<&str>,
    ) -> Result<Option<String>, ProviderFault> {
        match provider.provider.name.as_str() {
            "example" => Ok(Some(format!("{ISSUER}/sign-out?return_to={}", return_to.unwrap_or_default()))),
            _ => Err(ProviderFault::Unavailable(Outage::Timeout)),
        }
    }

    async fn check(&self, _: &ConfiguredProvider, _: &str, _: Timestamp) -> Vec<CheckedStep> {
        ProviderStep::ALL.map(|step| CheckedStep { step, result: StepResult::Ok("It works.".to_owned()) }).into()
    }

    async fn refresh(&self, _: &[ConfiguredProvider], _: Timestamp) {}

    fn status(&self, _: &ProviderName) -> Option<ProviderStatus> {
        None
    }
}
