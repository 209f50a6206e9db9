//! `/openapi.json`
use crate::actors::ANONYMOUS;
use crate::world::World;
use doorward_ports::access::Operation;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where OAuth is spoken instead of problem documents.
const OAUTH: [&str; 4] =
    ["/api/v1/auth/token", "/api/v1/auth/introspect", "/api/v1/auth/revoke", "/api/v1/auth/backchannel-logout/{name}"];

fn speaks_oauth(path: &str) -> bool {
    OAUTH.contains(&path)
}

/// Providers and OAuth clients send forms.
fn takes_a_form(path: &str) -> bool {
    speaks_oauth(path) || path.starts_with("/api/v1/auth/callback/")
}

/// What is asked for on the command line only.
const NOT_SERVED: [Operation; 19] = [
    Operation::DeliverMails,
    Operation::ListMails,
    Operation::SendTestMail,
    Operation::SetUserPassword,
    Operation::Bootstrap,
    Operation::Tidy,
    Operation::RecordSightings,
    Operation::ListUserFactors,
    Operation::CheckProviders,
    Operation::SealAuditLog,
    Operation::ShipAuditLog,
    Operation::PruneAuditLog,
    Operation::ListKeys,
    Operation::RotateKeys,
    Operation::RetireKey,
    Operation::RevokeKey,
    Operation::ListSealingKeys,
    Operation::RotateSealingKey,
    Operation::RetireSealingKey,
];
/// The page that shows the document is no part of it, and neither are the pages for people.
const NOT_DESCRIBED: [Operation; 2] = [Operation::ReadDocs, Operation::ReadMailPage];

fn document() -> Value {
    serde_json::from_str(&doorward_http::openapi_json()).unwrap()
}

/// (path, method, operation)
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().clone().into_iter();
        let path = path.clone();
        methods.map(move |(method, operation)| (path.clone(), method, operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[actix_web::test]
async fn the_document_is_served_as_it_is_printed() {
    let answer = World::new().send(ANONYMOUS.get("/openapi.json")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.body, doorward_http::openapi_json());
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

#[test]
fn the_committed_document_is_the_one_that_the_code_describes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap();
    let cure = "it is stale: cargo run -p doorward-http --example openapi > docs/openapi.json";
    assert!(committed == doorward_http::openapi_json(), "{cure}");
}

#[test]
fn every_operation_that_rest_serves_has_exactly_one_route() {
    let mut routes: BTreeMap<String, usize> = BTreeMap::new();
    for (_, _, operation) in operations(&document()) {
        *routes.entry(operation["operationId"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    for operation in Operation::ALL {
        let expected = usize::from(!NOT_SERVED.contains(operation) && !NOT_DESCRIBED.contains(operation));
        assert_eq!(routes.get(operation.as_str()).copied().unwrap_or(0), expected, "{operation:?}");
    }
}

#[test]
fn every_route_under_the_api_names_an_operation() {
    let known = |id: &Value| Operation::ALL.iter().any(|operation| id == operation.as_str());
    let of_the_api = operations(&document()).into_iter().filter(|(path, ..)| path.starts_with("/api/"));
    let mut count = 0;
    for (path, method, operation) in of_the_api {
        assert!(known(&operation["operationId"]), "{method} {path}");
        count += 1;
    }
    let public = ["read_public_keys", "read_server_metadata", "read_openapi", "read_docs", "read_mail_page"];
    let elsewhere = ["read_health", "read_metrics"].len() + public.len();
    assert_eq!(count, Operation::ALL.len() - NOT_SERVED.len() - elsewhere, "all but those that are no part of the API");
}

#[test]
fn every_route_has_its_tag_and_a_summary_and_tells_its_refusals() {
    let document = document();
    let tags: Vec<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for (path, method, operation) in operations(&document) {
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(tags.contains(&tag), "{method} {path} has the tag {tag}");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{method} {path}");
        let (kind, schema) = if speaks_oauth(&path) {
            ("application/json", "#/components/schemas/OauthError")
        } else {
            ("application/problem+json", "#/components/schemas/Problem")
        };
        let refusal = &operation["responses"]["500"]["content"][kind]["schema"]["$ref"];
        assert_eq!(refusal, schema, "{method} {path}");
    }
}

#[test]
fn every_schema_that_is_named_is_there() {
    let document = document();
    let text = document.to_string();
    let named = text.split("\"#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap());
    for name in named {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn every_body_that_is_sent_refuses_unknown_fields() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let reference = schema["$ref"].as_str().or_else(|| schema["oneOf"][0]["$ref"].as_str());
        let Some(name) = reference.and_then(|reference| reference.rsplit('/').next()) else { continue };
        // RFC 6749 §3.2: unknown parameters are ignored there.
        if speaks_oauth(&path) {
            continue;
        }
        let closed = &document["components"]["schemas"][name]["additionalProperties"];
        assert_eq!(closed, &Value::Bool(false), "{method} {path}");
    }
}

/// Generators make a class for each content type, and import one that they do not make.
#[test]
fn every_body_that_is_sent_has_one_content_type() {
    let mut bodies = 0;
    for (path, method, operation) in operations(&document()) {
        let Some(content) = operation["requestBody"]["content"].as_object() else { continue };
        let form = takes_a_form(&path);
        let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
        assert_eq!(content.keys().collect::<Vec<_>>(), [kind], "{method} {path}");
        bodies += 1;
    }
    assert!(bodies > 10, "{bodies}");
}

/// Checkers of `format: email` refuse addresses that are accepted here: `admin@doorward.local`, `jörg@example.com`.
#[test]
fn no_text_claims_the_format_of_an_address_that_excludes_some_of_ours() {
    assert!(!document().to_string().contains(r#""format":"email""#));
}

#[test]
fn what_is_told_of_a_token_that_is_not_active_fits_the_document() {
    let told = &document()["components"]["schemas"]["Introspection"];
    assert_eq!(told["required"], serde_json::json!(["active"]));
}
