//! Sealing keys through the life of two real nodes on one PostgreSQL, changed at the command line.
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use doorward_testkit::vault::{self, PlayedVault};
use serde_json::Value;

use crate::client::{Client, access};
use crate::database::sql;
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, pause};

struct Nodes {
    place: Place,
    other: Place,
    nodes: [Server; 2],
}

impl Nodes {
    /// Nodes that share a data folder.
    fn start() -> Self {
        let place = Place::on(Kind::Postgres).with_known_admin().set("DOORWARD_TOKENS__ISSUER", "http://doorward.test");
        let data = place.data().display().to_string();
        let place = place.set("DOORWARD_STORAGE__DATA_DIR", &data);
        let other = place.another();
        let nodes = [place.start(), other.start()];
        Self { place, other, nodes }
    }

    fn clients(&self) -> [Client; 2] {
        [self.nodes[0].client, self.nodes[1].client]
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let line = [arguments, &["--output", "json"]].concat();
        self.place.command(&line).output().expect("the binary can be started")
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) -> Value {
        let answer = self.run(arguments);
        assert!(answer.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&answer.stderr));
        serde_json::from_slice(&answer.stdout).expect("it answers in JSON")
    }

    /// The keys in this state.
    fn keys(&self, state: &str) -> Vec<Value> {
        let status = self.done(&["secrets", "status"]);
        let keys = status["keys"].as_array().expect("a list").clone();
        keys.into_iter().filter(|key| key["state"] == state).collect()
    }
}

/// People who sign in at one node and use both, until they are stopped.
struct People {
    stop: Arc<AtomicBool>,
    sign_ins: Arc<AtomicUsize>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl People {
    fn at(clients: [Client; 2]) -> Self {
        let (stop, sign_ins) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let threads = clients.map(|client| {
            let (stop, sign_ins) = (stop.clone(), sign_ins.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let tokens = client.sign_in(ADMIN, PASSWORD);
                    for node in clients {
                        node.get("/api/v1/users/me").bearer(access(&tokens)).send().expect_status(200);
                        node.get("/.well-known/jwks.json").send().expect_status(200);
                    }
                    let body = serde_json::json!({"refresh_token": tokens["refresh_token"]});
                    client.post("/api/v1/auth/refresh", &body).send().expect_status(200);
                    sign_ins.fetch_add(1, Ordering::Relaxed);
                    pause(Duration::from_millis(20));
                }
            })
        });
        Self { stop, sign_ins, threads: threads.into() }
    }

    fn go_home(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("nobody was refused");
        }
        self.sign_ins.load(Ordering::Relaxed)
    }
}

#[test]
fn a_rotation_that_is_killed_again_and_again_ends_and_nobody_is_refused() {
    let world = Nodes::start();
    for _ in 0..5 {
        world.done(&["keys", "rotate"]);
    }
    let old = world.keys("current").remove(0);
    assert!(old["values"].as_i64() >= Some(6), "{old}");
    let people = People::at(world.clients());
    for after in [0, 30, 60, 100, 200, 400, 700, 1_000] {
        let mut rotation = world.place.command(&["secrets", "rotate"]).spawn().expect("the binary can be started");
        pause(Duration::from_millis(after));
        rotation.kill().expect("it is a child of this test");
        rotation.wait().expect("it has ended");
        // What was being written is not needed to open what is there.
        world.place.another().start().stop();
    }
    let finished = world.done(&["secrets", "rotate"]);
    assert_eq!(finished["unopened"], serde_json::json!([]));
    let signed_in = people.go_home();
    assert!(signed_in > 20, "{signed_in} sign-ins prove little");
    let (current, previous) = (world.keys("current"), world.keys("previous"));
    assert!(previous.iter().all(|key| key["values"] == 0), "{previous:?}");
    assert_eq!((current.len(), &current[0]["id"]), (1, &finished["key"]));
    assert!(current[0]["values"].as_i64() >= old["values"].as_i64(), "{current:?}");
    assert_ne!(current[0]["id"], old["id"]);
    for key in &previous {
        world.done(&["secrets", "retire", key["id"].as_str().expect("a key has an id"), "--yes"]);
    }
    let files = std::fs::read_dir(world.place.data()).expect("it is there").flatten();
    let files: Vec<String> = files.filter_map(|file| file.file_name().into_string().ok()).collect();
    let key_files = files.iter().filter(|name| name.starts_with("sealing")).count();
    assert_eq!(key_files, 1, "{files:?}");
    let Nodes { place, other, nodes } = world;
    for node in nodes {
        node.stop();
    }
    for node in [place.start(), other.start()] {
        node.client.sign_in(ADMIN, PASSWORD);
    }
}

