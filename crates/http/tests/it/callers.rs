//! Who a request is taken to come from.
use crate::actors::{ANN, ANONYMOUS};
use crate::world::World;

#[actix_web::test]
async fn a_bearer_token_names_the_caller_in_any_case_of_the_scheme() {
    let world = World::new();
    let request = ANONYMOUS.get("/api/v1/users/me").insert_header(("authorization", "bEaReR ann-token"));
    assert_eq!(world.send(request).await.status, 200);
    assert_eq!(world.fake.calls(), ["own as ann from 203.0.113.9 with None"]);
}

#[actix_web::test]
async fn a_refused_token_is_401_and_named_as_such() {
    let request = ANONYMOUS.get("/api/v1/users/me").insert_header(("authorization", "Bearer forged"));
    let answer = World::new().send(request).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (401, "invalid_token"));
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="doorward", error="invalid_token""#);
}

#[actix_web::test]
async fn two_authorization_headers_are_401() {
    let request = ANN.get("/api/v1/users/me").append_header(("authorization", "Bearer admin-token"));
    assert_eq!(World::new().send(request).await.problem(), "invalid_token");
}

/// RFC 6750 §2.3 allows it and warns of it: query strings end up in logs and histories.
#[actix_web::test]
async fn a_token_in_the_query_is_not_read() {
    let world = World::new();
    let answer = world.send(ANONYMOUS.get("/api/v1/users/me?access_token=ann-token")).await;
    assert_eq!(answer.outcome(), "401 authentication_required");
    assert_eq!(world.fake.calls(), [] as [String; 0]);
}

/// GHSA-xmf8-cvqr-rfgj: malformed headers must not panic.
#[actix_web::test]
async fn headers_that_are_not_text_are_no_fault_of_ours() {
    let world = World::new();
    let raw = actix_web::http::header::HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    let names = ["authorization", "user-agent", "x-correlation-id", "x-forwarded-for", "forwarded", "if-none-match"];
    for name in names {
        let answer = world.send(ANONYMOUS.get("/api/v1/users/me").insert_header((name, raw.clone()))).await;
        assert!(!answer.status.is_server_error(), "{name}: {}", answer.status);
    }
    for name in ["content-type", "content-length", "content-encoding", "if-match", "accept-encoding"] {
        let request = ANN.patch("/api/v1/users/me", &serde_json::json!({})).insert_header((name, raw.clone()));
        let answer = world.send(request).await;
        assert!(!answer.status.is_server_error(), "{name}: {}", answer.status);
    }
}

#[actix_web::test]
async fn the_user_agent_is_cut_at_512_characters() {
    let world = World::new();
    world.send(ANN.get("/api/v1/users/me").insert_header(("user-agent", "a".repeat(600)))).await;
    let cut = format!("own as ann from 203.0.113.9 with Some(\"{}\")", "a".repeat(512));
    assert_eq!(world.fake.calls(), [cut]);
}
