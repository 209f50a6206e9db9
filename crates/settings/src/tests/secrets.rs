use super::Given;
use crate::Input;

const PASSWORD: &str = "DOORWARD_BOOTSTRAP__ADMIN_PASSWORD";
const PASSWORD_FILE: &str = "DOORWARD_BOOTSTRAP__ADMIN_PASSWORD_FILE";

fn password(given: &Given) -> String {
    let settings = given.load().unwrap();
    settings.bootstrap.admin_password.expect("a password was given").expose().to_owned()
}

#[test]
fn a_secret_file_gives_its_text_without_what_editors_put_around_it() {
    for (content, expected) in [
        ("copper violin marsh", "copper violin marsh"),
        ("copper violin marsh\n", "copper violin marsh"),
        ("copper violin marsh\r\n", "copper violin marsh"),
        ("\u{feff} copper violin marsh \n\n", " copper violin marsh "),
    ] {
        let given = Given::nothing();
        let path = given.beside("secret", content);
        assert_eq!(password(&given.env(PASSWORD_FILE, &path)), expected, "{content:?}");
        let given = Given::nothing();
        let path = given.beside("secret", content);
        let toml = format!("bootstrap.admin_password_file = {path:?}");
        assert_eq!(password(&given.file(&toml)), expected, "{content:?}");
    }
}

#[test]
fn a_secret_given_both_ways_in_one_place_is_refused() {
    let refusal = Given::nothing().env(PASSWORD, "a").env(PASSWORD_FILE, "b").refusal();
    assert!(refusal.contains("it is set twice, as a value and as a file"), "{refusal}");
    assert!(refusal.contains(&format!("unset one of {PASSWORD} and {PASSWORD_FILE}")), "{refusal}");
    let toml = "[bootstrap]\nadmin_password = \"a\"\nadmin_password_file = \"b\"";
    let refusal = Given::nothing().file(toml).refusal();
    assert!(refusal.contains("bootstrap.admin_password (file doorward.toml): it is set twice"), "{refusal}");
}

#[test]
fn a_stronger_place_overrides_a_secret_whichever_way_it_is_given() {
    let by_file =
        Given::nothing().file("bootstrap.admin_password_file = \"missing\"").env(PASSWORD, "violin-from-env-42");
    assert_eq!(password(&by_file), "violin-from-env-42");
    let given = Given::nothing();
    let path = given.beside("secret", "violin-from-secret-file-42");
    let by_value = given.file("bootstrap.admin_password = \"from-toml\"").env(PASSWORD_FILE, &path);
    assert_eq!(password(&by_value), "violin-from-secret-file-42");
}

#[test]
fn the_database_address_may_come_from_a_file_because_it_holds_a_password() {
    let given = Given::nothing();
    let path = given.beside("url", "postgres://ann:hunter2@db/doorward\n");
    let given = given.env("DATABASE_URL", "sqlite://shared.db").env("DOORWARD_DATABASE__URL_FILE", &path);
    let settings = given.load().unwrap();
    assert_eq!(settings.database.url.masked(), "postgres://ann:********@db/doorward");
}

#[test]
fn a_secret_file_that_is_missing_empty_or_too_large_is_refused_with_its_path() {
    let given = Given::nothing();
    given.beside("empty", "\n");
    given.beside("large", &"x".repeat(70_000));
    given.beside("two", "one\ntwo\n");
    for (name, reason) in [
        ("absent", "can't be read"),
        ("empty", "is empty"),
        ("large", "is longer than 65536 bytes"),
        ("two", "has more than one line"),
    ] {
        let path = given.path(name);
        let given = Given::nothing().env(PASSWORD_FILE, path.to_str().unwrap());
        let refusal = given.refusal();
        assert!(
            refusal.contains(&format!("bootstrap.admin_password (environment variable {PASSWORD_FILE})")),
            "{refusal}"
        );
        assert!(refusal.contains(&format!("its file {} {reason}", path.display())), "{refusal}");
    }
}

