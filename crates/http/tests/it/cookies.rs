//! `http.session_cookie`: the pair of tokens in cookies, for browsers.
use crate::actors::{ANN, ANONYMOUS};
use crate::world::{Answer, World};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use doorward_ports::{Error, ErrorCode};
use serde_json::json;

const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const LOGOUT: &str = "/api/v1/auth/logout";
const ME: &str = "/api/v1/users/me";

const KEPT: [&str; 2] = [
    "__Host-doorward-access=access; Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Lax",
    "__Host-doorward-refresh=refresh; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Strict",
];
const FORGOTTEN: [&str; 2] = [
    "__Host-doorward-access=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
    "__Host-doorward-refresh=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict",
];
const NONE: [&str; 0] = [];

fn on() -> World {
    World::with(|options| options.session_cookie = true)
}

fn cookies(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all("set-cookie").map(|line| line.to_str().unwrap()).collect()
}

fn login() -> TestRequest {
    ANONYMOUS.post(LOGIN, &json!({"identifier": "ann", "password": "x"}))
}

/// With both cookies, as a page of ours sends it.
fn by_cookie(method: Method, path: &str) -> TestRequest {
    forgeable(method, path).insert_header(("x-csrf-token", "1"))
}

/// With both cookies, as any page may make a browser send it.
fn forgeable(method: Method, path: &str) -> TestRequest {
    let pair = "other=1; __Host-doorward-access=ann-token; __Host-doorward-refresh=theirs";
    ANONYMOUS.asks(method, path).insert_header(("cookie", pair))
}

#[actix_web::test]
async fn without_the_setting_no_cookie_is_set_or_looked_at() {
    let world = World::new();
    let answer = world.send(login().insert_header(("sec-fetch-site", "same-origin"))).await;
    assert_eq!((cookies(&answer), answer.json()["access_token"].as_str()), (NONE.to_vec(), Some("access")));
    assert_eq!(world.outcome(by_cookie(Method::GET, ME)).await, "401 authentication_required");
    world.send(by_cookie(Method::POST, LOGOUT)).await;
    assert_eq!(world.fake.calls().last().unwrap(), "sign_out None as nobody from 203.0.113.9");
    assert_eq!(world.outcome(by_cookie(Method::POST, REFRESH)).await, "415 unsupported_media_type");
}

/// RFC 9700, and the IETF's draft on browser-based apps: what a script can't read, a script can't lose.
#[actix_web::test]
async fn a_browser_gets_the_pair_in_cookies_and_never_in_the_body() {
    for (name, value) in [("origin", "https://app.example.com"), ("sec-fetch-mode", "cors"), ("sec-fetch-site", "none")]
    {
        let answer = on().send(login().insert_header((name, value))).await;
        assert_eq!((answer.status.as_u16(), cookies(&answer)), (200, KEPT.to_vec()), "{name}");
        let body = answer.json();
        assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none(), "{body}");
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert!(body["session_id"].is_string() && body["user_id"].is_string(), "{body}");
    }
}

#[actix_web::test]
async fn any_other_client_gets_cookies_and_body_both() {
    let answer = on().send(login()).await;
    assert_eq!(cookies(&answer), KEPT);
    assert_eq!(answer.json()["refresh_token"], "refresh");
}

#[actix_web::test]
async fn a_cookie_says_who_calls_and_a_header_is_stronger() {
    let world = on();
    assert_eq!(world.outcome(forgeable(Method::GET, ME)).await, "200");
    assert_eq!(world.outcome(forgeable(Method::HEAD, ME)).await, "200");
    assert_eq!(world.outcome(forgeable(Method::GET, "/api/v1/auth/check")).await, "200");
    let stale = forgeable(Method::GET, ME).insert_header(("authorization", "Bearer stale"));
    assert_eq!(world.outcome(stale).await, "401 invalid_token");
    let good = ANN.get(ME).insert_header(("cookie", "__Host-doorward-access=stale"));
    assert_eq!(world.outcome(good).await, "200");
    let twice =
        ANONYMOUS.get(ME).insert_header(("cookie", "__Host-doorward-access=ann-token; __Host-doorward-access=b"));
    assert_eq!(world.outcome(twice).await, "401 invalid_token");
}

