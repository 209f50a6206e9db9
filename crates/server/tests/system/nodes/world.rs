//! The two nodes, who is signed in there, and how long a revocation takes from one to the other.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::proxy::Proxy;
use super::redis::RedisServer;
use crate::client::{Client, Request, access};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, wait_until};

/// Within which time what was ended on one node is refused on every other.
const BOUND: Duration = Duration::from_secs(1);

pub struct World {
    a: Server,
    b: Server,
    admin: String,
    bob: Value,
    bystander: Value,
    pub redis: RedisServer,
    /// Between node B and Redis.
    pub proxy: Proxy,
    _places: [Place; 2],
}

impl World {
    pub fn start() -> Self {
        let world = Self::with(true);
        wait_until("node A reaches Redis", || world.health_of_a() == "healthy");
        world.until_b_is("healthy");
        world
    }

    pub fn without_redis() -> Self {
        Self::with(false)
    }

    fn with(bus: bool) -> Self {
        let redis = RedisServer::start();
        let proxy = Proxy::to(redis.address());
        let first = Place::on(Kind::Postgres).with_known_admin();
        let first = first.set("DOORWARD_TOKENS__ISSUER", "http://doorward.test");
        let data = first.data().display().to_string();
        let first = first.set("DOORWARD_STORAGE__DATA_DIR", &data);
        let (second, first) = match bus {
            true => (first.another().set("REDIS_URL", &proxy.url()), first.set("REDIS_URL", &redis.url())),
            false => (first.another(), first),
        };
        let (a, b) = (first.start(), second.start());
        let admin = access(&a.client.sign_in(ADMIN, PASSWORD)).to_owned();
        let bob = a.client.register("bob@example.com", PASSWORD);
        a.client.register("bystander@example.com", PASSWORD);
        let bystander = a.client.sign_in("bystander@example.com", PASSWORD);
        Self { a, b, admin, bob, bystander, redis, proxy, _places: [first, second] }
    }

    pub fn health_of_a(&self) -> String {
        health(self.a.client)
    }

    #[track_caller]
    pub fn until_b_is(&self, status: &str) {
        wait_until(&format!("node B says {status}"), || health(self.b.client) == status);
        assert!(self.b.is_ready(), "Redis is no reason to refuse requests");
    }

    /// Revokes on A in one of three ways, and answers how long it took on B since A has said that it is done.
    #[track_caller]
    pub fn revoke(&self, round: usize) -> Duration {
        let took = match round % 3 {
            0 => self.sign_out(),
            1 => self.disable(),
            _ => self.demote(),
        };
        for client in [self.a.client, self.b.client] {
            client.get("/api/v1/users/me").bearer(access(&self.bystander)).send().expect_status(200);
        }
        took
    }

    fn sign_out(&self) -> Duration {
        let token = self.bob_signs_in();
        self.ask("/api/v1/users/me", &token).send().expect_status(200);
        self.a.client.request("POST", "/api/v1/auth/logout").bearer(&token).send().expect_status(204);
        self.felt("/api/v1/users/me", &token, 401)
    }

    fn disable(&self) -> Duration {
        let token = self.bob_signs_in();
        self.ask("/api/v1/users/me", &token).send().expect_status(200);
        self.set_active(false);
        let took = self.felt("/api/v1/users/me", &token, 401);
        self.set_active(true);
        took
    }

    fn demote(&self) -> Duration {
        self.administer("PUT", "/roles/admin").send().expect_status(200);
        let token = self.bob_signs_in();
        self.ask("/api/v1/users", &token).send().expect_status(200);
        self.administer("DELETE", "/roles/admin").send().expect_status(204);
        self.felt("/api/v1/users", &token, 403)
    }

