//! Signing in with a provider: the whole program, and a provider on this machine that really signs.
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::identity_provider::{CLIENT, IdentityProvider, SECRET, parameter};
use crate::metrics::scraped;
use crate::place::{Kind, PASSWORD, Place};
use crate::server::wait_until;

/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const APP: &str = "http://127.0.0.1:9999/callback";

fn place(kind: Kind, provider: &IdentityProvider) -> Place {
    configured(Place::on(kind).with_known_admin(), provider)
}

/// With the provider `here`.
pub fn configured(place: Place, provider: &IdentityProvider) -> Place {
    place
        .set("DOORWARD_OAUTH__ALLOWED_REDIRECT_URIS", APP)
        .set("DOORWARD_PROVIDERS__HERE__KIND", "oidc")
        .set("DOORWARD_PROVIDERS__HERE__DISPLAY_NAME", "Here")
        .set("DOORWARD_PROVIDERS__HERE__ISSUER", &provider.issuer)
        .set("DOORWARD_PROVIDERS__HERE__CLIENT_ID", CLIENT)
        .set("DOORWARD_PROVIDERS__HERE__CLIENT_SECRET", SECRET)
}

fn request() -> Value {
    json!({"redirect_uri": APP, "code_challenge": CHALLENGE, "code_challenge_method": "S256", "state": "mine"})
}

/// What the app gets at its redirect URI, after somebody has signed in at the provider.
fn walked(client: Client, provider: &IdentityProvider, url: &str, subject: &str, email: &str) -> String {
    walked_with(client, provider, "here", url, (subject, email))
}

/// The same, with a provider of this name.
pub fn walked_with(
    client: Client,
    provider: &IdentityProvider,
    name: &str,
    url: &str,
    (subject, email): (&str, &str),
) -> String {
    let code = format!("code-{subject}-{}", parameter(url, "state").expect("a state was sent"));
    provider.signed_in(&code, url, subject, email);
    let state = parameter(url, "state").expect("a state was sent");
    let back = client.get(&format!("/api/v1/auth/callback/{name}?state={state}&code={code}")).send().expect_status(302);
    let location = back.header("location").expect("it leads to the app").to_owned();
    assert!(location.starts_with(APP) && parameter(&location, "state") == Some("mine"), "{location}");
    location
}

/// What comes of beginning with a provider of this name.
pub fn begun_with(client: Client, name: &str) -> Answer {
    let mut body = request();
    body["provider"] = json!(name);
    client.post("/api/v1/auth/authorize", &body).send()
}

fn begun(client: Client) -> String {
    let begun = begun_with(client, "here").expect_status(200).json();
    begun["authorization_url"].as_str().expect("it is a URL").to_owned()
}

pub fn redeeming(location: &str) -> Value {
    let code = parameter(location, "code").unwrap_or_else(|| panic!("no code: {location}"));
    json!({"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": APP})
}

/// Signs in at one node, and redeems the code at another.
fn signs_in_links_and_unlinks(kind: Kind) {
    let provider = IdentityProvider::start();
    let place = place(kind, &provider);
    let server = place.start();
    let client = server.client;
    wait_until("the provider was checked", || {
        let offered = client.get("/api/v1/auth/providers").send().expect_status(200).json();
        offered["providers"][1]["since"].is_string() && offered["providers"][1]["available"] == true
    });
    let location = walked(client, &provider, &begun(client), "ann", "ann@example.com");
    let tokens = client.post("/api/v1/auth/token", &redeeming(&location)).send().expect_status(200).json();
    assert_eq!(tokens["is_new_user"], true);
    let token = tokens["access_token"].as_str().expect("it is a token");
    let me = client.get("/api/v1/users/me").bearer(token).send().expect_status(200).json();
    assert_eq!((&me["email"], &me["email_verified"]), (&json!("ann@example.com"), &json!(true)));

    // Another person, whose account was there before.
    let (mail, other) = ("bob@example.com", client.register("bob@example.com", PASSWORD));
    assert_eq!(other["email"], mail);
    let location = walked(client, &provider, &begun(client), "bob", mail);
    let refused = client.post("/api/v1/auth/token", &redeeming(&location)).send().expect_status(403).json();
    assert_eq!((&refused["error"], &refused["code"]), (&json!("interaction_required"), &json!("link_required")));
    let own = client.sign_in(mail, PASSWORD);
    let own = own["access_token"].as_str().expect("it is a token");
    let proof = json!({"link_token": refused["link_token"]});
    let linked = client.post("/api/v1/users/me/identities", &proof).bearer(own).send().expect_status(201).json();
    let location = walked(client, &provider, &begun(client), "bob", mail);
    let again = client.post("/api/v1/auth/token", &redeeming(&location)).send().expect_status(200).json();
    assert_eq!(again["user_id"], other["id"]);
    let path = format!("/api/v1/users/me/identities/{}", linked["id"].as_str().expect("it has an id"));
    client.request("DELETE", &path).bearer(own).send().expect_status(204);
    let ended = again["access_token"].as_str().expect("it is a token");
    wait_until("its session has ended", || client.get("/api/v1/users/me").bearer(ended).send().status == 401);

    let counted = |series: &str| scraped(client).value(series);
    assert_eq!(counted("doorward_logins_total{outcome=\"success\",provider=\"here\"}").to_string(), "2");
    assert_eq!(counted("doorward_logins_total{outcome=\"failure\",provider=\"here\"}").to_string(), "1");
    assert_eq!(counted("doorward_registrations_total{provider=\"here\"}").to_string(), "1");
}