#[actix_web::test]
async fn graphql_refreshes_by_the_cookie_whatever_the_header_is_and_signs_out_who_is_meant() {
    let world = on();
    let asks = |document: &str| by_cookie(Method::POST, "/graphql").set_json(json!({"query": document}));
    let (refresh, sign_out) = ("mutation { refresh { userErrors { code } } }", "mutation { signOut { done } }");
    let old = world.send(asks(refresh).insert_header(("authorization", "Bearer stale"))).await;
    assert_eq!(cookies(&old), KEPT);
    assert_eq!(world.fake.calls(), ["refresh theirs as nobody from 203.0.113.9"]);
    assert_eq!(cookies(&world.send(asks(sign_out)).await), FORGOTTEN);
    let by_header = asks(sign_out).insert_header(("authorization", "Bearer ann-token"));
    assert_eq!(cookies(&world.send(by_header).await), NONE, "the cookies may be those of another session");
    let calls = world.fake.calls();
    assert!(
        calls.iter().any(|call| call.starts_with("sign_out Some("))
            && calls.last().unwrap().starts_with("sign_out None"),
        "{calls:?}"
    );
    let in_document = asks("mutation { signOut(refreshToken: \"mine\") { done } }");
    assert_eq!(cookies(&world.send(in_document).await), NONE);
}

