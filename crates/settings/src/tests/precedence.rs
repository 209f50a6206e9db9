use std::path::PathBuf;

use super::Given;
use crate::{DatabaseUrl, Source};

fn sqlite(path: &str) -> DatabaseUrl {
    DatabaseUrl::Sqlite(PathBuf::from(path))
}

#[test]
fn nothing_set_gives_the_defaults() {
    let settings = Given::nothing().load().unwrap();
    assert_eq!(settings.http.bind.to_string(), "127.0.0.1:8000");
    assert_eq!(settings.http.public_url.as_str(), "http://127.0.0.1:8000");
    assert_eq!(settings.tokens.issuer.as_str(), "http://127.0.0.1:8000");
    assert_eq!(settings.database.url, sqlite("data/doorward.db"));
    assert_eq!(settings.passwords.bcrypt_cost, 12);
    assert_eq!(settings.bootstrap.admin_password, None);
}

#[test]
fn the_file_is_stronger_than_defaults_and_the_environment_stronger_than_the_file() {
    let file = "[tokens]\naudience = \"from-file\"\naccess_ttl = \"1m\"\n";
    let given = Given::nothing().file(file).env("DOORWARD_TOKENS__AUDIENCE", "from-env");
    let settings = given.load().unwrap();
    assert_eq!(settings.tokens.audience, "from-env");
    assert_eq!(settings.tokens.access_ttl.as_secs(), 60);
    let source = |key| &settings.effective().iter().find(|effective| effective.key == key).unwrap().source;
    assert_eq!(*source("tokens.audience"), Source::Environment("DOORWARD_TOKENS__AUDIENCE".to_owned()));
    assert_eq!(*source("tokens.access_ttl"), Source::File(given.path("doorward.toml")));
    assert_eq!(*source("tokens.issuer"), Source::Follows("http.public_url".to_owned()));
    assert_eq!(*source("tokens.refresh_ttl"), Source::Default);
}

#[test]
fn the_shared_database_variable_stands_between_file_and_own_variable() {
    let given = Given::nothing().file("database.url = \"sqlite://file.db\"").env("DATABASE_URL", "sqlite://shared.db");
    assert_eq!(given.load().unwrap().database.url, sqlite("shared.db"));
    let given = given.env("DOORWARD_DATABASE__URL", "sqlite://own.db");
    assert_eq!(given.load().unwrap().database.url, sqlite("own.db"));
}

#[test]
fn a_refused_shared_variable_is_named_as_such() {
    let refusal = Given::nothing().env("DATABASE_URL", "mysql://root:hunter2@db/x").refusal();
    assert!(refusal.contains("database.url (environment variable DATABASE_URL)"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn the_shared_redis_variable_is_weaker_than_our_own() {
    let url = |given: &Given| given.load().unwrap().redis.url.map(|url| url.expose().to_owned());
    assert_eq!(url(&Given::nothing()), None);
    let given = Given::nothing().env("REDIS_URL", "redis://shared:6379/0");
    assert_eq!(url(&given).as_deref(), Some("redis://shared:6379/0"));
    let given = given.env("DOORWARD_REDIS__URL", "rediss://own");
    assert_eq!(url(&given).as_deref(), Some("rediss://own"));
}

#[test]
fn a_refused_redis_variable_is_named_and_its_password_is_not_shown() {
    let refusal = Given::nothing().env("REDIS_URL", "http://:hunter2@cache").refusal();
    assert!(refusal.contains("redis.url (environment variable REDIS_URL)"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn variables_of_other_programs_are_none_of_our_business() {
    let given = Given::nothing().env("MONGO_URL", "mongodb://x").env("DOORWARDEN", "1").env("HTTP__BIND", "x");
    assert!(given.load().is_ok());
}

#[test]
fn a_file_asked_for_must_exist_and_replaces_the_usual_one() {
    let mut given = Given::nothing().file("passwords.min_length = 20");
    given.sources.config_file = Some(given.path("other.toml"));
    let refusal = given.refusal();
    assert!(refusal.contains("--config (file other.toml): it can't be read"), "{refusal}");
    given.beside("other.toml", "passwords.min_length = 30");
    assert_eq!(given.load().unwrap().passwords.min_length, 30);
}

#[test]
fn a_file_that_is_not_toml_names_the_line_and_never_quotes_it() {
    let refusal = Given::nothing().file("[bootstrap]\nadmin_password = hunter2hunter2\n").refusal();
    assert!(refusal.contains("it is not TOML at line 2, column 18: string values must be quoted"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
}
