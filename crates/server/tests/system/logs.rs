//! The one line that each request has in the log.
use serde_json::{Value, json};

use crate::client::access;
use crate::place::{Kind, PASSWORD, Place};

on_both_databases! {
    a_request_is_one_line_with_all_that_it_used;
}

/// The lines of requests to this route, as a collector reads them.
fn lines(log: &str, route: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("each line is an object of JSON"));
    lines.filter(|line| line["message"] == "request" && line["route"] == route).collect()
}

fn a_request_is_one_line_with_all_that_it_used(kind: Kind) {
    let place = Place::on(kind).set("DOORWARD_TELEMETRY__LOG_FORMAT", "json");
    let server = place.start();
    let client = server.client;
    client.register("ann@example.com", PASSWORD);
    let tokens = client.sign_in("ann@example.com", PASSWORD);
    let wrong = json!({"identifier": "ann@example.com", "password": "velvet-harbor-onion-99"});
    let wrong = client.post("/api/v1/auth/login", &wrong).header("X-Correlation-ID", "wrong-1").send();
    wrong.refused(401, "invalid_credentials");
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let tokens = client.post("/api/v1/auth/refresh", &refresh).send().expect_status(200).json();
    for _ in 0..20 {
        client.get("/api/v1/users/me").bearer(access(&tokens)).send().expect_status(200);
    }
    client.get("/api/v1/users").bearer(access(&tokens)).send().refused(403, "permission_denied");
    let (_, log) = server.stop();

    let signed_in = lines(&log, "/api/v1/auth/login");
    let [right, wrong] = signed_in.as_slice() else { panic!("{signed_in:#?}") };
    assert_eq!((&right["method"], &right["status"], &right["code"]), (&json!("POST"), &json!(200), &Value::Null));
    assert_eq!((&right["user_id"], &right["client_address"]), (&tokens["user_id"], &json!("127.0.0.1")));
    assert_eq!((&wrong["status"], &wrong["code"]), (&json!(401), &json!("invalid_credentials")));
    assert_eq!((&wrong["user_id"], &wrong["correlation_id"]), (&Value::Null, &json!("wrong-1")));
    assert_eq!((&right["queries"], &wrong["queries"]), (&json!(16), &json!(8)));
    for line in &signed_in {
        let parts = ["store_ms", "hash_ms", "hash_queue_ms"].map(|part| line[part].as_f64().unwrap_or_default());
        assert!(parts.iter().all(|&part| part > 0.0), "{line}");
        assert!(line["elapsed_ms"].as_f64().is_some_and(|all| all >= parts[0] + parts[1]), "{line}");
    }

    let refreshed = lines(&log, "/api/v1/auth/refresh");
    assert_eq!((&refreshed[0]["user_id"], &refreshed[0]["hash_ms"]), (&tokens["user_id"], &Value::Null));

    let own = lines(&log, "/api/v1/users/me");
    assert_eq!(own.len(), 20);
    assert!(own.iter().all(|line| line["user_id"] == tokens["user_id"] && line["client_id"] == "doorward"), "{own:#?}");
    // Memory counts only while the revocations were read a moment ago, which a busy machine may miss now and then.
    let remembered = |line: &&Value| line["queries"] == 0 && line["store_ms"].is_null() && line["cache_hits"] == 2;
    assert!(own.iter().filter(remembered).count() > 0, "{own:#?}");
    assert!(own.iter().all(|line| line["hash_ms"].is_null() && line["cache_ms"].is_number()), "{own:#?}");

    let refused = lines(&log, "/api/v1/users");
    assert_eq!((&refused[0]["user_id"], &refused[0]["code"]), (&tokens["user_id"], &json!("permission_denied")));
}