    /// Changes on A something that B has just shown, and answers how long B has gone on showing the old.
    pub fn change(&self, round: usize) -> Duration {
        let role = format!("/api/v1/roles/role-{}", round / 3);
        let new = format!("made in round {round}");
        let told = json!({"full_name": new});
        match round % 3 {
            0 => {
                let bob = self.bob_signs_in();
                self.ask("/api/v1/users/me", &bob).send().expect_status(200);
                self.a.client.request("PATCH", "/api/v1/users/me").bearer(&bob).json(&told).send().expect_status(200);
                self.shown("/api/v1/users/me", &bob, "full_name", &new)
            }
            1 => {
                self.ask(&role, &self.admin).send().expect_status(404);
                let made = json!({"name": format!("role-{}", round / 3), "description": new, "permissions": []});
                self.a
                    .client
                    .request("POST", "/api/v1/roles")
                    .bearer(&self.admin)
                    .json(&made)
                    .send()
                    .expect_status(201);
                self.shown(&role, &self.admin, "description", &new)
            }
            _ => {
                let described = json!({"description": new});
                self.a.client.request("PATCH", &role).bearer(&self.admin).json(&described).send().expect_status(200);
                self.shown(&role, &self.admin, "description", &new)
            }
        }
    }

    /// Asks B until it shows the new value.
    fn shown(&self, path: &str, token: &str, field: &str, new: &str) -> Duration {
        let acknowledged = Instant::now();
        while self.ask(path, token).send().json()[field] != new {
            assert!(acknowledged.elapsed() < BOUND * 5, "{path} never shows what was written");
        }
        acknowledged.elapsed()
    }

    fn bob_signs_in(&self) -> String {
        access(&self.a.client.sign_in("bob@example.com", PASSWORD)).to_owned()
    }

    fn set_active(&self, active: bool) {
        self.administer("PATCH", "").json(&json!({"is_active": active})).send().expect_status(200);
    }

    fn administer(&self, method: &str, what: &str) -> Request {
        let bob = self.bob["id"].as_str().expect("an account has an id");
        self.a.client.request(method, &format!("/api/v1/users/{bob}{what}")).bearer(&self.admin)
    }

    fn ask(&self, path: &str, token: &str) -> Request {
        self.b.client.get(path).bearer(token)
    }

    /// Asks B until it refuses.
    fn felt(&self, path: &str, token: &str, refusal: u16) -> Duration {
        let acknowledged = Instant::now();
        loop {
            let answer = self.ask(path, token).send();
            if answer.status == refusal {
                return acknowledged.elapsed();
            }
            answer.expect_status(200);
            assert!(acknowledged.elapsed() < BOUND * 5, "it is never refused");
        }
    }
}

/// As the machine itself sees it, with the parts.
pub fn health(client: Client) -> String {
    let health = client.get("/health").send().expect_status(200).json();
    let parts = health["components"].as_array().expect("the machine itself sees the parts");
    let redis = parts.iter().find(|part| part["name"] == "redis");
    assert_eq!(parts[0]["status"], "healthy", "the database is: {health}");
    assert_eq!(redis.map(|part| &part["status"]), Some(&health["status"]), "{health}");
    health["status"].as_str().expect("it has a status").to_owned()
}

/// How long revocations took.
pub struct Figures {
    what: String,
    times: Vec<Duration>,
}

impl Figures {
    pub fn of(what: &str) -> Self {
        Self { what: what.to_owned(), times: Vec::new() }
    }

    pub fn add(&mut self, time: Duration) {
        self.times.push(time);
        self.times.sort();
    }

    pub fn median(&self) -> Duration {
        self.at(50)
    }

    fn at(&self, percent: usize) -> Duration {
        self.times[(self.times.len() * percent / 100).min(self.times.len() - 1)]
    }

    /// Prints them, and fails when one was too long.
    #[track_caller]
    pub fn hold(&self) {
        let (p50, p99, max) = (self.at(50), self.at(99), self.at(100));
        println!("{}: {} revocations, p50 {p50:?}, p99 {p99:?}, max {max:?}", self.what, self.times.len());
        assert!(max < BOUND, "{}: a revocation was felt after {max:?}", self.what);
    }
}
