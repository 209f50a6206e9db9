//! `/auth/authorize`, `/auth/callback`, `/auth/providers`: how it looks to a browser and to a client.
use crate::actors::ANONYMOUS;
use crate::service::providers::{CALLBACK, asked, asked_by_query, redeeming};
use crate::service::world::World;
use serde_json::json;

const AUTHORIZE: &str = "/api/v1/auth/authorize";
const BACK: &str = "/api/v1/auth/callback/example";

/// The value of a parameter of a URL.
fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[actix_web::test]
async fn a_browser_is_sent_to_the_provider_and_back_to_the_client_with_a_code_and_no_token() {
    let world = World::new().await;
    let there = world.send(ANONYMOUS.get(&format!("{AUTHORIZE}{}&state=s%20t", asked_by_query("example")))).await;
    assert_eq!(there.status, 302);
    let cookie = there.header("set-cookie");
    assert!(cookie.starts_with("__Host-doorward-browser="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
    let state = parameter(there.header("location"), "state").unwrap();
    world.provider.answer(
        "code",
        Ok(doorward_testkit::scripted_provider::a_proven_identity("ann", Some(("ann@example.com", true)))),
    );
    let back = format!("{BACK}?state={state}&code=code&session_state=ignored");
    let stranger = world.send(ANONYMOUS.get(&back)).await;
    assert_eq!(stranger.outcome(), "400 invalid_state", "the cookie is missing");
    let pair = cookie.split(';').next().unwrap();
    let home = world.send(ANONYMOUS.get(&back).insert_header(("cookie", pair))).await;
    let location = home.header("location");
    assert!(home.status == 302 && location.starts_with(&format!("{CALLBACK}?code=")), "{location}");
    assert_eq!(parameter(location, "state"), Some("s+t"));
    assert_eq!(parameter(location, "iss"), Some("https%3A%2F%2Faccounts.example.com"));
    assert!(!location.contains("eyJ"), "a token in a URL: {location}");
    let tokens = redeeming(parameter(location, "code").unwrap());
    let tokens = world.json(ANONYMOUS.post("/api/v1/auth/token", &tokens)).await;
    assert_eq!(tokens["is_new_user"], true);
}

#[actix_web::test]
async fn a_client_without_a_browser_gets_the_url_and_its_state_back() {
    let world = World::new().await;
    let mut request = asked("example");
    request["state"] = json!("mine");
    let answer = world.send(ANONYMOUS.post(AUTHORIZE, &request)).await;
    assert_eq!(answer.header("set-cookie"), "");
    let begun = answer.json();
    assert_eq!((&begun["state"], &begun["expires_in"]), (&json!("mine"), &json!(600)));
    let url = begun["authorization_url"].as_str().unwrap();
    assert_ne!(parameter(url, "state"), Some("mine"), "the provider gets another");
    let chosen = world.json(ANONYMOUS.post(AUTHORIZE, &asked("example"))).await;
    assert_eq!(chosen["state"].as_str().map(str::len), Some(43));
}

#[actix_web::test]
async fn an_answer_by_post_is_sent_to_the_same_place_by_get_with_what_is_read_and_nothing_else() {
    let world = World::new().await;
    let form = "state=a%26b&code=c&id_token=secret&user=%7B%7D";
    let request = ANONYMOUS.asks(actix_web::http::Method::POST, BACK).set_payload(form);
    let request = request.insert_header(("content-type", "application/x-www-form-urlencoded"));
    let answer = world.send(request.insert_header(("origin", "https://appleid.example"))).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), format!("https://accounts.example.com{BACK}?state=a%26b&code=c"));
}

#[actix_web::test]
async fn a_wrong_redirect_uri_is_told_here_and_nobody_is_sent_there() {
    let world = World::new().await;
    let query = asked_by_query("example").replace(CALLBACK, "https://evil.example/callback");
    let answer = world.send(ANONYMOUS.get(&format!("{AUTHORIZE}{query}"))).await;
    assert_eq!((answer.outcome().as_str(), answer.header("location")), ("422 validation_failed", ""));
    assert_eq!(answer.faults(), ["/redirect_uri redirect_uri_not_registered"]);
}

#[actix_web::test]
async fn who_must_link_gets_the_token_for_it_in_the_words_of_oauth() {
    let world = World::new().await;
    let ann = world.ann().await;
    let code = world.code("example", "ann-there", Some(("ann@example.com", true))).await;
    let refused = world.send(ANONYMOUS.post("/api/v1/auth/token", &redeeming(&code))).await;
    let refusal = refused.json();
    assert_eq!((refused.status.as_u16(), &refusal["error"]), (403, &json!("interaction_required")));
    assert_eq!((&refusal["code"], &refusal["expires_in"]), (&json!("link_required"), &json!(600)));
    let linked = ann.post("/api/v1/users/me/identities", &json!({"link_token": refusal["link_token"]}));
    let linked = world.json(linked).await;
    assert_eq!((&linked["provider"], &linked["subject"]), (&json!("example"), &json!("ann-there")));
    let own = world.json(ann.get("/api/v1/users/me/identities")).await;
    assert_eq!((&own["items"], &own["next_cursor"]), (&json!([linked]), &json!(null)));
}

#[actix_web::test]
async fn the_ways_to_sign_in_may_be_cached_and_are_not_sent_again() {
    let world = World::new().await;
    let answer = world.send(ANONYMOUS.get("/api/v1/auth/providers")).await;
    let offered = answer.json();
    assert_eq!(offered["providers"][0]["name"], "local");
    let example = json!({"name": "example", "display_name": "Example", "kind": "oidc", "icon": null, "available": true, "since": null});
    assert_eq!(offered["providers"][2], example);
    let again = ANONYMOUS.get("/api/v1/auth/providers").insert_header(("if-none-match", answer.header("etag")));
    assert_eq!(world.send(again).await.status, 304);
}
