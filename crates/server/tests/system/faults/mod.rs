//! The database fails while the server runs: it says so, goes on with what it can, and recovers by itself.
pub mod cluster;
mod postgres;
mod sqlite;

use serde_json::{Value, json};

use crate::client::{Answer, Client, access};
use crate::place::PASSWORD;
use crate::server::Server;

/// Somebody who is signed in while it happens.
struct Ann {
    client: Client,
    tokens: Value,
}

impl Ann {
    fn on(server: &Server) -> Self {
        server.client.register("ann@example.com", PASSWORD);
        Self { client: server.client, tokens: server.client.sign_in("ann@example.com", PASSWORD) }
    }

    fn reads(&self) -> Answer {
        self.client.get("/api/v1/users/me").bearer(access(&self.tokens)).send()
    }

    /// The next call that writes, and its answer.
    fn writes(&self) -> Answer {
        let body = json!({"identifier": "ann@example.com", "password": PASSWORD});
        self.client.post("/api/v1/auth/login", &body).send()
    }

    fn registers(&self, email: &str) -> Answer {
        self.client.post("/api/v1/auth/register", &json!({"email": email, "password": PASSWORD})).send()
    }
}

/// The refusal of a database that may be back soon.
#[track_caller]
fn says_when_to_return(answer: &Answer) {
    answer.refused(503, "store_unavailable");
    let seconds: Option<u64> = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:?}");
}
