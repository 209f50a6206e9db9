//! What every answer carries.
use crate::actors::{ADMIN, ANN, ANONYMOUS};
use crate::world::World;
use actix_web::http::Method;

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let world = World::new();
    for path in ["/api/v1/users/me", "/nowhere", "/health/live", "/openapi.json", "/.well-known/jwks.json"] {
        let answer = world.send(ANN.get(path)).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
        let policy = "default-src 'none'; frame-ancestors 'none'";
        assert_eq!(answer.header("content-security-policy"), policy, "{path}");
    }
}

#[actix_web::test]
async fn hsts_is_sent_only_where_people_come_by_https() {
    let answer = World::with(|options| options.secure = false).send(ANONYMOUS.get("/health/live")).await;
    assert_eq!(answer.header("strict-transport-security"), "");
}

#[actix_web::test]
async fn nothing_under_the_api_is_stored_and_keys_are() {
    let world = World::new();
    for path in ["/api/v1/users/me", "/api/v1/users", "/api/v1/nowhere"] {
        assert_eq!(world.send(ANN.get(path)).await.header("cache-control"), "no-store", "{path}");
    }
    let keys = world.send(ANONYMOUS.get("/.well-known/jwks.json")).await;
    assert_eq!((keys.status.as_u16(), keys.header("cache-control")), (200, "public, max-age=300"));
    let tag = keys.header("etag").to_owned();
    let again =
        world.send(ANONYMOUS.get("/.well-known/jwks.json").insert_header(("if-none-match", tag.as_str()))).await;
    assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, tag.as_str()));
}

#[actix_web::test]
async fn head_answers_as_get_without_the_body() {
    let world = World::new();
    for path in ["/health/live", "/api/v1/users/me", "/nowhere"] {
        let get = world.send(ANN.get(path)).await;
        let head = world.send(ANN.asks(Method::HEAD, path)).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[actix_web::test]
async fn long_answers_are_compressed_when_asked() {
    let request = ANONYMOUS.get("/openapi.json").insert_header(("accept-encoding", "gzip"));
    let answer = World::new().send(request).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    // RFC 9110 §12.5.5: a list, in one line or several.
    let mut varies = answer.headers.get_all("vary").flat_map(|line| line.to_str().unwrap().split(", "));
    assert!(varies.any(|name| name == "accept-encoding"), "{:?}", answer.headers);
}

/// CVE-2023-49097, CVE-2025-64101: links are made from the configured address, never from what a request says.
#[actix_web::test]
async fn a_forged_host_reaches_no_link() {
    let request = ADMIN
        .post("/api/v1/roles", &serde_json::json!({"name": "support"}))
        .insert_header(("host", "evil.example.com"))
        .insert_header(("x-forwarded-host", "evil.example.com"));
    let answer = World::new().send(request).await;
    assert_eq!(answer.header("location"), "https://accounts.example.com/api/v1/roles/support");
}
