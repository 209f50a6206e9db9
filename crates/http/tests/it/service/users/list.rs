//! `GET /api/v1/users`
use crate::actors::ANONYMOUS;
use crate::service::world::{Person, World, account};
use doorward_ports::inbound::NewAccount;
use serde_json::{Value, json};

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

async fn listed(world: &World, admin: &Person, query: &str) -> Vec<String> {
    names(&world.json(admin.get(&format!("/api/v1/users?{query}"))).await)
}

/// All pages of a list, one after the other; `between` happens after each.
async fn walked(world: &World, admin: &Person, query: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for page in 1.. {
        let answer = world.json(admin.get(&format!("/api/v1/users?limit=2&{query}{cursor}"))).await;
        seen.extend(names(&answer));
        let Some(next) = answer["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        between(page).await;
    }
    seen
}

#[actix_web::test]
async fn nobody_can_list_accounts() {
    let answer = World::new().await.outcome(ANONYMOUS.get("/api/v1/users")).await;
    assert_eq!(answer, "401 authentication_required");
}

#[actix_web::test]
async fn the_newest_come_first_unless_another_order_is_asked_for() {
    let world = World::new().await;
    let admin = world.admin().await;
    for name in ["carl", "ann", "bob"] {
        world.passwordless(name).await;
    }
    for (query, expected) in [
        ("", ["bob", "ann", "carl", "admin"]),
        ("sort=created_at", ["admin", "carl", "ann", "bob"]),
        ("sort=email", ["admin", "ann", "bob", "carl"]),
        ("sort=-email", ["carl", "bob", "ann", "admin"]),
    ] {
        assert_eq!(listed(&world, &admin, query).await, expected, "{query}");
        assert_eq!(walked(&world, &admin, query, async |_| {}).await, expected, "{query}, page by page");
    }
}

#[actix_web::test]
async fn filters_narrow_the_list() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.role("support", &[]).await;
    world.add(NewAccount { is_active: false, ..account("ann") }).await;
    world.add(NewAccount { roles: vec!["support".to_owned()], ..account("annika") }).await;
    for (query, expected) in [
        ("email=ANN@example.com", vec!["ann"]),
        ("username=Annika", vec!["annika"]),
        ("q=ann", vec!["ann", "annika"]),
        ("is_active=false", vec!["ann"]),
        ("is_active=true", vec!["annika", "admin"]),
        ("role=support", vec!["annika"]),
        ("role=support&is_active=false", vec![]),
        ("role=ghosts", vec![]),
        ("q=%25", vec![]),
        ("q=_nn", vec![]),
    ] {
        assert_eq!(listed(&world, &admin, query).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn accounts_that_come_and_go_neither_hide_nor_repeat_one_that_stays() {
    let world = World::new().await;
    let admin = world.admin().await;
    for name in ["ann", "bob", "carl", "dora", "emil", "fay"] {
        world.passwordless(name).await;
    }
    let last_seen = world.json(admin.get("/api/v1/users?email=emil@example.com")).await["items"][0]["id"].clone();
    let between = async |page| match page {
        // The very one that the cursor stands at.
        1 => assert_eq!(
            world.outcome(admin.delete(&format!("/api/v1/users/{}", last_seen.as_str().unwrap()))).await,
            "204"
        ),
        _ => drop(world.passwordless(&format!("late{page}")).await),
    };
    let seen = walked(&world, &admin, "", between).await;
    assert_eq!(seen, ["fay", "emil", "dora", "carl", "bob", "ann", "admin"]);
}

#[actix_web::test]
async fn a_cursor_belongs_to_its_order() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.passwordless("ann").await;
    let cursor = world.json(admin.get("/api/v1/users?limit=1")).await["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap();
    for path in ["users?sort=email&", "users?sort=created_at&", "roles?", "permissions?"] {
        let answer = world.outcome(admin.get(&format!("/api/v1/{path}cursor={cursor}"))).await;
        assert_eq!(answer, "400 invalid_cursor", "{path}");
    }
}

#[actix_web::test]
async fn what_cannot_be_asked_for_is_told_by_its_parameter() {
    let world = World::new().await;
    let admin = world.admin().await;
    for (query, fault) in [
        ("email=ann", "/email invalid_email"),
        ("username=%40", "/username invalid_username"),
        ("role=No%20Role", "/role invalid_role_name"),
        ("sort=name", "/sort invalid_sort"),
        ("q=a&sort=created_at", "/sort invalid_sort"),
        ("limit=101", "/limit out_of_range"),
    ] {
        let answer = world.send(admin.get(&format!("/api/v1/users?{query}"))).await;
        assert_eq!(answer.faults(), [fault], "{query}");
    }
    assert_eq!(world.json(admin.get("/api/v1/users?limit=100")).await["next_cursor"], json!(null));
}
