//! `/auth/token`, `/auth/introspect` and `/auth/revoke`, as OAuth clients use them.
use super::world::{ClientApp, MINUTE, Person, World, claims};
use crate::actors::ANONYMOUS;
use crate::world::Answer;
use actix_web::http::Method;
use actix_web::http::header;
use actix_web::test::TestRequest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::time::Duration;

const TOKEN: &str = "/api/v1/auth/token";
const INTROSPECT: &str = "/api/v1/auth/introspect";
const REVOKE: &str = "/api/v1/auth/revoke";

fn form(path: &str, parameters: &str) -> TestRequest {
    let request = ANONYMOUS.asks(Method::POST, path);
    request
        .insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(parameters.to_owned())
}

fn basic(request: TestRequest, id: &str, secret: &str) -> TestRequest {
    let proof = BASE64_STANDARD.encode(format!("{id}:{secret}"));
    request.insert_header((header::AUTHORIZATION, format!("Basic {proof}")))
}

/// What an OAuth client looks at: the status and `error`.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

impl World {
    async fn own_token_of(&self, app: &ClientApp) -> String {
        let answer = self.send(basic(form(TOKEN, "grant_type=client_credentials"), &app.id, &app.secret)).await;
        assert_eq!(answer.outcome(), "200");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn told_of(&self, asking: &ClientApp, token: &str) -> Value {
        let answer = self.send(basic(form(INTROSPECT, &format!("token={token}")), &asking.id, &asking.secret)).await;
        assert_eq!(answer.outcome(), "200");
        answer.json()
    }

    async fn is_let_in(&self, token: &str) -> bool {
        let answer = self.send(crate::actors::Actor::with(token).get("/api/v1/users")).await;
        answer.status.is_success()
    }

    async fn change_app(&self, admin: &Person, app: &ClientApp, change: Value) {
        let answer = self.send(admin.patch(&format!("/api/v1/client-apps/{}", app.id), &change)).await;
        assert_eq!(answer.outcome(), "200");
    }
}

#[actix_web::test]
async fn rfc_6749_4_4_a_service_gets_a_token_of_its_own_and_nothing_to_refresh() {
    let world = World::new().await;
    let app = world.client_app("billing", &["admin"]).await;
    let in_body = format!("grant_type=client_credentials&client_id=billing&client_secret={}", app.secret);
    let as_json = json!({"grant_type": "client_credentials", "client_id": "billing", "client_secret": app.secret});
    for request in [
        basic(form(TOKEN, "grant_type=client_credentials"), "billing", &app.secret),
        basic(form(TOKEN, "grant_type=client_credentials&scope=&unknown=1"), "b%69lling", &app.secret),
        form(TOKEN, &in_body),
        ANONYMOUS.post(TOKEN, &as_json),
    ] {
        let answer = world.send(request).await;
        assert_eq!(answer.outcome(), "200");
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let tokens = answer.json();
        let names: Vec<&String> = tokens.as_object().unwrap().keys().collect();
        assert_eq!(names, ["access_token", "expires_in", "token_type"]);
        assert!(world.is_let_in(tokens["access_token"].as_str().unwrap()).await);
    }
}

#[actix_web::test]
async fn whoever_does_not_prove_to_be_the_client_is_refused_alike() {
    let world = World::new().await;
    let (app, other) = (world.client_app("billing", &[]).await, world.client_app("other", &[]).await);
    let grant = "grant_type=client_credentials";
    let asked = || form(TOKEN, grant);
    let mut told = Vec::new();
    for request in [
        basic(asked(), "billing", &other.secret),
        basic(asked(), "billing", &app.secret[..app.secret.len() - 1]),
        basic(asked(), "billing", ""),
        basic(asked(), "nobody", &app.secret),
        basic(asked(), "doorward", &app.secret),
        form(TOKEN, &format!("{grant}&client_id=billing")),
        form(TOKEN, &format!("{grant}&client_id=BILLING&client_secret={}", app.secret)),
    ] {
        let answer = world.send(request).await;
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{}", answer.header("www-authenticate"));
        told.push(answer.json()["error_description"].clone());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "what is wrong is not told: {told:?}");
}

#[actix_web::test]
async fn what_is_no_request_is_refused_in_the_words_of_oauth() {
    let world = World::new().await;
    let app = world.client_app("billing", &[]).await;
    let secret = &app.secret;
    let proven = |parameters: &str| basic(form(TOKEN, parameters), "billing", secret);
    for (request, expected) in [
        (proven(""), (400, "invalid_request")),
        (proven("grant_type="), (400, "invalid_request")),
        (proven("grant_type=password"), (400, "unsupported_grant_type")),
        (proven("grant_type=implicit"), (400, "unsupported_grant_type")),
        (proven("grant_type=refresh_token"), (400, "invalid_request")),
        (proven("grant_type=client_credentials&grant_type=client_credentials"), (400, "invalid_request")),
        (proven(&format!("grant_type=client_credentials&client_secret={secret}")), (400, "invalid_request")),
        (proven("grant_type=client_credentials&client_id=other"), (400, "invalid_request")),
        (form(&format!("{TOKEN}?grant_type=client_credentials"), ""), (400, "invalid_request")),
        (form(&format!("{INTROSPECT}?token=a"), "token=a"), (400, "invalid_request")),
        (form(TOKEN, "grant_type=client_credentials"), (400, "unauthorized_client")),
        (proven("grant_type=client_credentials&scope=users:read"), (400, "invalid_scope")),
        (proven("grant_type=refresh_token&refresh_token=garbage&scope=x%20y"), (400, "invalid_scope")),
        (form(TOKEN, "grant_type=refresh_token&refresh_token=garbage"), (400, "invalid_grant")),
        (form(REVOKE, ""), (400, "invalid_request")),
        (ANONYMOUS.post(TOKEN, &json!(["grant_type"])), (400, "invalid_request")),
        (ANONYMOUS.asks(Method::POST, TOKEN).set_payload("grant_type=x"), (415, "invalid_request")),
        (ANONYMOUS.get(TOKEN), (405, "invalid_request")),
    ] {
        let answer = world.send(request).await;
        assert_eq!(refusal(&answer), (expected.0, expected.1.to_owned()), "{}", answer.json());
    }
}

#[actix_web::test]
async fn ending_an_app_ends_its_tokens_and_enabling_it_does_not_bring_them_back() {
    let world = World::new().await;
    let (admin, app) = (world.admin().await, world.client_app("billing", &["admin"]).await);
    let token = world.own_token_of(&app).await;
    assert!(world.is_let_in(&token).await);
    world.change_app(&admin, &app, json!({"is_active": false})).await;
    assert!(!world.is_let_in(&token).await);
    let refused = world.send(basic(form(TOKEN, "grant_type=client_credentials"), "billing", &app.secret)).await;
    assert_eq!(refusal(&refused), (401, "invalid_client".to_owned()));
    world.change_app(&admin, &app, json!({"is_active": true})).await;
    assert!(!world.is_let_in(&token).await, "what was ended stays so");
    let next = world.own_token_of(&app).await;
    assert!(world.is_let_in(&next).await);
    let deleted = world.send(admin.delete("/api/v1/client-apps/billing")).await;
    assert_eq!(deleted.outcome(), "204");
    assert!(!world.is_let_in(&next).await);
    world.client_app("billing", &["admin"]).await;
    assert!(!world.is_let_in(&next).await, "another app of the same id is another app");
}

#[actix_web::test]
async fn a_change_of_its_roles_is_felt_by_the_next_request_of_a_service() {
    let world = World::new().await;
    let (admin, app) = (world.admin().await, world.client_app("billing", &["admin"]).await);
    let token = world.own_token_of(&app).await;
    world.change_app(&admin, &app, json!({"roles": []})).await;
    let answer = world.send(crate::actors::Actor::with(&token).get("/api/v1/users")).await;
    assert_eq!(answer.outcome(), "403 permission_denied");
    let own = world.send(crate::actors::Actor::with(&token).get("/api/v1/users/me")).await;
    assert_eq!(own.outcome(), "403 permission_denied");
}

#[actix_web::test]
async fn a_new_secret_voids_the_old_one_and_lets_tokens_live() {
    let world = World::new().await;
    let (admin, app) = (world.admin().await, world.client_app("billing", &["admin"]).await);
    let token = world.own_token_of(&app).await;
    let rotated = world.send(admin.asks(Method::POST, "/api/v1/client-apps/billing/rotate-secret")).await.json();
    let secret = rotated["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("dws_") && secret.len() == 47 && secret != app.secret, "{secret}");
    let refused = world.send(basic(form(TOKEN, "grant_type=client_credentials"), "billing", &app.secret)).await;
    assert_eq!(refusal(&refused), (401, "invalid_client".to_owned()));
    world.own_token_of(&ClientApp { secret: secret.to_owned(), ..app }).await;
    assert!(world.is_let_in(&token).await);
    let shown = world.send(admin.get("/api/v1/client-apps/billing")).await.json();
    assert!(shown.get("client_secret").is_none() && !shown.to_string().contains("dws_"), "{shown}");
}

/// RFC 6749 §3.3: a scope has one token at least, so that an empty one is none, and stands nowhere.
#[actix_web::test]
async fn a_scope_is_neither_given_nor_told_and_who_asks_for_one_spends_nothing() {
    let world = World::new().await;
    let (ann, app) = (world.ann().await, world.client_app("billing", &[]).await);
    let refresh = format!("grant_type=refresh_token&refresh_token={}", ann.refresh_token);
    for scope in ["users:read", "openid%20email", "%20"] {
        let answer = world.send(form(TOKEN, &format!("{refresh}&scope={scope}"))).await;
        assert_eq!(refusal(&answer), (400, "invalid_scope".to_owned()), "{scope}");
    }
    let own = world.own_token_of(&app).await;
    let next = world.json(form(TOKEN, &format!("{refresh}&scope="))).await;
    for token in [next["access_token"].as_str().unwrap(), next["refresh_token"].as_str().unwrap(), &own] {
        assert!(claims(token).get("scope").is_none(), "{}", claims(token));
        assert!(world.told_of(&app, token).await.get("scope").is_none());
    }
}

#[actix_web::test]
async fn ghsa_pw9m_5jxm_xr6h_a_clients_refresh_token_is_worth_nothing_to_others() {
    let world = World::new().await;
    let (ann, app) = (world.ann().await, world.client_app("billing", &[]).await);
    let parameters = format!("grant_type=refresh_token&refresh_token={}", ann.refresh_token);
    let answer = world.send(basic(form(TOKEN, &parameters), "billing", &app.secret)).await;
    assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()));
    let own = world.send(form(TOKEN, &parameters)).await;
    assert_eq!(own.outcome(), "200", "it was not spent by that");
    assert_eq!(own.json()["session_id"], ann.session);
}

