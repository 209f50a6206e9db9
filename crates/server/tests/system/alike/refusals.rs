use serde_json::json;

use super::Talk;
use crate::place::PASSWORD;

const LOGIN: &str = "/api/v1/auth/login";

pub fn script(talk: &mut Talk) {
    routes(talk);
    bodies(talk);
    callers(talk);
    documents(talk);
}

fn routes(talk: &mut Talk) {
    talk.get("no such route", "/api/v1/nothing");
    talk.get("nor here", "/");
    talk.call("a wrong method", "DELETE", LOGIN, &[], None);
    talk.call("what it allows", "OPTIONS", LOGIN, &[], None);
    talk.call("HEAD of what can be read", "HEAD", "/health/live", &[], None);
    talk.get("a path that is odd", "/api/v1/roles/%00%ff");
}

fn bodies(talk: &mut Talk) {
    let json = ("Content-Type", "application/json");
    let mut send = |what: &str, headers: &[(&str, &str)], body: &str| {
        talk.to.call(what, "POST", LOGIN, |mut request| {
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.body(body)
        });
    };
    send("bad JSON", &[json], "{\"identifier\":");
    send("no body", &[json], "");
    send("another shape", &[json], "[1, 2]");
    send("a wrong type", &[json], "{\"identifier\": 1, \"password\": {}}");
    send("an unknown field", &[json], "{\"identifier\": \"a\", \"password\": \"b\", \"pin\": 1}");
    send("a field twice", &[json], "{\"password\": \"a\", \"password\": \"b\", \"identifier\": \"c\"}");
    send("too deep", &[json], &"[".repeat(10_000));
    send("a form", &[("Content-Type", "application/x-www-form-urlencoded")], "identifier=a&password=b");
    send("no content type", &[], "{}");
    send("compressed", &[json, ("Content-Encoding", "gzip")], "{}");
    send("64 KiB", &[json], &padded(64 * 1024));
    send("64 KiB and one byte", &[json], &padded(64 * 1024 + 1));
}

/// A body of this many bytes.
fn padded(length: usize) -> String {
    let body = json!({"identifier": "ann", "password": PASSWORD}).to_string();
    format!("{body}{}", " ".repeat(length - body.len()))
}

fn callers(talk: &mut Talk) {
    let me = "/api/v1/users/me";
    talk.get("nobody", me);
    talk.call("no token", "GET", me, &[("Authorization", "Bearer")], None);
    talk.call("nonsense", "GET", me, &[("Authorization", "Bearer nonsense")], None);
    talk.call("another scheme", "GET", me, &[("Authorization", "Basic YTpi")], None);
    // {"alg":"none","typ":"at+jwt"}
    let unsigned = "Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.";
    talk.call("an unsigned token", "GET", me, &[("Authorization", unsigned)], None);
    talk.call("one's own correlation id", "GET", me, &[("X-Correlation-ID", "abc-123")], None);
    talk.sign_in("admin@doorward.local");
    talk.call("two tokens", "GET", me, &[("Authorization", "Bearer a")], None);
    talk.as_nobody();
}

fn documents(talk: &mut Talk) {
    talk.get("the keys", "/.well-known/jwks.json");
    talk.get("alive", "/health/live");
    talk.get("ready", "/health/ready");
    talk.get("every part", "/health");
}