/// Each node says that it has stopped, so that nobody waits for it.
#[test]
fn nodes_say_that_they_have_stopped_and_one_with_another_folder_that_it_lacks_a_key() {
    let world = Nodes::start();
    let distant = world.place.another();
    let data = distant.data();
    std::fs::create_dir(&data).expect("a folder can be made");
    std::fs::copy(world.place.data().join("sealing.key"), data.join("sealing.key")).expect("the key can be copied");
    let distant = distant.set("DOORWARD_STORAGE__DATA_DIR", &data.display().to_string());
    let distant = distant.start();
    let answer = world.run(&["secrets", "rotate"]);
    let told = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(answer.status.code() == Some(1) && told.contains("(sealing_key_not_ready)"), "{told}");
    let upcoming = world.keys("upcoming").remove(0);
    let file = format!("sealing-{}.key", upcoming["id"].as_str().expect("a key has an id"));
    assert!(told.contains(&file) && upcoming["values"] == 0, "{told}");
    distant.stop();
    let finished = world.done(&["secrets", "rotate"]);
    assert_eq!((&finished["resumed"], &finished["key"]), (&Value::Bool(true), &upcoming["id"]));
    let Nodes { place, other: _other, nodes } = world;
    for node in nodes {
        node.stop();
    }
    assert_eq!(sql(place.setting("DATABASE_URL"), "SELECT count(*) FROM sealing_nodes"), "0");
}

/// No node has a file with a key. Vault is asked at starts and rotations alone: while it is out of order, everything goes on.
#[test]
fn with_vault_no_key_is_on_a_disk_and_nobody_notices_when_it_is_out_of_order() {
    let vault = PlayedVault::start();
    let place = Place::on(Kind::Postgres).with_known_admin().set("DOORWARD_TOKENS__ISSUER", "http://doorward.test");
    let token = place.folder().join("token");
    std::fs::write(&token, vault::TOKEN).expect("a file can be written");
    let place = place.set("DOORWARD_SECRETS__VAULT_URL", &vault.url());
    let place = place.set("DOORWARD_SECRETS__VAULT_TOKEN_FILE", &token.display().to_string());
    let other = place.another();
    let nodes = [place.start(), other.start()];
    let world = Nodes { place, other, nodes };
    let first = world.keys("current").remove(0);
    vault.behave(|it| it.newest = 2);
    let people = People::at(world.clients());
    let finished = world.done(&["secrets", "rotate"]);
    assert_ne!(finished["key"], first["id"]);
    world.done(&["secrets", "retire", first["id"].as_str().expect("a key has an id"), "--yes"]);
    let url = world.place.setting("DATABASE_URL");
    let stored =
        sql(url, "SELECT wrapped_by || ' ' || left(wrapped_key, 9) FROM sealing_keys WHERE retired_at IS NULL");
    assert_eq!(stored, "vault:transit/doorward vault:v2:");
    assert_eq!(sql(url, "SELECT count(*) FROM sealing_keys WHERE wrapped_key IS NOT NULL"), "1");
    let asked = vault.asked().len();
    vault.behave(|it| it.sealed = true);
    pause(Duration::from_secs(2));
    assert!(people.go_home() > 10);
    assert_eq!(vault.asked().len(), asked, "nodes that run ask nothing");
    let answer = world.run(&["secrets", "rotate"]);
    let told = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(answer.status.code() == Some(1) && told.contains("Vault is sealed"), "{told}");
    let doctor = world.run(&["doctor"]);
    let findings: Value = serde_json::from_slice(&doctor.stdout).expect("it answers in JSON");
    let finding = findings.as_array().expect("a list").iter().find(|it| it["check"] == "vault").expect("it is checked");
    assert!(finding["state"] == "fail" && finding["found"].as_str().is_some_and(|it| it.contains("503")), "{finding}");
    for place in [&world.place, &world.other] {
        let files = std::fs::read_dir(place.data()).into_iter().flatten().flatten();
        let keys = files.filter(|file| file.file_name().to_string_lossy().ends_with(".key"));
        assert_eq!(keys.count(), 0);
    }
}
