use super::Given;
use crate::{DefaultValue, Descriptor, Settings, Sources, describe, render_docs};

#[test]
fn the_reference_page_is_up_to_date() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md")).unwrap();
    assert!(page == render_docs(), "run: cargo run -- config docs > docs/configuration.md");
}

#[test]
fn every_key_has_a_documented_purpose_and_a_unique_name() {
    let mut names: Vec<_> = describe().map(Descriptor::variable).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), describe().count());
    for key in describe() {
        assert!(key.doc.trim().ends_with('.'), "{}", key.key);
    }
}

#[test]
fn every_default_can_be_written_into_the_environment() {
    // `config docs` writes NAME for the name of a block.
    let block = "[providers.name]\nkind = \"entra\"\ntenant = \"common\"\nclient_id = \"x\"";
    for key in describe() {
        if let DefaultValue::Text(text) = key.default {
            let loaded = Given::nothing().file(block).env(&key.variable(), text).load();
            assert!(loaded.is_ok(), "{}: {:?}", key.key, loaded.err());
        }
    }
}

#[test]
fn what_is_shown_can_be_used_as_a_file_and_means_the_same() {
    let given = Given::nothing()
        .env("DOORWARD_HTTP__TRUSTED_PROXIES", "10.0.0.0/8")
        .env("DOORWARD_TOKENS__AUDIENCE", "a \"b\" \\ c")
        .env("DOORWARD_RATE_LIMIT__ENABLED", "false")
        .env("DOORWARD_PASSWORDS__MIN_LENGTH", "016")
        .env("DOORWARD_OAUTH__ALLOWED_REDIRECT_URIS", "https://a.example/cb,com.example.app:/cb")
        .env("DOORWARD_PROVIDERS__MY___IDP__KIND", "entra")
        .env("DOORWARD_PROVIDERS__MY___IDP__ISSUER", "https://login.microsoftonline.us/common/v2.0")
        .env("DOORWARD_PROVIDERS__MY___IDP__CLIENT_ID", "x");
    let shown = given.load().unwrap();
    let again = Given::nothing().file(&shown.render_toml()).load().unwrap_or_else(|faults| panic!("{faults}"));
    let values =
        |settings: &Settings| settings.effective().iter().map(|e| (e.key.clone(), e.value.clone())).collect::<Vec<_>>();
    assert_eq!(values(&again), values(&shown));
}

#[test]
fn each_shown_line_says_where_its_value_comes_from() {
    let given = Given::nothing().env("DOORWARD_HTTP__WORKERS", "2");
    let shown = given.load().unwrap().render_toml();
    for line in [
        "[http]",
        "bind = \"127.0.0.1:8000\"  # default",
        "public_url = \"http://127.0.0.1:8000\"  # default, from http.bind",
        "workers = 2  # environment variable DOORWARD_HTTP__WORKERS",
        "# admin_password is not set",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in:\n{shown}");
    }
}

#[test]
fn what_is_shown_as_json_has_key_value_and_source() {
    let settings = Settings::load(&Sources::default(), &[]).unwrap();
    let shown = settings.render_json();
    let expected = serde_json::json!({"key": "http.bind", "value": "127.0.0.1:8000", "source": "default"});
    assert_eq!(shown[0], expected);
    assert_eq!(shown.as_array().map(Vec::len), Some(settings.effective().len()));
}
