//! An app behind a real nginx that asks Doorward, by the configuration that the documentation shows.
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::client::{Answer, Client, access};
use crate::nginx;
use crate::place::{ADMIN, Kind, PASSWORD, Place, Port};
use crate::server::{Server, pause};

const PAGE: &str = include_str!("../../../../docs/features/forward-auth.md");
/// Within which time a session that has ended is refused.
const BOUND: Duration = Duration::from_secs(1);

struct World {
    doorward: Server,
    nginx: Server,
    _place: Place,
    _port: Port,
    _folder: TempDir,
}

impl World {
    fn start() -> Self {
        Self::by(PAGE)
    }

    /// By the configuration that stands on this page.
    fn by(page: &str) -> Self {
        let place = Place::on(Kind::Sqlite).with_known_admin().set("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.1");
        let (doorward, port) = (place.start(), Port::take());
        let folder = tempfile::tempdir().expect("a folder can be made");
        let nginx = nginx(page, &port, place.address(), &folder);
        Self { doorward, nginx, _place: place, _port: port, _folder: folder }
    }

    fn through_nginx(&self, path: &str, token: &str) -> Answer {
        self.nginx.client.get(path).bearer(token).send()
    }
}

/// The configuration of the page with these addresses.
fn nginx(page: &str, port: &Port, doorward: SocketAddr, folder: &TempDir) -> Server {
    let (_, shown) = page.split_once("```nginx\n").expect("the page shows a configuration");
    let (shown, _) = shown.split_once("```").expect("it ends");
    let client = Client { address: ([127, 0, 0, 1], port.number).into() };
    let mut server = shown.to_owned();
    for (example, ours) in [
        ("listen 8080", format!("listen {}", client.address)),
        ("127.0.0.1:8000", doorward.to_string()),
        ("127.0.0.1:3000", app().to_string()),
    ] {
        assert!(server.contains(example), "the page names {example}");
        server = server.replace(example, &ours);
    }
    nginx::start(&server, client, folder.path())
}

/// Answers every request with what it was sent. It lives as long as the test's process.
fn app() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let lines = BufReader::new(&connection).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let body = head.join("\n").to_lowercase();
            let answer =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
            connection.write_all(answer.as_bytes()).expect("nginx reads the answer");
        }
    });
    address
}

#[test]
fn the_app_is_told_by_nginx_who_calls_and_not_by_the_client() {
    let world = World::start();
    let tokens = world.doorward.client.sign_in(ADMIN, PASSWORD);
    let forged =
        world.nginx.client.get("/page?x=1").header("X-Doorward-User", "forged").header("X-Doorward-Roles", "all");
    let answer = forged.bearer(access(&tokens)).send().expect_status(200);
    let [user, session] = ["user_id", "session_id"].map(|name| tokens[name].as_str().expect("it is a text"));
    for line in ["get /page?x=1 http/1.0", &format!("x-doorward-user: {user}"), "x-doorward-roles: admin,user"] {
        assert_eq!(answer.body.lines().filter(|told| *told == line).count(), 1, "{line} in {}", answer.body);
    }
    assert!(answer.body.contains(&format!("x-doorward-session: {session}")), "{}", answer.body);
    assert!(!answer.body.contains("forged") && !answer.body.contains("authorization"), "{}", answer.body);
}

#[test]
fn whoever_is_nobody_gets_no_further_than_nginx_and_is_told_how_to_come_in() {
    let world = World::start();
    for token in [None, Some("nonsense")] {
        let request = world.nginx.client.get("/page");
        let answer = token.map_or(world.nginx.client.get("/page"), |token| request.bearer(token)).send();
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(answer.header("www-authenticate").is_some_and(|told| told.starts_with("Bearer ")), "{answer:?}");
    }
    // A body is for the app alone: nginx holds it back until the caller is known.
    let posted = world.nginx.client.post("/page", &json!({"a": 1})).send();
    assert_eq!(posted.status, 401);
}

#[test]
fn a_proxy_that_passes_the_method_on_lets_no_method_through_without_a_token() {
    let method = "internal; proxy_http_version 1.1; proxy_method $request_method;";
    let world = World::by(&PAGE.replace("internal;", method));
    let tokens = world.doorward.client.sign_in(ADMIN, PASSWORD);
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let request = || world.nginx.client.request(method, "/page").header("Origin", "https://app.example.com");
        let preflight = request().header("Access-Control-Request-Method", "POST");
        assert_eq!([request().send().status, preflight.send().status], [401; 2], "{method}");
        assert_eq!(request().bearer(access(&tokens)).send().status, 200, "{method}");
    }
}

#[test]
fn a_permission_that_is_lacking_is_403_and_one_that_is_given_counts_at_once() {
    let world = World::start();
    let admin = world.doorward.client.sign_in(ADMIN, PASSWORD);
    let ann = world.doorward.client.register("ann@example.com", PASSWORD);
    let tokens = world.doorward.client.sign_in("ann@example.com", PASSWORD);
    assert_eq!(world.through_nginx("/page", access(&tokens)).status, 200);
    assert_eq!(world.through_nginx("/reports/1", access(&tokens)).status, 403);
    let call = |method: &str, path: &str| world.doorward.client.request(method, path).bearer(access(&admin));
    call("POST", "/api/v1/permissions").json(&json!({"name": "reports:read"})).send().expect_status(201);
    let role = json!({"name": "reader", "permissions": ["reports:read"]});
    call("POST", "/api/v1/roles").json(&role).send().expect_status(201);
    let id = ann["id"].as_str().expect("an account has an id");
    call("PUT", &format!("/api/v1/users/{id}/roles/reader")).send().expect_status(200);
    let answer = world.through_nginx("/reports/1", access(&tokens)).expect_status(200);
    assert!(answer.body.contains("x-doorward-roles: reader,user"), "{}", answer.body);
}

#[test]
fn a_session_that_was_signed_out_is_refused_through_nginx_within_a_second() {
    let world = World::start();
    let tokens = world.doorward.client.sign_in(ADMIN, PASSWORD);
    let token = access(&tokens);
    assert_eq!(world.through_nginx("/page", token).status, 200);
    world.doorward.client.request("POST", "/api/v1/auth/logout").bearer(token).send().expect_status(204);
    let ended = Instant::now();
    while world.through_nginx("/page", token).status != 401 {
        assert!(ended.elapsed() < BOUND, "still let through {:?} after the end", ended.elapsed());
        pause(Duration::from_millis(5));
    }
}

#[test]
fn without_doorward_the_app_is_shut() {
    let mut world = World::start();
    let tokens = world.doorward.client.sign_in(ADMIN, PASSWORD);
    assert_eq!(world.through_nginx("/page", access(&tokens)).status, 200);
    world.doorward.kill();
    assert_eq!(world.through_nginx("/page", access(&tokens)).status, 500);
}