#[actix_web::test]
async fn rfc_7662_a_live_token_is_told_of_as_it_is_now() {
    let world = World::new().await;
    let (ann, app) = (world.ann().await, world.client_app("billing", &[]).await);
    let told = world.told_of(&app, &ann.access_token).await;
    for (name, expected) in [
        ("active", json!(true)),
        ("sub", json!(ann.account.id)),
        ("sid", json!(ann.session)),
        ("client_id", json!("doorward")),
        ("username", json!("ann")),
        ("token_type", json!("Bearer")),
        ("token_use", json!("access")),
        ("iss", json!(super::world::ISSUER)),
        ("aud", json!(super::world::AUDIENCE)),
        ("roles", json!(["user"])),
        ("permissions", json!([])),
    ] {
        assert_eq!(told[name], expected, "{name}");
    }
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 900);
    let refresh = world.told_of(&app, &ann.refresh_token).await;
    assert_eq!((&refresh["active"], &refresh["token_use"]), (&json!(true), &json!("refresh")));
    assert!(refresh.get("token_type").is_none() && refresh.get("permissions").is_none(), "{refresh}");
    let own = world.told_of(&app, &world.own_token_of(&app).await).await;
    assert_eq!((&own["sub"], &own["client_id"]), (&json!("billing"), &json!("billing")));
    assert!(own.get("sid").is_none() && own.get("username").is_none(), "{own}");
}

