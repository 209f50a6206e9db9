use super::Given;

#[test]
fn an_unknown_variable_is_refused_with_the_nearest_known_one() {
    for (name, cure) in [
        ("DOORWARD_HTTP__BND", "did you mean DOORWARD_HTTP__BIND?"),
        ("DOORWARD_HTTP_BIND", "did you mean DOORWARD_HTTP__BIND?"),
        ("DOORWARD_http__bind", "remove it; `doorward config docs` lists all settings"),
        ("DOORWARD_NOSUCH__THING", "remove it; `doorward config docs` lists all settings"),
        ("DOORWARD_", "remove it; `doorward config docs` lists all settings"),
        (
            "DOORWARD_PORT_8000_TCP",
            "if Kubernetes has set it, set enableServiceLinks: false in the pod; otherwise unset it",
        ),
    ] {
        let refusal = Given::nothing().env(name, "1").refusal();
        let expected = format!(
            "one setting can't be used:\n  {name} (environment variable {name}): there is no such setting\n    {cure}"
        );
        assert_eq!(refusal, expected);
    }
}

#[test]
fn an_unknown_key_or_section_of_the_file_is_refused_with_the_nearest_known_one() {
    for (toml, expected) in [
        ("[http]\nbnd = 1", "http.bnd (file doorward.toml): there is no such setting\n    did you mean http.bind?"),
        ("[htpp]\nbind = 1", "htpp (file doorward.toml): there is no such section\n    did you mean http?"),
        ("bind = 1", "bind (file doorward.toml): there is no such section\n    "),
        ("http = 1", "http (file doorward.toml): it is a section, not a value\n    write [http], and its keys below"),
        ("[[http]]\nbind = 1", "http (file doorward.toml): it is a section, not a value"),
        ("[http.bind]\nport = 1", "http.bind (file doorward.toml): a table or date is not valid"),
        ("[\"a\\u001b[2J\"]", "a\\u{1b}[2J (file doorward.toml): there is no such section"),
    ] {
        let refusal = Given::nothing().file(toml).refusal();
        assert!(refusal.starts_with(&format!("one setting can't be used:\n  {expected}")), "{refusal}");
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let file = "[http]\nbind = \"nowhere\"\ntypo = 1\n[passwords]\nmin_length = 3\n[tokens]\nrefresh_ttl = \"1m\"\n";
    let given = Given::nothing().file(file).env("DOORWARD_TELEMETRY__LOG_FORMAT", "xml").env("DOORWARD_WHAT", "1");
    let faults = given.load().unwrap_err();
    let keys: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    let expected = [
        "http.typo",
        "DOORWARD_WHAT",
        "http.bind",
        "passwords.min_length",
        "telemetry.log_format",
        "tokens.refresh_ttl",
    ];
    assert_eq!(keys, expected);
    assert!(faults.to_string().starts_with("6 settings can't be used:\n"));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_refused_only_when_it_is_ours() {
    use std::os::unix::ffi::OsStringExt;
    let mut given = Given::nothing();
    given.sources.env.push(("OTHER".into(), std::ffi::OsString::from_vec(vec![0xff])));
    assert!(given.load().is_ok());
    given.sources.env.push(("DOORWARD_HTTP__BIND".into(), std::ffi::OsString::from_vec(vec![0xff])));
    assert!(
        given.refusal().contains("DOORWARD_HTTP__BIND (environment variable DOORWARD_HTTP__BIND): it is not UTF-8")
    );
}