/// OWASP CSRF cheat sheet, "custom request headers".
#[actix_web::test]
async fn what_changes_something_by_a_cookie_needs_the_header_that_no_other_site_can_send() {
    let world = on();
    let unsafe_ones = [(Method::PATCH, ME), (Method::DELETE, ME), (Method::POST, REFRESH), (Method::POST, LOGOUT)];
    for (method, path) in unsafe_ones {
        assert_eq!(world.outcome(forgeable(method.clone(), path)).await, "403 csrf_refused", "{path}");
        let empty = forgeable(method, path).insert_header(("x-csrf-token", ""));
        assert_eq!(world.outcome(empty).await, "403 csrf_refused", "{path}");
    }
    assert_eq!(world.fake.calls(), [] as [String; 0]);
    for (method, path) in [(Method::DELETE, ME), (Method::POST, REFRESH), (Method::POST, LOGOUT)] {
        let answer = world.send(by_cookie(method, path)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
    }
    let by_header = ANN.delete(ME).insert_header(("cookie", "__Host-doorward-access=ann-token"));
    assert_eq!(world.outcome(by_header).await, "204", "a header is sent by whoever means it");
}

/// It changes nothing, and the method is that of the request that a proxy asks about.
#[actix_web::test]
async fn forward_auth_asks_for_no_such_header_whatever_the_method() {
    let world = on();
    for method in [Method::GET, Method::POST, Method::DELETE] {
        assert_eq!(world.outcome(forgeable(method.clone(), "/api/v1/auth/check")).await, "200", "{method}");
    }
}

#[actix_web::test]
async fn the_page_that_asks_by_a_cookie_must_be_of_an_origin_that_may() {
    let world = on();
    for ours in ["https://accounts.example.com", "https://app.example.com"] {
        let request = by_cookie(Method::DELETE, ME).insert_header(("origin", ours));
        assert_eq!(world.outcome(request.insert_header(("sec-fetch-site", "cross-site"))).await, "204", "{ours}");
    }
    for theirs in
        ["https://evil.example.com", "null", "", "http://accounts.example.com", "https://accounts.example.com."]
    {
        let request = by_cookie(Method::DELETE, ME).insert_header(("origin", theirs));
        assert_eq!(world.outcome(request).await, "403 csrf_refused", "{theirs:?}");
    }
    let nameless = by_cookie(Method::DELETE, ME).insert_header(("sec-fetch-site", "cross-site"));
    assert_eq!(world.outcome(nameless).await, "403 csrf_refused");
    let neighbour = by_cookie(Method::DELETE, ME).insert_header(("sec-fetch-site", "same-origin"));
    assert_eq!(world.outcome(neighbour).await, "204");
}

#[actix_web::test]
async fn a_refresh_goes_by_the_body_first_and_else_by_the_cookie() {
    let world = on();
    let answer = world.send(by_cookie(Method::POST, REFRESH)).await;
    assert_eq!((answer.status.as_u16(), cookies(&answer)), (200, KEPT.to_vec()));
    let body = forgeable(Method::POST, REFRESH).set_json(json!({"refresh_token": "mine"}));
    assert_eq!(world.outcome(body).await, "200");
    let calls = ["refresh theirs as nobody from 203.0.113.9", "refresh mine as nobody from 203.0.113.9"];
    assert_eq!(world.fake.calls(), calls);
}

/// To a page it is no fault of its request: its user is to sign in again.
#[actix_web::test]
async fn a_refresh_without_cookie_and_body_is_of_nobody() {
    let world = on();
    let json = ANONYMOUS.asks(Method::POST, REFRESH).insert_header(("content-type", "application/json"));
    for bare in [ANONYMOUS.asks(Method::POST, REFRESH), json] {
        assert_eq!(world.outcome(bare).await, "401 authentication_required");
    }
    let not_json = ANONYMOUS.asks(Method::POST, REFRESH).insert_header(("content-type", "application/json"));
    assert_eq!(world.outcome(not_json.set_payload("x")).await, "400 malformed_json");
}

#[actix_web::test]
async fn a_refused_refresh_forgets_the_cookies_and_an_outage_does_not() {
    let world = on();
    for (code, outcome, expected) in [
        (ErrorCode::RefreshTokenReused, "401 refresh_token_reused", FORGOTTEN.to_vec()),
        (ErrorCode::InvalidToken, "401 invalid_token", FORGOTTEN.to_vec()),
        (ErrorCode::StoreUnavailable, "503 store_unavailable", Vec::new()),
    ] {
        world.fake.refuse(Error::new(code, "No."));
        let answer = world.send(by_cookie(Method::POST, REFRESH)).await;
        assert_eq!((answer.outcome().as_str(), cookies(&answer)), (outcome, expected));
    }
    world.fake.refuse(Error::new(ErrorCode::InvalidToken, "No."));
    let body = ANONYMOUS.post(REFRESH, &json!({"refresh_token": "mine"}));
    assert_eq!(cookies(&world.send(body).await), NONE, "the cookies, if there are any, are not what was refused");
}

#[actix_web::test]
async fn a_sign_out_forgets_the_cookies_also_of_a_session_that_had_ended() {
    let world = on();
    let answer = world.send(by_cookie(Method::POST, LOGOUT)).await;
    assert_eq!((answer.status.as_u16(), cookies(&answer)), (204, FORGOTTEN.to_vec()));
    world.fake.refuse(Error::new(ErrorCode::InvalidToken, "It has expired."));
    let answer = world.send(by_cookie(Method::POST, LOGOUT)).await;
    assert_eq!((answer.outcome().as_str(), cookies(&answer)), ("401 invalid_token", FORGOTTEN.to_vec()));
    let by_header = world.send(ANN.asks(Method::POST, LOGOUT)).await;
    assert_eq!((by_header.status.as_u16(), cookies(&by_header)), (204, FORGOTTEN.to_vec()));
}

/// Whatever another site sends must not sign anybody out: without its cookies, nothing is forgotten.
#[actix_web::test]
async fn nobody_is_signed_out_by_a_request_that_is_refused() {
    let world = on();
    let forged = world.send(forgeable(Method::POST, LOGOUT)).await;
    assert_eq!((forged.outcome().as_str(), cookies(&forged)), ("403 csrf_refused", Vec::new()));
    world.fake.refuse(Error::new(ErrorCode::AuthenticationRequired, "Nobody is signed in."));
    let without = world.send(ANONYMOUS.asks(Method::POST, LOGOUT)).await;
    assert_eq!((without.outcome().as_str(), cookies(&without)), ("401 authentication_required", Vec::new()));
}

#[actix_web::test]
async fn a_page_of_a_listed_origin_may_send_cookies_and_the_header() {
    let request = ANONYMOUS
        .asks(Method::OPTIONS, ME)
        .insert_header(("origin", "https://app.example.com"))
        .insert_header(("access-control-request-method", "PATCH"))
        .insert_header(("access-control-request-headers", "content-type,x-csrf-token"));
    let answer = on().send(request).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-credentials")), (200, "true"));
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.com");
}
