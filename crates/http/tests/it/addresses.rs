//! The client's address through proxies.
use crate::actors::ANN;
use crate::world::World;

#[actix_web::test]
async fn a_listed_proxy_is_believed() {
    let world = World::with(|options| options.trusted_proxies = vec!["203.0.113.0/24".parse().unwrap()]);
    world.send(ANN.get("/api/v1/users/me").insert_header(("x-forwarded-for", "6.6.6.6, 198.51.100.7"))).await;
    world.send(ANN.get("/api/v1/users/me").insert_header(("forwarded", "for=\"[2001:db8::7]:80\""))).await;
    let from = ["own as ann from 198.51.100.7 with None", "own as ann from 2001:db8::7 with None"];
    assert_eq!(world.fake.calls(), from);
}

#[actix_web::test]
async fn anybody_else_is_not() {
    let world = World::new();
    world.send(ANN.get("/api/v1/users/me").insert_header(("x-forwarded-for", "6.6.6.6"))).await;
    assert_eq!(world.fake.calls(), ["own as ann from 203.0.113.9 with None"]);
}
