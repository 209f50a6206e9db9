//! Pages, filters and cursors.
use crate::actors::{ADMIN, ANN};
use crate::world::World;
use serde_json::Value;

#[actix_web::test]
async fn a_cursor_comes_back_as_it_was_given() {
    let world = World::new();
    world.fake.have_more();
    let first = world.send(ADMIN.get("/api/v1/roles?limit=1")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    world.send(ADMIN.get(&format!("/api/v1/roles?cursor={cursor}"))).await;
    assert_eq!(world.fake.calls(), ["list roles from the first Limit(1)", "list roles after name:é Limit(20)"]);
}

#[actix_web::test]
async fn the_last_page_has_a_null_cursor() {
    let page = World::new().send(ANN.get("/api/v1/users/me/sessions")).await.json();
    assert_eq!(page["next_cursor"], Value::Null);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_made_up_cursor_is_400() {
    let world = World::new();
    for bad in ["%20", "****", "_w", "AAA=", "AA"] {
        let answer = world.send(ADMIN.get(&format!("/api/v1/users?cursor={bad}"))).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "invalid_cursor"), "{bad}");
    }
}

/// rauthy #1165: a page size of 0.
#[actix_web::test]
async fn a_limit_that_is_no_number_from_1_to_100_is_422() {
    let world = World::new();
    for bad in ["0", "101", "-1", "many", "", "1.5", "99999999999999999999"] {
        let answer = world.send(ADMIN.get(&format!("/api/v1/permissions?limit={bad}"))).await;
        assert_eq!((answer.status.as_u16(), answer.fault().0.as_str()), (422, "/limit"), "{bad}");
    }
}

#[actix_web::test]
async fn an_unknown_or_doubled_parameter_is_422() {
    let world = World::new();
    let unknown = world.send(ADMIN.get("/api/v1/users?mail=ann@example.com")).await;
    assert_eq!(unknown.fault(), ("/mail".to_owned(), "unknown_field".to_owned()));
    let doubled = world.send(ADMIN.get("/api/v1/users?limit=1&limit=2")).await;
    assert_eq!(doubled.fault(), ("/limit".to_owned(), "duplicate_field".to_owned()));
    let wrong = world.send(ADMIN.get("/api/v1/users?is_active=yes")).await;
    assert_eq!(wrong.fault(), ("/is_active".to_owned(), "invalid_type".to_owned()));
    let nul = world.send(ADMIN.get("/api/v1/users?q=a%00b")).await;
    assert_eq!(nul.fault(), ("/q".to_owned(), "invalid_value".to_owned()));
}

#[actix_web::test]
async fn every_filter_reaches_the_use_case() {
    let world = World::new();
    let query = "email=a%40b.cd&username=ann&q=a&is_active=false&role=admin&sort=-email&limit=5";
    assert_eq!(world.send(ADMIN.get(&format!("/api/v1/users?{query}"))).await.status, 200);
    let call = "list Some(\"a@b.cd\") Some(\"ann\") Some(\"a\") UserQuery { email: Some(Personal(…)), \
                username: Some(Personal(…)), search: Some(Personal(…)), is_active: Some(false), role: Some(\"admin\"), sort: Some(\"-email\"), cursor: None, limit: Limit(5) }";
    assert_eq!(world.fake.calls(), [call]);
}

#[actix_web::test]
async fn every_filter_of_the_audit_log_reaches_the_use_case() {
    let world = World::new();
    let query = "actor=operator&subject=role%3Aa&action=role.created&outcome=success&account=a&from=b&to=c";
    for (path, what, more) in
        [("/api/v1/audit/events", "list", " from the first Limit(20)"), ("/api/v1/audit/events/export", "export", "")]
    {
        assert_eq!(world.send(ADMIN.get(&format!("{path}?{query}"))).await.status, 200);
        let call = format!(
            "{what} AuditQuery {{ actor: Some(\"operator\"), subject: Some(\"role:a\"), action: Some(\"role.created\"), \
             outcome: Some(\"success\"), account: Some(\"a\"), from: Some(\"b\"), to: Some(\"c\") }}{more}"
        );
        assert_eq!(world.fake.calls().last(), Some(&call));
    }
}

#[actix_web::test]
async fn own_activity_takes_a_page_and_no_filter() {
    let world = World::new();
    let page = world.send(ANN.get("/api/v1/users/me/activity?limit=3")).await.json();
    assert_eq!((&page["items"][0]["by"], &page["items"][0]["address"]), (&"administrator".into(), &Value::Null));
    assert_eq!(world.fake.calls(), ["own activity from the first Limit(3)"]);
    let filtered = world.send(ANN.get("/api/v1/users/me/activity?actor=operator")).await;
    assert_eq!(filtered.fault(), ("/actor".to_owned(), "unknown_field".to_owned()));
}
