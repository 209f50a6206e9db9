//! A proxy that compresses what it passes on, and so makes strong tags weak.
use std::net::SocketAddr;

use serde_json::json;

use crate::client::{Client, access};
use crate::connection::{connected, ended};
use crate::nginx;
use crate::place::{ADMIN, Kind, PASSWORD, Place, Port};

/// The tag of an answer that is taken compressed.
fn tag_of(nginx: SocketAddr, path: &str, token: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {nginx}\r\nConnection: close\r\nAccept-Encoding: gzip\r\n");
    let answer = ended(connected(nginx, &format!("{head}Authorization: Bearer {token}\r\n\r\n")));
    assert!(answer.contains("Content-Encoding: gzip"), "{answer}");
    let tag = answer.lines().find_map(|line| line.strip_prefix("etag: "));
    tag.unwrap_or_else(|| panic!("there is no tag: {answer}")).to_owned()
}

#[test]
fn a_tag_that_nginx_has_made_weak_still_names_the_version_that_a_change_is_meant_for() {
    let place = Place::on(Kind::Sqlite).with_known_admin();
    let (doorward, port) = (place.start(), Port::take());
    let folder = tempfile::tempdir().expect("a folder can be made");
    let client = Client { address: ([127, 0, 0, 1], port.number).into() };
    let gzip = "gzip on; gzip_types application/json; gzip_min_length 1; gzip_proxied any;";
    let to_doorward = format!("location / {{ proxy_pass http://{}; }}", place.address());
    let servers = format!("server {{ listen {}; {gzip} {to_doorward} }}", client.address);
    let nginx = nginx::start(&servers, client, folder.path());
    let tokens = doorward.client.sign_in(ADMIN, PASSWORD);
    let me = "/api/v1/users/me";
    let tag = tag_of(client.address, me, access(&tokens));
    assert!(tag.starts_with("W/"), "{tag}");
    let rename = |name: &str| {
        let request = nginx.client.request("PATCH", me).bearer(access(&tokens)).header("If-Match", &tag);
        request.json(&json!({ "full_name": name })).send()
    };
    assert_eq!(rename("Ann").expect_status(200).json()["full_name"], "Ann");
    rename("Anna").refused(412, "version_mismatch");
}