#[test]
fn a_value_ends_like_a_file_and_a_second_line_of_it_is_refused() {
    assert_eq!(password(&Given::nothing().env(PASSWORD, "copper violin marsh\n")), "copper violin marsh");
    let refusal = Given::nothing().env(PASSWORD, "one\ntwo").refusal();
    assert!(refusal.contains("it has more than one line\n    write it in one line"), "{refusal}");
}

#[test]
fn a_key_as_pem_has_the_lines_that_it_has() {
    let pem = "-----BEGIN PRIVATE KEY-----\r\nAAAA\r\n-----END PRIVATE KEY-----";
    let given = Given::nothing();
    let path = given.beside("key", &format!("\u{feff}{pem}\r\n"));
    let settings = given.env("DOORWARD_TOKENS__SIGNING_KEY_FILE", &path).load().unwrap();
    assert_eq!(settings.tokens.signing_key.unwrap().expose(), pem);
}

#[test]
fn only_a_secret_can_be_named_by_a_file() {
    let refusal = Given::nothing().env("DOORWARD_HTTP__BIND_FILE", "x").file("http.workers_file = \"x\"").refusal();
    assert!(refusal.contains("only a secret can be given in a file\n    set DOORWARD_HTTP__BIND itself"), "{refusal}");
    assert!(refusal.contains("only a secret can be given in a file\n    write http.workers itself"), "{refusal}");
}

#[test]
fn no_listing_debug_text_or_fault_shows_a_secret() {
    let given = Given::nothing()
        .file("[bootstrap]\nadmin_password = \"hunter2-violin-marsh\"")
        .env("DATABASE_URL", "postgres://ann:hunter2@db/doorward?sslpassword=hunter2&x=1");
    let settings = given.load().unwrap();
    let shown = format!("{}{}{settings:?}", settings.render_toml(), settings.render_json());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("postgres://ann:********@db/doorward?sslpassword=********&x=1"), "{shown}");
    let refused = given.env("DOORWARD_TOKENS__SIGNING_KEY", "hunter2").env("DOORWARD_DATABASE__URL", "hunter2:x");
    let refusal = refused.refusal();
    assert!(refusal.contains("tokens.signing_key") && refusal.contains("database.url"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn what_was_written_is_not_shown_by_debug() {
    let given = Given::nothing().env("DATABASE_URL", "postgres://ann:hunter2@db/doorward").env("OTHER", "hunter2");
    let shown = format!("{:?}", given.sources);
    assert!(shown.contains("\"DATABASE_URL\", \"OTHER\"") && !shown.contains("hunter2"), "{shown}");
    let text = Input::Text("hunter2".to_owned());
    assert_eq!(format!("{:?} {text:?}", Input::List(vec![text.clone()])), "List(…) Text(…)");
}

#[test]
fn a_url_with_a_password_is_not_repeated_when_it_is_refused() {
    for name in ["DOORWARD_TELEMETRY__OTLP_ENDPOINT", "DOORWARD_HTTP__PUBLIC_URL", "DOORWARD_HTTP__ALLOWED_ORIGINS"] {
        for url in ["https://ann:hunter2@id.example.org", "https://ann:hunter2@", "//hunter2@id"] {
            let refusal = Given::nothing().env(name, url).refusal();
            assert!(refusal.contains("a URL with a user is not valid") && !refusal.contains("hunter2"), "{refusal}");
        }
    }
}

#[test]
fn an_address_whose_password_can_not_be_told_apart_is_masked_whole() {
    for url in [
        "postgres://u:1/hunter2@h/db",
        "postgres://u:p?hunter2@h/db",
        "postgres://h/db?password=hunter@2",
        "postgres://u:p#hunter2@h",
    ] {
        let settings = Given::nothing().env("DATABASE_URL", url).load().unwrap();
        assert_eq!(settings.database.url.masked(), "postgres://********", "{url}");
    }
}
