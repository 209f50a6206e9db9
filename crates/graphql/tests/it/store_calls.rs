//! However many accounts a page has, the store is asked as often.
use crate::world::{Person, World};
use doorward_ports::outbound::StoreOperation;

const PAGE: &str = "{ users(first: 100) { edges { node { id email roleNames roles { name permissions } } } } }";

async fn calls(world: &World, admin: &Person) -> Vec<StoreOperation> {
    world.store_calls();
    let page = world.data(Some(admin), PAGE).await;
    for edge in page["users"]["edges"].as_array().unwrap() {
        let of = |list: &str| edge["node"][list].as_array().unwrap().len();
        assert_eq!(of("roles"), of("roleNames"), "every role was found");
    }
    world.store_calls()
}

#[tokio::test]
async fn a_page_of_users_with_their_roles_needs_as_many_store_calls_for_fifty_as_for_two() {
    let world = World::new().await;
    let admin = world.admin().await;
    for role in ["r0", "r1", "r2", "r3"] {
        world.role(role, &["users:read"]).await;
    }
    world.person("ann", &["r0"]).await;
    let few = calls(&world, &admin).await;
    for place in 0..48 {
        let (one, other) = (format!("r{}", place % 4), format!("r{}", (place + 1) % 4));
        world.person(&format!("n{place}"), &[&one, &other]).await;
    }
    let many = calls(&world, &admin).await;
    assert_eq!(few, many);
    assert_eq!(many.iter().filter(|call| **call == StoreOperation::Role).count(), 1, "{many:?}");
}