on_both_databases! {
    signs_in_links_and_unlinks;
}

#[test]
fn what_is_begun_at_one_node_is_finished_at_another_and_redeemed_at_the_first() {
    let provider = IdentityProvider::start();
    let place = of_all_nodes(place(Kind::Postgres, &provider));
    let other = place.another();
    let (first, second) = (place.start(), other.start());
    let url = begun(first.client);
    let location = walked(second.client, &provider, &url, "ann", "ann@example.com");
    first.client.post("/api/v1/auth/token", &redeeming(&location)).send().expect_status(200);
    let replayed = second.client.post("/api/v1/auth/token", &redeeming(&location)).send().expect_status(400).json();
    assert_eq!(replayed["error"], "invalid_grant");
}

/// All nodes have one sealing key, and one URL.
fn of_all_nodes(place: Place) -> Place {
    let (key, url) = ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", format!("http://{}", place.address()));
    place.set("DOORWARD_SECRETS__SEALING_KEY", key).set("DOORWARD_HTTP__PUBLIC_URL", &url)
}

/// OpenID Connect Back-Channel Logout 1.0, felt on another node than the one that is told.
#[test]
#[expect(clippy::disallowed_methods, reason = "another process has no virtual clock")]
fn a_session_that_ends_at_the_provider_ends_on_all_nodes_within_a_second() {
    let provider = IdentityProvider::start();
    let place = of_all_nodes(place(Kind::Postgres, &provider));
    let other = place.another();
    let (first, second) = (place.start(), other.start());
    let signed_in = |subject: &str| {
        let location =
            walked(first.client, &provider, &begun(first.client), subject, &format!("{subject}@example.com"));
        let tokens = first.client.post("/api/v1/auth/token", &redeeming(&location)).send().expect_status(200).json();
        tokens["access_token"].as_str().expect("it is a token").to_owned()
    };
    let (ann, bob) = (signed_in("ann"), signed_in("bob"));
    let me = |token: &str| second.client.get("/api/v1/users/me").bearer(token).send().status;
    assert_eq!((me(&ann), me(&bob)), (200, 200), "both are in the caches of the other node");
    let form = format!("logout_token={}", provider.signed_out("ann"));
    let told = || {
        let told = first.client.request("POST", "/api/v1/auth/backchannel-logout/here").body(form.as_str());
        told.header("Content-Type", "application/x-www-form-urlencoded").send()
    };
    let answer = told().expect_status(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!((me(&ann), me(&bob)), (401, 200));
    let replayed = told().expect_status(400).json();
    assert_eq!((&replayed["error"], &replayed["code"]), (&json!("invalid_request"), &json!("invalid_logout_token")));
}

#[test]
fn a_provider_that_does_not_answer_is_shown_and_keeps_nobody_from_signing_in_with_a_password() {
    let mut provider = IdentityProvider::start();
    // Nobody listens there.
    provider.issuer = "http://127.0.0.1:9".to_owned();
    let place = place(Kind::Sqlite, &provider);
    let server = place.start();
    let client = server.client;
    wait_until("the provider was checked", || {
        let offered = client.get("/api/v1/auth/providers").send().expect_status(200).json();
        offered["providers"][1]["available"] == false
    });
    let mut body = request();
    body["provider"] = json!("here");
    let refused = client.post("/api/v1/auth/authorize", &body).send().expect_status(503).json();
    assert_eq!(refused["code"], "provider_unavailable");
    client.sign_in(crate::place::ADMIN, PASSWORD);
}
