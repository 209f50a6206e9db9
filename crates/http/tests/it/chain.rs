//! The chain of the audit log: its head, and its verification against a saved one.
use crate::actors::ADMIN;
use crate::world::World;
use serde_json::{Value, json};

const HEAD: &str = "/api/v1/audit/head";
const VERIFY: &str = "/api/v1/audit/verify";

fn with_head(head: &str) -> String {
    let encoded: String = head.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("{VERIFY}?head={encoded}")
}

#[actix_web::test]
async fn a_head_is_answered_and_taken_back_as_it_was() {
    let world = World::new();
    let head = world.send(ADMIN.get(HEAD)).await;
    let zeros = "0".repeat(64);
    let expected = json!({
        "seq": 7, "link": zeros, "sealed_at": "2023-11-14T22:13:20.000000Z", "key_id": "key", "public_key": "AAA", "signature": "AAE"
    });
    assert_eq!(head.json(), expected);
    let body = std::str::from_utf8(&head.body).unwrap();
    assert_eq!(world.send(ADMIN.get(&with_head(body))).await.status, 200);
    assert_eq!(world.send(ADMIN.get(VERIFY)).await.status, 200);
    assert_eq!(world.fake.calls(), ["head", "verify Some(true)", "verify None"]);
}

#[actix_web::test]
async fn a_bad_line_is_an_answer() {
    let answer = World::new().send(ADMIN.get(VERIFY)).await;
    let detail = "the chain ends before this line, but the saved head confirms it: the end of the log was cut off";
    let bad = json!({ "seq": 8, "id": null, "fault": "tail_cut", "detail": detail });
    let expected = json!({ "status": "bad", "intact_to": 7, "pruned_to": null, "unsealed": 2, "first_bad": bad });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
}

#[actix_web::test]
async fn what_is_no_head_is_refused_before_anything_is_verified() {
    let world = World::new();
    for text in ["", "{}", "[]", "{\"seq\":1}", &"x".repeat(4_000)] {
        let answer = world.send(ADMIN.get(&with_head(text))).await;
        assert_eq!((answer.status.as_u16(), answer.fault().0), (422, "/head".to_owned()), "{text}");
    }
    let other: Value = world.send(ADMIN.get(&format!("{VERIFY}?seq=1"))).await.json();
    assert_eq!(other["errors"][0]["code"], "unknown_field");
    assert_eq!(world.fake.calls(), Vec::<String>::new());
}
