//! What an operator is told about a provider.
use crate::mock::{Answer, Mock, NOW, REDIRECT, State};
use crate::{configured, now, provider, providers, secret};
use doorward_domain::{ProviderKind, Timestamp};
use doorward_ports::outbound::{CheckedStep, ConfiguredProvider, IdentityProvider, ProviderStep, StepResult};
use serde_json::json;

async fn check(configured: &ConfiguredProvider) -> Vec<CheckedStep> {
    let steps = providers().check(configured, REDIRECT, now()).await;
    assert_eq!(steps.iter().map(|it| it.step).collect::<Vec<_>>(), ProviderStep::ALL);
    steps
}

/// One letter a step: what has worked, failed, was skipped.
fn letters(steps: &[CheckedStep]) -> String {
    let letter = |step: &CheckedStep| match &step.result {
        StepResult::Ok(_) => 'o',
        StepResult::Failed(_) => 'X',
        StepResult::Skipped(_) => '-',
    };
    steps.iter().map(letter).collect()
}

#[track_caller]
fn failed(steps: &[CheckedStep]) -> &str {
    let mut failed = steps.iter().filter_map(|step| match &step.result {
        StepResult::Failed(text) => Some(text.as_str()),
        _ => None,
    });
    let text = failed.next().expect("a step has failed");
    assert_eq!(failed.next(), None);
    text
}

async fn told(change: impl FnOnce(&mut State)) -> Vec<CheckedStep> {
    let mock = Mock::start().await.with(change);
    check(&configured(&mock)).await
}

#[tokio::test]
async fn a_provider_in_order_works_in_every_step() {
    let steps = told(|_| ()).await;
    assert_eq!(letters(&steps), "o-ooooo", "{steps:?}");
}

#[tokio::test]
async fn each_mistake_is_named_with_what_to_do() {
    let steps = told(|state| state.metadata["issuer"] = "https://other.example".into()).await;
    assert_eq!(letters(&steps), "o-X----");
    assert!(failed(&steps).contains("Copy the issuer"), "{steps:?}");

    let steps = told(|state| state.published.clear()).await;
    assert_eq!(letters(&steps), "o-oXooo");

    let steps = told(|state| state.redirect_uris.clear()).await;
    assert_eq!(letters(&steps), "o-oooXo");
    assert!(failed(&steps).contains("Register the redirect URI"), "{steps:?}");

    let mock = Mock::start().await;
    let wrong = ConfiguredProvider { client_secret: Some(secret("other")), ..configured(&mock) };
    let steps = check(&wrong).await;
    assert_eq!(letters(&steps), "o-ooXoo");
    assert!(failed(&steps).contains("copy the client secret again"), "{steps:?}");

    let steps = providers().check(&configured(&mock), REDIRECT, Timestamp::from_seconds(NOW + 61)).await;
    assert_eq!(letters(&steps), "o-ooooX");
    assert!(failed(&steps).contains("differ by 61 s"), "{steps:?}");
}

#[tokio::test]
async fn what_a_provider_does_not_show_is_skipped() {
    let login = |state: &mut State| {
        state.always.insert("/authorize".to_owned(), Answer::With(200, "<form>".to_owned()));
        state.always.insert("/token".to_owned(), Answer::With(400, json!({"error": "invalid_request"}).to_string()));
    };
    assert_eq!(letters(&told(login).await), "o-oo--o");
}

#[tokio::test]
async fn a_provider_that_accepts_every_code_is_not_to_be_used() {
    let body = json!({"access_token": "x", "token_type": "Bearer"}).to_string();
    let steps = told(|state| {
        state.always.insert("/token".to_owned(), Answer::With(200, body));
    })
    .await;
    assert!(failed(&steps).contains("Do not use it"), "{steps:?}");
}

#[tokio::test]
async fn what_can_not_be_reached_ends_the_check() {
    let steps = check(&provider(ProviderKind::Oidc, "https://10.0.0.1")).await;
    assert_eq!(letters(&steps), "X------");
    assert!(failed(&steps).contains("private network"), "{steps:?}");
    let steps = check(&provider(ProviderKind::Oidc, "https://no-such-host.invalid")).await;
    assert_eq!(letters(&steps), "X------");
    let mock = Mock::start().await;
    let steps = check(&provider(ProviderKind::Oidc, &mock.issuer.replace("http:", "https:"))).await;
    assert_eq!(letters(&steps), "oX-----");
}

#[tokio::test]
async fn github_is_checked_without_discovery() {
    let mock = Mock::start().await.with(|state| {
        let refusal = json!({"error": "bad_verification_code"}).to_string();
        state.always.insert("/login/oauth/access_token".to_owned(), Answer::With(200, refusal));
    });
    let steps = check(&provider(ProviderKind::Github, &mock.issuer)).await;
    assert_eq!(letters(&steps), "o---oX-", "{steps:?}");
}
