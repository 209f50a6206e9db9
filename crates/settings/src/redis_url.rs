//! The URL of Redis.

use doorward_ports::Secret;
use serde_json::Value as Json;
use url::Url;

use crate::value::{Input, Refusal, SettingValue, text};

/// The URL of Redis, with or without TLS: one URL, or several of one kind, separated by commas. All of it is secret, because it
/// can contain a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl(Secret);

impl RedisUrl {
    /// The URLs themselves, for the only place that needs them.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

fn addresses(text: &str) -> Option<Vec<Url>> {
    let addresses: Vec<_> = text.split(',').map(|text| address(text.trim())).collect::<Option<_>>()?;
    addresses.iter().all(|address| address.scheme() == addresses[0].scheme()).then_some(addresses)
}

/// Parameters and fragments are refused: one of them would disable the check of certificates.
fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "redis" | "rediss"))?;
    let database = url.path().strip_prefix('/').unwrap_or_default();
    let plain = url.query().is_none() && url.fragment().is_none() && database.chars().all(|c| c.is_ascii_digit());
    (plain && url.host_str().is_some_and(|host| !host.is_empty())).then_some(url)
}

fn masked(mut address: Url, mask: &str) -> Option<String> {
    if address.password().is_some() {
        address.set_password(Some(mask)).ok()?;
    }
    Some(address.to_string())
}

impl SettingValue for RedisUrl {
    const FORMAT: &'static str = "`redis://USER:PASSWORD@HOST:PORT`, or `rediss://…` for TLS, without parameters; several \
                                  of one kind are separated by commas";
    const SECRET: bool = true;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text: String = text(input)?.split_whitespace().collect();
        addresses(&text).map(|_| Self(Secret::new(text))).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        let Json::String(mask) = self.0.show() else { return self.0.show() };
        let shown = addresses(self.expose()).and_then(|addresses| {
            addresses.into_iter().map(|address| masked(address, &mask)).collect::<Option<Vec<_>>>()
        });
        shown.map_or_else(|| self.0.show(), |shown| Json::from(shown.join(",")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<RedisUrl> {
        RedisUrl::parse(&Input::Text(text.to_owned())).ok()
    }

    #[test]
    fn addresses_with_and_without_tls_are_taken() {
        let cluster = "redis://:pw@one,redis://two:6380";
        let one = ["redis://cache", "rediss://cache:6380", "redis://:pw@10.0.0.1:6379/0", "redis://u:p@[::1]/"];
        for text in one.into_iter().chain([cluster]) {
            assert_eq!(parse(text).map(|url| url.expose().to_owned()).as_deref(), Some(text));
        }
    }

    #[test]
    fn whatever_is_no_plain_address_of_redis_is_refused() {
        let insecure = "rediss://cache#insecure";
        let lists = ["redis://one,", "redis://one,two", "redis://one,rediss://two"];
        let one = ["", "cache:6379", "http://cache", "redis://", "redis://c/x", "redis://c?protocol=2", insecure];
        for text in one.into_iter().chain(lists) {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let url = parse("redis://ann:hunter2@cache:6379, redis://:hunter2@other").unwrap();
        assert_eq!(url.show(), Json::from("redis://ann:********@cache:6379,redis://:********@other"));
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
