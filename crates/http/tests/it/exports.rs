//! The exports of the audit log, and of the data of an account: part by part, and cut off where the database fails.
use crate::actors::{ADMIN, ANN};
use crate::served::Served;
use crate::world::World;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATH: &str = "/api/v1/audit/events/export";

fn request(query: &str) -> String {
    format!("GET {PATH}{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer admin-token\r\n\r\n")
}

#[actix_web::test]
async fn every_line_is_an_object_and_no_format_means_ndjson() {
    let world = World::new();
    world.fake.export_parts(3);
    let answer = world.send(ADMIN.get(PATH)).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/x-ndjson"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"audit.ndjson\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let numbers: Vec<i64> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, (0..1500).collect::<Vec<_>>());
}

#[actix_web::test]
async fn csv_begins_with_the_names_of_its_columns() {
    let world = World::new();
    world.fake.export_parts(1);
    let answer = world.send(ADMIN.get(&format!("{PATH}?format=csv"))).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.starts_with("\"id\",\"seq\",") && text.ends_with("\r\n"), "{text}");
    assert_eq!(text.matches("\r\n").count(), 501);
}

#[actix_web::test]
async fn an_unknown_format_is_422_and_nothing_is_exported() {
    let world = World::new();
    let answer = world.send(ADMIN.get(&format!("{PATH}?format=xml"))).await;
    assert_eq!(answer.fault(), ("/format".to_owned(), "invalid_format".to_owned()));
    assert_eq!(world.outcome(ANN.get(PATH)).await, "403 permission_denied");
    assert!(world.fake.calls().is_empty());
}

#[actix_web::test]
async fn an_export_that_ends_ends_with_its_last_chunk() {
    let world = World::new();
    world.fake.export_parts(2);
    let answer = Served::begin(&world).exchange(&request("")).await;
    assert!(answer.contains("transfer-encoding: chunked\r\n"), "{}", &answer[..500]);
    assert!(answer.ends_with("\r\n0\r\n\r\n"));
}

/// RFC 9112 §8: a chunked message without its last chunk is incomplete.
#[actix_web::test]
async fn an_export_that_fails_in_the_middle_does_not_look_whole() {
    let world = World::new();
    world.fake.export_parts(2);
    world.fake.fail_in_exports();
    let answer = Served::begin(&world).exchange(&request("")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{}", &answer[..500]);
    assert!(!answer.ends_with("\r\n0\r\n\r\n"));
    assert!(!answer.contains("the disk is gone"));
}

/// More than any buffer on the way takes: the client reads nothing, and so no more is read from the database. The deadline
/// of a request passes meanwhile; it is for the beginning of the answer.
#[actix_web::test]
async fn a_client_that_reads_nothing_holds_the_reading_back_and_gets_all_of_it_later() {
    let world = World::with(|options| options.request_timeout = Duration::from_millis(300));
    world.fake.export_parts(400);
    let served = Served::begin(&world);
    let mut connection = TcpStream::connect(served.address()).await.unwrap();
    connection.write_all(request("").as_bytes()).await.unwrap();
    let mut read = -1;
    // Until nothing more is read for a while.
    while read != world.fake.parts_read() {
        read = world.fake.parts_read();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!((1..200).contains(&read), "{read}");
    let mut received = Vec::new();
    connection.read_to_end(&mut received).await.unwrap();
    assert!(received.ends_with(b"\r\n0\r\n\r\n"));
    assert_eq!(world.fake.parts_read(), 401);
}

/// What is read part by part is one JSON document, with and without activity.
#[actix_web::test]
async fn the_data_of_an_account_is_one_document() {
    for parts in [0, 1, 3] {
        let world = World::new();
        world.fake.export_parts(parts);
        let answer = world.send(ANN.get("/api/v1/users/me/export")).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"doorward.json\"");
        assert_eq!(answer.header("cache-control"), "no-store");
        let document = answer.json();
        assert_eq!(document["account"]["email"], "ann@example.com");
        assert_eq!(document["networks"][0]["network"], "203.0.113.0/24");
        let activity = document["activity"].as_array().unwrap();
        assert_eq!(activity.len(), usize::try_from(2 * parts).unwrap());
    }
}