#[actix_web::test]
async fn rfc_7662_2_2_of_a_token_that_is_not_good_nothing_is_told() {
    let world = World::new().await;
    let (admin, app) = (world.admin().await, world.client_app("billing", &[]).await);
    let (ann, bob) = (world.ann().await, world.person("bob", &[]).await);
    let expired = world.person("carl", &[]).await;
    world.advance(15 * MINUTE);
    let spent = world.session_of("bob").await;
    let parameters = format!("grant_type=refresh_token&refresh_token={}", spent.refresh_token);
    assert_eq!(world.send(form(TOKEN, &parameters)).await.outcome(), "200");
    let admin = world.session_of(&admin.name).await;
    let disabled = world.session_of("ann").await;
    assert_eq!(world.send(admin.patch(&ann.account.path, &json!({"is_active": false}))).await.outcome(), "200");
    let tampered = format!("{}x", bob.access_token);
    for token in
        [&expired.access_token, &spent.refresh_token, &disabled.access_token, &disabled.refresh_token, &tampered, "x"]
    {
        assert_eq!(world.told_of(&app, token).await, json!({"active": false}));
    }
}

#[actix_web::test]
async fn rfc_7662_2_1_only_who_may_asks_about_tokens() {
    let world = World::new().await;
    let (ann, resource) = (world.ann().await, world.who_may("tokens:introspect").await);
    let question = json!({"token": ann.access_token});
    let nobody = world.send(ANONYMOUS.post(INTROSPECT, &question)).await;
    assert_eq!(refusal(&nobody), (401, "invalid_client".to_owned()));
    let plain = world.send(ann.post(INTROSPECT, &question)).await;
    assert_eq!(refusal(&plain), (403, "insufficient_scope".to_owned()));
    let public = world.send(form(INTROSPECT, &format!("token={}&client_id=doorward", ann.access_token))).await;
    assert_eq!(refusal(&public), (401, "invalid_client".to_owned()));
    let stale = world.send(crate::actors::Actor::with("garbage").post(INTROSPECT, &question)).await;
    assert_eq!(refusal(&stale), (401, "invalid_token".to_owned()));
    let permitted = world.send(resource.post(INTROSPECT, &question)).await;
    assert_eq!(permitted.json()["active"], true);
}

