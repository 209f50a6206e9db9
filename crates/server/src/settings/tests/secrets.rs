use super::Given;

const PASSWORD: &str = "DOORWARD_BOOTSTRAP__ADMIN_PASSWORD";
const PASSWORD_FILE: &str = "DOORWARD_BOOTSTRAP__ADMIN_PASSWORD_FILE";

fn password(given: &Given) -> String {
    let settings = given.load().unwrap();
    settings.bootstrap.admin_password.expect("a password was given").expose().to_owned()
}

#[test]
fn a_secret_file_gives_its_text_without_the_last_line_end() {
    for (content, expected) in
        [("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" a\nb\n\n", " a\nb\n")]
    {
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
    assert!(refusal.contains("it is set twice, as a value and by a file"), "{refusal}");
    assert!(refusal.contains(&format!("unset one of {PASSWORD} and {PASSWORD_FILE}")), "{refusal}");
    let toml = "[bootstrap]\nadmin_password = \"a\"\nadmin_password_file = \"b\"";
    let refusal = Given::nothing().file(toml).refusal();
    assert!(refusal.contains("bootstrap.admin_password (file doorward.toml): it is set twice"), "{refusal}");
}

#[test]
fn a_stronger_place_overrides_a_secret_whichever_way_it_is_given() {
    let by_file = Given::nothing().file("bootstrap.admin_password_file = \"missing\"").env(PASSWORD, "from-env");
    assert_eq!(password(&by_file), "from-env");
    let given = Given::nothing();
    let path = given.beside("secret", "from-secret-file");
    let by_value = given.file("bootstrap.admin_password = \"from-toml\"").env(PASSWORD_FILE, &path);
    assert_eq!(password(&by_value), "from-secret-file");
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
    for (name, reason) in [("absent", "can't be read"), ("empty", "is empty"), ("large", "is larger than 64 KiB")] {
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
fn only_a_secret_can_be_named_by_a_file() {
    let refusal = Given::nothing().env("DOORWARD_HTTP__BIND_FILE", "x").file("http.workers_file = \"x\"").refusal();
    assert!(refusal.contains("only a secret can be named by a file\n    set DOORWARD_HTTP__BIND itself"), "{refusal}");
    assert!(refusal.contains("only a secret can be named by a file\n    write http.workers itself"), "{refusal}");
}

#[test]
fn no_listing_debug_text_or_fault_shows_a_secret() {
    let given = Given::nothing()
        .file("[bootstrap]\nadmin_password = \"hunter2hunter2\"")
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
