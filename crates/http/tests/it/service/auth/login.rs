//! `/api/v1/auth/login`
use crate::actors::{ANONYMOUS, Actor};
use crate::service::world::{MINUTE, OTHER_PASSWORD, PASSWORD, WRONG_PASSWORD, World, account, claims, login};
use doorward_application::RateLimits;
use doorward_domain::Quota;
use doorward_ports::inbound::NewAccount;
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::json;
use std::num::NonZeroU32;
use std::time::Duration;

#[actix_web::test]
async fn the_right_password_opens_a_session() {
    let world = World::new().await;
    world.account("ann").await;
    let answer = world.send(login("ann", PASSWORD)).await;
    assert_eq!((answer.outcome().as_str(), answer.header("cache-control")), ("200", "no-store"));
    assert_json_snapshot!(answer.json(), {
        ".access_token" => "[token]", ".refresh_token" => "[token]", ".session_id" => "[session]", ".user_id" => "[user]",
    }, @r#"
    {
      "access_token": "[token]",
      "expires_in": 900,
      "is_new_user": true,
      "refresh_expires_in": 604800,
      "refresh_token": "[token]",
      "session_id": "[session]",
      "token_type": "Bearer",
      "user_id": "[user]"
    }
    "#);
}

#[actix_web::test]
async fn the_access_token_says_who_may_what_and_for_how_long() {
    let world = World::new().await;
    world.role("support", &["users:read"]).await;
    let ann = world.person("ann", &["support"]).await;
    let said = claims(&ann.access_token);
    assert_eq!((&said["sub"], &said["sid"]), (&json!(ann.account.id), &json!(ann.session)));
    assert_json_snapshot!(said, { ".sub" => "[user]", ".sid" => "[session]", ".jti" => "[token id]" }, @r#"
    {
      "acr": "aal1",
      "amr": [
        "pwd"
      ],
      "aud": "https://api.example.com",
      "auth_time": 1767225600,
      "client_id": "doorward",
      "email": "ann@example.com",
      "email_verified": true,
      "exp": 1767226500,
      "iat": 1767225600,
      "iss": "https://accounts.example.com",
      "jti": "[token id]",
      "nbf": 1767225600,
      "permissions": [
        "users:read"
      ],
      "provider": "local",
      "roles": [
        "support",
        "user"
      ],
      "sid": "[session]",
      "sub": "[user]",
      "token_use": "access"
    }
    "#);
}

#[actix_web::test]
async fn the_refresh_token_is_for_its_endpoint_and_says_nothing_of_permissions() {
    let world = World::new().await;
    let ann = world.person("ann", &["admin"]).await;
    let said = claims(&ann.refresh_token);
    assert_json_snapshot!(said, { ".sub" => "[user]", ".sid" => "[session]", ".jti" => "[token id]" }, @r#"
    {
      "acr": "aal1",
      "amr": [
        "pwd"
      ],
      "aud": "https://accounts.example.com/api/v1/auth/refresh",
      "auth_time": 1767225600,
      "client_id": "doorward",
      "email": "ann@example.com",
      "email_verified": true,
      "exp": 1767830400,
      "iat": 1767225600,
      "iss": "https://accounts.example.com",
      "jti": "[token id]",
      "nbf": 1767225600,
      "provider": "local",
      "roles": [
        "admin",
        "user"
      ],
      "sid": "[session]",
      "sub": "[user]",
      "token_use": "refresh"
    }
    "#);
}

#[actix_web::test]
async fn address_and_username_are_taken_in_any_case_and_by_any_name() {
    let world = World::new().await;
    world.account("ann").await;
    for (field, name) in [("identifier", "ANN"), ("username", "Ann"), ("email", "Ann@EXAMPLE.com"), ("email", " ann ")]
    {
        let answer =
            world.send(ANONYMOUS.post("/api/v1/auth/login", &json!({field: name, "password": PASSWORD}))).await;
        assert_eq!(answer.outcome(), "200", "{field} {name}");
    }
}

/// OWASP ASVS 6.3.8: who guesses names learns nothing.
#[actix_web::test]
async fn unknown_wrong_and_locked_are_answered_in_the_same_words() {
    let world = World::new().await;
    world.account("ann").await;
    let unknown = world.send(login("nobody", PASSWORD)).await;
    let wrong = world.send(login("ann", WRONG_PASSWORD)).await;
    for _ in 0..4 {
        assert_eq!(world.outcome(login("ann", WRONG_PASSWORD)).await, "401 invalid_credentials");
    }
    let locked = world.send(login("ann", PASSWORD)).await;
    let told = [&unknown, &wrong, &locked].map(|answer| {
        let mut told = answer.json();
        told["correlation_id"] = json!("[correlation]");
        (answer.outcome(), answer.header("www-authenticate").to_owned(), told)
    });
    assert_eq!((&told[0], &told[1]), (&told[1], &told[2]));
    assert_eq!([&unknown, &wrong, &locked].map(|answer| answer.header("retry-after")), ["", "", "900"]);
    assert_json_snapshot!(told[2], @r#"
    [
      "401 invalid_credentials",
      "Bearer realm=\"doorward\"",
      {
        "code": "invalid_credentials",
        "correlation_id": "[correlation]",
        "detail": "The identifier or the password is wrong.",
        "instance": "/api/v1/auth/login",
        "status": 401,
        "title": "Invalid credentials",
        "type": "https://doorward.dev/problems/invalid_credentials"
      }
    ]
    "#);
}

#[actix_web::test]
async fn a_lock_opens_after_its_time_and_holds_for_its_network_alone() {
    let world = World::new().await;
    world.account("ann").await;
    for _ in 0..5 {
        world.send(login("ann", WRONG_PASSWORD)).await;
    }
    let elsewhere = login("ann", PASSWORD).peer_addr("198.51.100.20:4711".parse().unwrap());
    assert_eq!(world.outcome(elsewhere).await, "200");
    world.advance(14 * MINUTE);
    let still = world.send(login("ann", PASSWORD)).await;
    assert_eq!((still.outcome().as_str(), still.header("retry-after")), ("401 invalid_credentials", "60"));
    world.advance(MINUTE);
    assert_eq!(world.outcome(login("ann", PASSWORD)).await, "200");
}

#[actix_web::test]
async fn that_an_account_is_disabled_or_unverified_is_told_after_the_right_password_only() {
    let world = World::by(|policies| policies.registration.require_verified_email = true).await;
    world.add(NewAccount { is_active: false, ..account("disabled") }).await;
    world.add(NewAccount { email_verified: false, ..account("unverified") }).await;
    for (name, told) in [("disabled", "403 account_disabled"), ("unverified", "403 email_unverified")] {
        assert_eq!(world.outcome(login(name, WRONG_PASSWORD)).await, "401 invalid_credentials", "{name}");
        assert_eq!(world.outcome(login(name, PASSWORD)).await, told, "{name}");
    }
}

#[actix_web::test]
async fn an_account_without_a_password_opens_to_none() {
    let world = World::new().await;
    world.passwordless("ann").await;
    for password in ["", PASSWORD] {
        assert_eq!(world.outcome(login("ann", password)).await, "401 invalid_credentials", "{password:?}");
    }
}

#[actix_web::test]
async fn each_sign_in_is_a_session_of_its_own() {
    let world = World::new().await;
    let (first, second) = (world.ann().await, world.session_of("ann").await);
    assert_ne!(first.session, second.session);
    assert_eq!(world.outcome(first.get("/api/v1/users/me")).await, "200");
    let seen = world.json(second.get("/api/v1/users/me")).await["last_sign_in_at"].clone();
    assert_snapshot!(seen.as_str().unwrap(), @"2026-01-01T00:00:00.003000Z");
}

#[actix_web::test]
async fn the_session_remembers_where_from_and_with_what_it_was_opened() {
    let world = World::new().await;
    world.account("ann").await;
    let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let request = login("ann", PASSWORD).insert_header(("user-agent", firefox));
    let pair = world.json(request.peer_addr("[2001:db8::7]:4711".parse().unwrap())).await;
    let ann = Actor::with(pair["access_token"].as_str().unwrap());
    let session = world.json(ann.get("/api/v1/users/me/sessions")).await["items"][0].clone();
    assert_eq!(session["id"], pair["session_id"]);
    let told = ["address", "device", "user_agent", "current"].map(|field| session[field].clone());
    assert_eq!(told, [json!("2001:db8::7"), json!("Firefox on Windows"), json!(firefox), json!(true)]);
}

#[actix_web::test]
async fn what_cannot_be_a_password_is_refused_by_its_field() {
    let world = World::new().await;
    let long = world.send(login("ann", &"a".repeat(1025))).await;
    assert_eq!(long.faults(), ["/password password_too_long"]);
    let none = world.send(ANONYMOUS.post("/api/v1/auth/login", &json!({"identifier": "ann"}))).await;
    assert_eq!(none.faults(), ["/password required"]);
}

/// draft-ietf-httpapi-ratelimit-headers, section on `RateLimit`: what remains, also after a right password has given its
/// count back.
#[actix_web::test]
async fn an_answer_to_a_password_says_what_remains_for_the_next() {
    let day = Quota { limit: NonZeroU32::new(10).unwrap(), per: Duration::from_hours(24) };
    let limits = RateLimits { login: day, auth: day, api: day, admin: day, public: day };
    let world = World::by(|policies| policies.limits = Some(limits)).await;
    let ann = world.ann().await;
    let again = |password: &str| ann.post("/api/v1/auth/reauthenticate", &json!({"password": password}));
    let change = json!({"current_password": PASSWORD, "new_password": OTHER_PASSWORD});
    let registration = json!({"email": "bob@example.com", "password": PASSWORD});
    for (request, outcome, state) in [
        (login("ann", PASSWORD), "200", r#""login";r=10;t=0"#),
        (login("ann", WRONG_PASSWORD), "401 invalid_credentials", r#""login";r=9;t=8640"#),
        (login("ann", PASSWORD), "200", r#""login";r=9;t=8640"#),
        (again(PASSWORD), "200", r#""login";r=9;t=8640"#),
        (again(WRONG_PASSWORD), "403 wrong_password", r#""login";r=8;t=17280"#),
        (ann.post("/api/v1/users/me/password", &change), "204", r#""login";r=8;t=17280"#),
        (ANONYMOUS.post("/api/v1/auth/register", &registration), "201", r#""login";r=7;t=25920"#),
    ] {
        let answer = world.send(request).await;
        assert_eq!((answer.outcome().as_str(), answer.header("ratelimit")), (outcome, state));
    }
}
