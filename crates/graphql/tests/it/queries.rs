use crate::world::{World, code};
use doorward_ports::access::Operation;
use serde_json::{Value, json};

#[tokio::test]
async fn me_is_what_rest_shows_of_it() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    let me = world.data(Some(&ann), "{ me { id email emailVerified username roleNames isActive externalId } }").await;
    let shown = json!({"id": ann.id, "email": "ann@example.com", "emailVerified": true, "username": "ann",
        "roleNames": ["user"], "isActive": true, "externalId": null});
    assert_eq!(me["me"], shown);
}

#[tokio::test]
async fn without_a_token_each_field_is_refused_by_itself() {
    let world = World::new().await;
    let answer = world.ask(None, "{ me { id } providers { name } users { edges { node { id } } } }").await;
    assert_eq!(answer["data"], json!({"me": null, "providers": [{"name": "local"}], "users": null}));
    let errors = answer["errors"].as_array().unwrap();
    let told: Vec<_> = errors.iter().map(|error| (&error["path"][0], &error["extensions"]["code"])).collect();
    let required = json!("authentication_required");
    assert_eq!(told, [(&json!("me"), &required), (&json!("users"), &required)]);
    assert_eq!(errors[0]["extensions"]["status"], 401);
}

#[tokio::test]
async fn a_token_that_is_no_good_is_refused_as_one() {
    let world = World::new().await;
    let answered = world.answer(Some("garbage"), "{ me { id } providers { name } }", json!({})).await;
    let answer = crate::world::read(&answered);
    assert_eq!(code(&answer), "invalid_token");
    assert_eq!(answer["data"]["providers"], json!([{"name": "local"}]), "a sign-in does not look at the token");
}

