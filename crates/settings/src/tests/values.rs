use super::Given;
use crate::value::SettingValue;
use crate::{DatabaseUrl, HttpUrl, Input, LogFormat, Refusal};
use doorward_domain::{Quota, WebOrigin};
use doorward_ports::Secret;
use ipnet::IpNet;
use serde_json::Value as Json;
use std::net::SocketAddr;
use std::time::Duration;

/// The text, read and shown again as the environment would hold it.
fn shown<T: SettingValue>(text: &str) -> Option<String> {
    let plain = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let value = T::parse(&Input::Text(text.to_owned())).ok()?.show();
    let items = value.as_array().map(|items| items.iter().map(plain).collect::<Vec<_>>().join(","));
    Some(items.unwrap_or_else(|| plain(&value)))
}

/// Each accepted text and how it is shown again; then texts that are refused.
fn assert_format<T: SettingValue>(good: &[(&str, &str)], bad: &[&str]) {
    for (text, expected) in good {
        assert_eq!(shown::<T>(text).as_deref(), Some(*expected), "{text}");
        assert_eq!(shown::<T>(expected).as_deref(), Some(*expected), "{expected} as shown");
    }
    for text in bad {
        assert_eq!(shown::<T>(text), None, "{text:?} should be refused");
    }
}

#[test]
fn durations_have_a_number_and_a_unit() {
    assert_format::<Duration>(
        &[
            ("250ms", "250ms"),
            ("10s", "10s"),
            ("90s", "90s"),
            ("120s", "2m"),
            ("24h", "1d"),
            ("7d", "7d"),
            ("0ms", "0s"),
        ],
        &["", "10", "s", "1.5s", "-1s", "10 s", "10S", "1h30m", "99999999999999999d", "1w", "١s"],
    );
}

#[test]
fn rates_have_a_number_and_a_time() {
    assert_format::<Quota>(
        &[("10/m", "10/1m"), ("5/15m", "5/15m"), ("20/h", "20/1h"), ("3/1s", "3/1s")],
        &["", "10", "0/m", "/m", "10/", "10/0s", "-1/m", "10/m/s", "10 / m", "4294967296/m"],
    );
}

#[test]
fn numbers_are_whole_and_may_have_leading_zeros_in_the_environment() {
    assert_format::<u32>(&[("0123", "123"), ("0", "0")], &["", "-1", "1.0", "0x10", "4294967296", " 1"]);
    let settings = Given::nothing().env("DOORWARD_PASSWORDS__MIN_LENGTH", "020").load().unwrap();
    assert_eq!(settings.passwords.min_length, 20);
}

#[test]
fn truth_is_true_or_false() {
    assert_format::<bool>(&[("true", "true"), ("false", "false")], &["", "True", "1", "yes", "on"]);
}

#[test]
fn addresses_have_a_port_and_no_name() {
    assert_format::<SocketAddr>(
        &[("0.0.0.0:80", "0.0.0.0:80"), ("[::1]:8000", "[::1]:8000")],
        &["", "localhost:80", "127.0.0.1", ":80", "127.0.0.1:99999"],
    );
}

#[test]
fn lists_are_separated_by_commas_or_toml_lists() {
    assert_format::<Vec<IpNet>>(
        &[("", ""), ("10.0.0.7, 10.1.2.3/8,", "10.0.0.7/32,10.0.0.0/8")],
        &["10.0.0.0/33", "proxy", "10.0.0.1;10.0.0.2"],
    );
    let toml = "[http]\ntrusted_proxies = [\"10.0.0.7\", \"fd00::/8\"]\nallowed_origins = \"https://a.example\"";
    let settings = Given::nothing().file(toml).load().unwrap();
    assert_eq!(settings.http.trusted_proxies.len(), 2);
    assert_eq!(settings.http.allowed_origins[0].as_str(), "https://a.example");
}

#[test]
fn public_addresses_are_plain_http_addresses() {
    assert_format::<HttpUrl>(
        &[
            ("https://id.example.org", "https://id.example.org"),
            ("http://localhost:8000/sso/", "http://localhost:8000/sso/"),
        ],
        &[
            "",
            "id.example.org",
            "ftp://x",
            "https:x",
            "https://",
            "https://u@x",
            "https://x?q",
            "https://x#f",
            "https://x /",
            "https:\\\\x",
        ],
    );
}

#[test]
fn origins_are_written_as_browsers_send_them() {
    assert_format::<WebOrigin>(
        &[("https://App.example:443/", "https://app.example"), ("http://localhost:3000", "http://localhost:3000")],
        &["", "*", "null", "app.example", "https://app.example/path", "http://app.example", "https://*.example"],
    );
}

#[test]
fn databases_are_a_file_or_a_server() {
    assert_format::<DatabaseUrl>(
        &[
            ("sqlite:///var/x.db", "sqlite:///var/x.db"),
            ("postgresql://h/db", "postgresql://h/db"),
            ("postgres://u@h:1/db", "postgres://u@h:1/db"),
        ],
        &[
            "",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://x.db?mode=rwc",
            "sqlite://folder/",
            "mysql://h/db",
            "postgres://",
            "x.db",
        ],
    );
}

#[test]
fn log_lines_are_text_or_json() {
    assert_format::<LogFormat>(&[("text", "text"), ("json", "json")], &["", "xml", "JSON"]);
}

#[test]
fn toml_types_that_do_not_fit_are_refused() {
    for input in [Input::Bool(true), Input::Integer(900), Input::List(vec![]), Input::Other("a table or date")] {
        assert_eq!(Duration::parse(&input), Err(Refusal::Format), "{input:?}");
        assert!(Secret::parse(&input).is_err(), "{input:?}");
    }
    assert_eq!(u32::parse(&Input::Integer(-1)), Err(Refusal::Format));
}

#[test]
fn a_value_out_of_range_is_refused_with_the_range() {
    for (name, value, cure) in [
        ("PASSWORDS__BCRYPT_COST", "19", "write a whole number, from 4 to 18"),
        ("PASSWORDS__BCRYPT_COST", "3", "write a whole number, from 4 to 18"),
        ("TOKENS__REFRESH_GRACE", "301s", "or `7d`, from 0s to 5m"),
    ] {
        let refusal = Given::nothing().env(&format!("DOORWARD_{name}"), value).refusal();
        assert!(refusal.contains(&format!("{value:?} is out of range")) && refusal.contains(cure), "{refusal}");
    }
}