#[actix_web::test]
async fn rfc_7009_either_token_ends_its_session_for_its_own_client_only() {
    let world = World::new().await;
    let app = world.client_app("billing", &[]).await;
    for use_access in [true, false] {
        let ann = world.person(&format!("ann-{use_access}"), &[]).await;
        let token = if use_access { &ann.access_token } else { &ann.refresh_token };
        let foreign = world.send(basic(form(REVOKE, &format!("token={token}")), "billing", &app.secret)).await;
        assert_eq!(foreign.outcome(), "200");
        assert_eq!(world.told_of(&app, token).await["active"], true, "another client's");
        let own = world.send(form(REVOKE, &format!("token={token}&token_type_hint=nonsense"))).await;
        assert_eq!((own.outcome(), own.body.len()), ("200".to_owned(), 0));
        assert_eq!(world.told_of(&app, &ann.access_token).await["active"], false);
        assert_eq!(world.told_of(&app, &ann.refresh_token).await["active"], false);
        assert_eq!(world.send(form(REVOKE, &format!("token={token}"))).await.outcome(), "200", "twice");
    }
    assert_eq!(world.send(form(REVOKE, "token=garbage")).await.outcome(), "200");
    let own = world.own_token_of(&app).await;
    let refused = world.send(basic(form(REVOKE, &format!("token={own}")), "billing", &app.secret)).await;
    assert_eq!(refusal(&refused), (400, "unsupported_token_type".to_owned()));
}

#[actix_web::test]
async fn of_32_clients_that_refresh_at_once_none_is_signed_out() {
    let world = World::new().await;
    let ann = world.ann().await;
    let parameters = format!("grant_type=refresh_token&refresh_token={}", ann.refresh_token);
    let crowd = world.at_once((0..32).map(|_| form(TOKEN, &parameters))).await;
    let token = |answer: &Answer| (answer.outcome(), answer.json()["refresh_token"].clone());
    let mut next: Vec<_> = crowd.iter().map(token).collect();
    assert!(next.iter().all(|(outcome, _)| outcome == "200"), "{next:?}");
    assert_eq!(next.len(), 32);
    next.dedup();
    assert_eq!(next.len(), 1, "all are given the same next generation");
    world.advance(Duration::from_secs(11));
    let reused = world.send(form(TOKEN, &parameters)).await;
    assert_eq!(
        (refusal(&reused), reused.outcome()),
        ((400, "invalid_grant".to_owned()), "400 refresh_token_reused".to_owned())
    );
}

#[actix_web::test]
async fn rfc_8414_the_metadata_names_what_there_is() {
    let world = World::new().await;
    let answer = world.send(ANONYMOUS.get("/.well-known/oauth-authorization-server")).await;
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], super::world::ISSUER);
    assert_eq!(metadata["token_endpoint"], "https://accounts.example.com/api/v1/auth/token");
    assert_eq!(metadata["authorization_endpoint"], "https://accounts.example.com/api/v1/auth/authorize");
    let grants = ["authorization_code", "refresh_token", "client_credentials"];
    assert_eq!(metadata["grant_types_supported"], json!(grants));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
}
