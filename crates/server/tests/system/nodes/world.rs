//! The two nodes, who is signed in there, and how long a revocation takes from one to the other.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::proxy::Proxy;
use super::redis::RedisServer;
use crate::client::{Client, Request, access};
use crate::place::{ADMIN, Kind, PASSWORD, Place};
use crate::server::{Server, wait_until};

/// Within which time what was ended on one node is refused on every other.
pub const BOUND: Duration = Duration::from_secs(1);

pub struct World {
    pub a: Server,
    pub b: Server,
    admin: String,
    bob: Value,
    bystander: Value,
    pub redis: RedisServer,
    /// Between node B and Redis.
    pub proxy: Proxy,
    places: [Place; 2],
}

impl World {
    pub fn start() -> Self {
        Self::healthy(Place::on(Kind::Postgres), Place::start)
    }

    pub fn without_redis() -> Self {
        Self::of(Place::on(Kind::Postgres), false, Place::start)
    }

    /// On a PostgreSQL that may be stopped.
    pub fn on(database: &str) -> Self {
        let place = Place::on(Kind::Sqlite).set("DATABASE_URL", database);
        Self::healthy(place.set("DOORWARD_DATABASE__TIMEOUT", "1s"), Place::start)
    }

    /// With a clock on node B that is off by so much, as libfaketime reads it: `+30s`.
    pub fn with_clock_off(by: &str) -> Self {
        Self::healthy(Place::on(Kind::Postgres), |place| {
            let mut command = place.command(&[]);
            // Waiting goes by the computer's own time, which no clock changes.
            command.env("FAKETIME", by).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            command.env("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1");
            Server::start(command, place.client())
        })
    }

    /// By how many seconds the clock of B goes before that of A, as their tokens tell.
    pub fn seconds_that_b_is_ahead(&mut self) -> i64 {
        let [a, b] = [self.a.client, self.b.client].map(|client| {
            self.bystander_refreshes_on(client);
            let token = json!({"token": self.bystander["access_token"]});
            let asks = self.a.client.request("POST", "/api/v1/auth/introspect").bearer(&self.admin);
            let told = asks.json(&token).send().expect_status(200).json();
            told["iat"].as_i64().expect("a token that is good says when it was issued")
        });
        b - a
    }

    fn healthy(place: Place, second: impl FnOnce(&Place) -> Server) -> Self {
        let world = Self::of(place, true, second);
        wait_until("node A reaches Redis", || world.health_of_a() == "healthy");
        world.until_b_is("healthy");
        world
    }

    fn of(place: Place, bus: bool, second_starts: impl FnOnce(&Place) -> Server) -> Self {
        let redis = RedisServer::start();
        let proxy = Proxy::to(redis.address());
        let first = place.with_known_admin();
        let first = first.set("DOORWARD_TOKENS__ISSUER", "http://doorward.test");
        let data = first.data().display().to_string();
        let first = first.set("DOORWARD_STORAGE__DATA_DIR", &data);
        let (second, first) = match bus {
            true => (first.another().set("REDIS_URL", &proxy.url()), first.set("REDIS_URL", &redis.url())),
            false => (first.another(), first),
        };
        let (a, b) = (first.start(), second_starts(&second));
        let admin = access(&a.client.sign_in(ADMIN, PASSWORD)).to_owned();
        let bob = a.client.register("bob@example.com", PASSWORD);
        a.client.register("bystander@example.com", PASSWORD);
        let bystander = a.client.sign_in("bystander@example.com", PASSWORD);
        Self { a, b, admin, bob, bystander, redis, proxy, places: [first, second] }
    }

    /// A killed node comes back.
    pub fn restart_a(&mut self) {
        self.a = self.places[0].start();
    }

    /// The answer of node B to another account, of which nothing is revoked.
    pub fn bystander_on_b(&self) -> u16 {
        self.ask("/api/v1/users/me", access(&self.bystander)).send().status
    }

    /// A session of the bystander goes on with its next pair of tokens, got from that node.
    pub fn bystander_refreshes_on(&mut self, client: Client) {
        let shown = json!({"refresh_token": self.bystander["refresh_token"]});
        self.bystander = client.post("/api/v1/auth/refresh", &shown).send().expect_status(200).json();
    }

    /// A token that both nodes have accepted, and that A has then acknowledged to have ended.
    pub fn ended_on_a(&self) -> String {
        let token = self.bob_signs_in();
        self.ask("/api/v1/users/me", &token).send().expect_status(200);
        self.a.client.request("POST", "/api/v1/auth/logout").bearer(&token).send().expect_status(204);
        token
    }

    /// What node B answers to a token.
    pub fn answer_of_b(&self, token: &str) -> u16 {
        self.ask("/api/v1/users/me", token).send().status
    }

    /// How long B goes on accepting a token that was ended.
    pub fn refused_by_b(&self, token: &str) -> Duration {
        self.felt("/api/v1/users/me", token, 401)
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
        assert!(max < BOUND, "{}: a revocation took effect after {max:?}", self.what);
    }
}
