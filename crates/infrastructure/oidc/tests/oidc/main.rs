//! The adapter against a provider that behaves, and against one that does not.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod checks;
mod flow;
mod keys;
mod kinds;
mod logout;
mod misbehaviour;
mod mock;
mod network;
mod presets;

use doorward_domain::{Description, Issuer, Provider, ProviderClientId, ProviderKind, ProviderName, Timestamp};
use doorward_oidc::{ProviderTools, Providers};
use doorward_outgoing::{Client, Options, Reach};
use doorward_ports::Secret;
use doorward_ports::outbound::{
    AuthorizationAnswer, ConfiguredProvider, IdentityProvider, ProvenIdentity, ProviderFault,
};
use doorward_testkit::SeededRandom;
use mock::{CLIENT, CODE, Mock, NONCE, NOW, REDIRECT, SECRET, VERIFIER};
use std::sync::Arc;
use std::time::Duration;

fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// Providers that may be on this machine, and that have this long to answer.
fn patient(patience: Duration) -> Providers {
    let options = Options { reach: Reach { loopback: true, private: false }, patience, authorities: None };
    let client = Client::new(&options).unwrap();
    Providers::new(ProviderTools { client, random: Arc::new(SeededRandom::new(7)), observer: Arc::new(()) })
}

fn providers() -> Providers {
    patient(Duration::from_secs(5))
}

fn provider(kind: ProviderKind, issuer: &str) -> ConfiguredProvider {
    let provider = Provider::new(
        ProviderName::parse("mock").unwrap(),
        kind,
        Description::parse("Mock").unwrap(),
        (Issuer::parse(issuer).unwrap(), ProviderClientId::parse(CLIENT).unwrap()),
    );
    ConfiguredProvider { provider, client_secret: Some(secret(SECRET)) }
}

fn configured(mock: &Mock) -> ConfiguredProvider {
    provider(ProviderKind::Oidc, &mock.issuer)
}

fn answer() -> AuthorizationAnswer {
    AuthorizationAnswer {
        code: secret(CODE),
        issuer: None,
        code_verifier: secret(VERIFIER),
        nonce: NONCE.to_owned(),
        redirect_uri: REDIRECT.to_owned(),
        now: now(),
    }
}

/// Whom a generic provider identifies, with nothing from memory.
async fn identified(mock: &Mock) -> Result<ProvenIdentity, ProviderFault> {
    providers().identify(&configured(mock), &answer()).await
}