#[tokio::test]
async fn a_token_of_an_ended_session_is_looked_up_once_and_counted_for_each_field() {
    let world = World::new().await;
    let ann = world.person("ann", &[]).await;
    world.data(Some(&ann), "mutation { signOut { done } }").await;
    let mut calls = Vec::new();
    for document in ["{ a: me { id } }", "{ a: me { id } b: me { id } c: me { id } }"] {
        world.asked();
        world.store_calls();
        let answer = world.ask(Some(&ann), document).await;
        let errors = answer["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "invalid_token"), "{answer}");
        assert_eq!(world.asked(), vec![Operation::ReadOwnAccount; errors.len()]);
        calls.push(world.store_calls());
    }
    assert_eq!(calls[0], calls[1]);
}

#[tokio::test]
async fn the_roles_of_a_page_are_asked_for_once_also_when_they_are_refused() {
    let world = World::new().await;
    world.role("reader", &["users:read"]).await;
    let reader = world.person("reader", &["reader"]).await;
    world.person("bob", &[]).await;
    world.asked();
    let answer = world.ask(Some(&reader), "{ users { edges { node { roles { name } } } } }").await;
    assert_eq!(answer["errors"].as_array().unwrap().len(), 2);
    assert_eq!(code(&answer), "permission_denied");
    assert_eq!(world.asked(), [Operation::ListUsers, Operation::ReadRole]);
}

#[tokio::test]
async fn pages_of_users_are_read_one_after_the_other() {
    let world = World::new().await;
    let admin = world.admin().await;
    for name in ["ann", "bob", "cid"] {
        world.person(name, &[]).await;
    }
    let document = "query($after: String) { users(first: 2, after: $after, orderBy: EMAIL) {
        edges { cursor node { email } } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let answered = world.answer(Some(&admin.access_token), document, json!({"after": after})).await;
        let users = crate::world::read(&answered)["data"]["users"].take();
        let edges = users["edges"].as_array().unwrap();
        found.extend(edges.iter().map(|edge| edge["node"]["email"].as_str().unwrap().to_owned()));
        assert_eq!(edges.last().unwrap()["cursor"], users["pageInfo"]["endCursor"]);
        assert_eq!(users["pageInfo"]["hasNextPage"], !users["pageInfo"]["endCursor"].is_null());
        pages += 1;
        after = users["pageInfo"]["endCursor"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(found, ["admin@example.com", "ann@example.com", "bob@example.com", "cid@example.com"]);
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn users_are_filtered_as_in_rest() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.person("ann", &[]).await;
    for (filter, found) in [
        (r#"{email: "ANN@example.com"}"#, json!(["ann"])),
        (r#"{username: "ann"}"#, json!(["ann"])),
        (r#"{search: "ad"}"#, json!(["admin"])),
        (r#"{role: "admin"}"#, json!(["admin"])),
        ("{isActive: false}", json!([])),
    ] {
        let document = format!("{{ users(filter: {filter}) {{ edges {{ node {{ username }} }} }} }}");
        let users = world.data(Some(&admin), &document).await;
        let names: Vec<_> =
            users["users"]["edges"].as_array().unwrap().iter().map(|it| &it["node"]["username"]).collect();
        assert_eq!(json!(names), found, "{filter}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_page_is_told_by_the_name_of_its_argument() {
    let world = World::new().await;
    let admin = world.admin().await;
    let answer = world.ask(Some(&admin), "{ users(first: 0) { edges { node { id } } } }").await;
    assert_eq!(code(&answer), "validation_failed");
    assert_eq!(answer["errors"][0]["extensions"]["fields"][0]["pointer"], "/first");
    let answer = world.ask(Some(&admin), r#"{ users(after: "nonsense") { edges { node { id } } } }"#).await;
    assert_eq!(code(&answer), "invalid_cursor");
    assert_eq!(answer["data"], json!({"users": null}));
}

#[tokio::test]
async fn a_node_is_found_by_its_id() {
    let world = World::new().await;
    let admin = world.admin().await;
    let ann = world.person("ann", &[]).await;
    let document =
        "query($id: ID!) { node(id: $id) { __typename id ... on User { email } ... on Role { permissions } } }";
    for (id, found) in [
        (ann.id.as_str(), json!({"__typename": "User", "id": ann.id, "email": "ann@example.com"})),
        ("role:user", json!({"__typename": "Role", "id": "role:user", "permissions": []})),
    ] {
        let answered = world.answer(Some(&admin.access_token), document, json!({"id": id})).await;
        assert_eq!(crate::world::read(&answered)["data"]["node"], found);
    }
    for (id, refusal) in [("nobody", "user_not_found"), ("role:none", "role_not_found"), ("role:A B", "role_not_found")]
    {
        let answered = world.answer(Some(&admin.access_token), document, json!({"id": id})).await;
        assert_eq!(code(&crate::world::read(&answered)), refusal);
    }
}

#[tokio::test]
async fn the_caller_is_identified_once_and_counted_for_each_field() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.asked();
    world.data(Some(&admin), "{ a: me { id } b: me { id } roles { edges { node { name } } } }").await;
    let own = Operation::ReadOwnAccount;
    assert_eq!(world.asked(), [own, own, Operation::ListRoles]);
}

#[tokio::test]
async fn sessions_are_ones_own_and_those_of_others_need_the_permission() {
    let world = World::new().await;
    let admin = world.admin().await;
    let ann = world.person("ann", &[]).await;
    let own = world.data(Some(&ann), "{ sessions { edges { node { id current address } } } }").await;
    let shown = json!({"id": ann.session, "current": true, "address": "203.0.113.9"});
    assert_eq!(own["sessions"]["edges"], json!([{"node": shown}]));
    let document = format!("{{ userSessions(userId: \"{}\") {{ edges {{ node {{ id current }} }} }} }}", ann.id);
    assert_eq!(code(&world.ask(Some(&ann), &document).await), "permission_denied");
    let others = world.data(Some(&admin), &document).await;
    assert_eq!(others["userSessions"]["edges"], json!([{"node": {"id": ann.session, "current": false}}]));
}

#[tokio::test]
async fn the_audit_log_is_read_by_its_filters() {
    let world = World::new().await;
    let admin = world.admin().await;
    let document = r#"{ auditEvents(first: 5, filter: {action: "session.sign_in", outcome: "success"}) {
        edges { node { action outcome actor accountId details address } } } }"#;
    let events = world.data(Some(&admin), document).await;
    let event = &events["auditEvents"]["edges"][0]["node"];
    assert_eq!((&event["action"], &event["accountId"]), (&json!("session.sign_in"), &json!(admin.id)));
    assert!(serde_json::from_str::<Value>(event["details"].as_str().unwrap()).unwrap().is_object());
}
