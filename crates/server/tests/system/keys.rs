//! Signing keys through the life of two real nodes on one PostgreSQL, changed at the command line.
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Client, access};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, pause, wait_until};

/// Within this time, changes of the command line take effect on every node.
const BOUND: Duration = Duration::from_secs(1);

struct Nodes {
    place: Place,
    _other: Place,
    nodes: [Server; 2],
}

impl Nodes {
    fn start() -> Self {
        let place = Place::on(Kind::Postgres).with_known_admin().set("DOORWARD_TOKENS__ISSUER", "http://doorward.test");
        let data = place.data().display().to_string();
        let place = place.set("DOORWARD_STORAGE__DATA_DIR", &data);
        let other = place.another();
        let nodes = [place.start(), other.start()];
        Self { place, _other: other, nodes }
    }

    fn clients(&self) -> [Client; 2] {
        [self.nodes[0].client, self.nodes[1].client]
    }

    #[track_caller]
    fn keys(&self, arguments: &[&str]) -> Value {
        let line = [&["keys"], arguments, &["--output", "json"]].concat();
        let answer = self.place.command(&line).output().expect("the binary can be started");
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        serde_json::from_slice(&answer.stdout).expect("it answers in JSON")
    }
}

fn status(client: Client, token: &str) -> u16 {
    client.get("/api/v1/users/me").bearer(token).send().status
}

fn published(client: Client) -> Vec<String> {
    let keys = client.get("/.well-known/jwks.json").send().expect_status(200).json();
    let keys = keys["keys"].as_array().expect("a key set has keys").clone();
    keys.iter().map(|key| key["kid"].as_str().expect("a key has a name").to_owned()).collect()
}

#[test]
fn a_revoked_key_is_refused_on_every_node_within_a_second_and_another_signs() {
    let world = Nodes::start();
    let signed_in = world.clients()[0].sign_in(ADMIN, PASSWORD);
    let token = access(&signed_in);
    // So that both remember it.
    assert_eq!(world.clients().map(|client| status(client, token)), [200, 200]);
    let stolen = published(world.clients()[1]).remove(0);

    let revoked = world.keys(&["revoke", &stolen, "--yes"]);
    let begun = Instant::now();
    for client in world.clients() {
        wait_until("the token is refused", || status(client, token) == 401);
        assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
        let successor = revoked["successor"]["kid"].as_str().expect("another key was made");
        assert_eq!(published(client), [successor]);
    }
    for client in world.clients() {
        let body = serde_json::json!({"refresh_token": signed_in["refresh_token"]});
        client.post("/api/v1/auth/refresh", &body).send().expect_status(401);
    }
    let again = world.clients()[1].sign_in(ADMIN, PASSWORD);
    assert_eq!(world.clients().map(|client| status(client, access(&again))), [200, 200]);
}

#[test]
fn through_a_rotation_no_token_is_refused_on_any_node() {
    let world = Nodes::start();
    let before = published(world.clients()[0]).remove(0);
    let next = world.keys(&["rotate", "--now"])["kid"].as_str().expect("a key has a name").to_owned();
    let mut tokens = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        for client in world.clients() {
            tokens.push(access(&client.sign_in(ADMIN, PASSWORD)).to_owned());
            let newest = tokens.last().expect("one was just pushed");
            for token in [newest, &tokens[0]] {
                assert_eq!(world.clients().map(|client| status(client, token)), [200, 200]);
            }
        }
        pause(Duration::from_millis(100));
    }
    for client in world.clients() {
        assert_eq!(published(client), [before.as_str(), next.as_str()]);
    }
    let listed = world.keys(&["list"]);
    let states: Vec<_> = listed.as_array().expect("a list").iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states, ["retired", "signing"]);
}
