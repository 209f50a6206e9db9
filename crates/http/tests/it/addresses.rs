//! The client's address through proxies.
use crate::actors::ANN;
use crate::world::World;
use doorward_http::ClientAddressHeader;

fn behind(header: ClientAddressHeader) -> World {
    World::with(|options| {
        options.trusted_proxies = vec!["203.0.113.0/24".parse().unwrap()];
        options.client_address_header = header;
    })
}

#[actix_web::test]
async fn a_listed_proxy_is_believed() {
    let world = behind(ClientAddressHeader::XForwardedFor);
    world.send(ANN.get("/api/v1/users/me").insert_header(("x-forwarded-for", "6.6.6.6, 198.51.100.7"))).await;
    assert_eq!(world.fake.calls(), ["own as ann from 198.51.100.7 with None"]);
    let world = behind(ClientAddressHeader::Forwarded);
    world.send(ANN.get("/api/v1/users/me").insert_header(("forwarded", "for=\"[2001:db8::7]:80\""))).await;
    assert_eq!(world.fake.calls(), ["own as ann from 2001:db8::7 with None"]);
}

#[actix_web::test]
async fn a_listed_proxy_is_not_believed_in_the_header_that_it_does_not_write() {
    let world = behind(ClientAddressHeader::Forwarded);
    world.send(ANN.get("/api/v1/users/me").insert_header(("x-forwarded-for", "6.6.6.6"))).await;
    assert_eq!(world.fake.calls(), ["own as ann from 203.0.113.9 with None"]);
}

#[actix_web::test]
async fn anybody_else_is_not() {
    let world = World::new();
    world.send(ANN.get("/api/v1/users/me").insert_header(("x-forwarded-for", "6.6.6.6"))).await;
    assert_eq!(world.fake.calls(), ["own as ann from 203.0.113.9 with None"]);
}
