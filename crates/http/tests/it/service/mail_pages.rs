//! The pages of links in mails, for whom there is no front end.
use crate::actors::ANONYMOUS;
use crate::service::world::{OTHER_PASSWORD, World, login};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use doorward_ports::inbound::Accounts;

fn form(path: &str, body: &str) -> TestRequest {
    let request = ANONYMOUS.asks(Method::POST, path);
    request.insert_header(("content-type", "application/x-www-form-urlencoded")).set_payload(body.to_owned())
}

/// GHSA-mwmh-7px9-4c23: links and forms that follow the `Host` of a request.
#[actix_web::test]
async fn ghsa_mwmh_7px9_4c23_no_page_depends_on_the_host_of_the_request() {
    let world = World::new().await;
    for path in ["/verify", "/reset", "/change-email", "/not-me"] {
        let ask = |host: &'static str| ANONYMOUS.get(&format!("{path}?token=t")).insert_header(("host", host));
        let (one, other) = (world.send(ask("evil.example.com")).await, world.send(ask("id.example.com")).await);
        assert_eq!(one.body, other.body);
        assert!(!String::from_utf8_lossy(&one.body).contains("example.com"));
    }
}

#[actix_web::test]
async fn a_page_loads_nothing_and_sends_its_form_here_alone() {
    let world = World::new().await;
    for path in ["/verify", "/reset", "/change-email", "/not-me"] {
        let page = world.send(ANONYMOUS.get(&format!("{path}?token=t"))).await;
        assert_eq!(page.outcome(), "200", "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"), "{policy}");
        let expected = [("referrer-policy", "no-referrer"), ("cache-control", "no-store"), ("x-frame-options", "DENY")];
        assert_eq!(expected.map(|(name, _)| page.header(name)), expected.map(|(_, value)| value), "{path}");
        let html = String::from_utf8(page.body.to_vec()).unwrap();
        for outside in ["<script", "http:", "https:", "src=", "href="] {
            assert!(!html.contains(outside), "{path}: {outside}");
        }
    }
}

#[actix_web::test]
async fn a_link_without_its_token_and_one_that_is_spent_are_explained() {
    let world = World::new().await;
    world.account("ann").await;
    let bare = world.send(ANONYMOUS.get("/verify")).await;
    assert_eq!(bare.status.as_u16(), 400);
    assert!(String::from_utf8_lossy(&bare.body).contains("incomplete"));
    let token = world.verification_token("ann").await;
    let body = format!("token={token}");
    assert_eq!(world.send(form("/verify", &body)).await.status.as_u16(), 200);
    let again = world.send(form("/verify", &body)).await;
    assert_eq!(again.status.as_u16(), 400);
    assert!(String::from_utf8_lossy(&again.body).contains("no longer valid"));
    for (path, body) in [("/reset", "token=&password=x"), ("/not-me", ""), ("/change-email", "x=y")] {
        assert_eq!(world.send(form(path, body)).await.status.as_u16(), 400, "{path}");
    }
}

#[actix_web::test]
async fn each_page_does_what_its_link_is_for() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let token = world.reset_token("ann").await;
    let weak = world.send(form("/reset", &format!("token={token}&password=short"))).await;
    assert_eq!(weak.status.as_u16(), 422);
    assert!(String::from_utf8_lossy(&weak.body).contains(&token), "the form is there again");
    let set = form("/reset", &format!("token={token}&password={OTHER_PASSWORD}"));
    assert_eq!(world.send(set).await.status.as_u16(), 200);
    assert_eq!(world.outcome(login("ann", OTHER_PASSWORD)).await, "200");
    assert_eq!(world.outcome(ann.get("/api/v1/users/me")).await, "401 invalid_token");

    let bob = world.person("bob", &[]).await;
    let token = world.change_token(&bob, "smith").await;
    assert_eq!(world.send(form("/change-email", &format!("token={token}"))).await.status.as_u16(), 200);
    let accounts: &dyn Accounts = &*world.services;
    assert!(accounts.find(&super::world::operator(), "smith@example.com").await.unwrap().email_verified);

    let token = world.report_token("smith").await;
    assert_eq!(world.send(form("/not-me", &format!("token={token}"))).await.status.as_u16(), 200);
    assert_eq!(world.outcome(login("bob", OTHER_PASSWORD)).await, "401 invalid_credentials");
}

/// A page is for people; programs get a problem document from the API.
#[actix_web::test]
async fn a_form_of_json_is_no_form() {
    let world = World::new().await;
    let json = ANONYMOUS.post("/verify", &serde_json::json!({"token": "t"}));
    assert_eq!(world.outcome(json).await, "415 unsupported_media_type");
}
