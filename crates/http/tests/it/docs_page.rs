//! `/docs`
use crate::actors::ANONYMOUS;
use crate::world::World;

#[actix_web::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let world = World::new();
    let page = world.send(ANONYMOUS.get("/docs/")).await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let loaded: Vec<&str> = ["src=\"", "href=\""].iter().flat_map(|mark| html.split(mark).skip(1)).collect();
    assert!(loaded.len() >= 5, "{html}");
    for rest in loaded {
        let file = rest.split('"').next().unwrap().trim_start_matches("./");
        assert!(!file.contains(':') && !file.starts_with("//"), "{file} is elsewhere");
        if !file.starts_with("favicon-16") {
            assert_eq!(world.send(ANONYMOUS.get(&format!("/docs/{file}"))).await.status, 200, "{file}");
        }
    }
}

#[actix_web::test]
async fn the_page_shows_our_document_and_asks_no_validator() {
    let script = World::new().send(ANONYMOUS.get("/docs/swagger-initializer.js")).await;
    let text = String::from_utf8(script.body.to_vec()).unwrap();
    assert!(text.contains("\"url\": \"../openapi.json\""), "{text}");
    assert!(text.contains("\"validatorUrl\": \"none\""), "{text}");
    assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
}

#[actix_web::test]
async fn the_page_may_run_scripts_of_its_own_only() {
    let world = World::new();
    let page = world.send(ANONYMOUS.get("/docs/")).await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let inline = html.split("<script").skip(1).any(|script| !script.trim_start().starts_with("src="));
    assert!(!inline, "the policy forbids inline scripts: {html}");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'; script-src 'self';"), "{policy}");
    let redirect = world.send(ANONYMOUS.get("/docs")).await;
    assert_eq!((redirect.status.as_u16(), redirect.header("location")), (308, "docs/"));
}
