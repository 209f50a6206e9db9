//! The address of Redis.

use serde_json::Value as Json;
use url::Url;

use super::types::Secret;
use super::value::{Input, Refusal, SettingValue, text};

/// Where Redis is reached, by TLS or without; the whole address is secret, because it can hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl(Secret);

impl RedisUrl {
    /// The address itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Parameters and fragments are refused: one of them would turn the check of certificates off.
fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "redis" | "rediss"))?;
    let database = url.path().strip_prefix('/').unwrap_or_default();
    let plain = url.query().is_none() && url.fragment().is_none() && database.chars().all(|c| c.is_ascii_digit());
    (plain && url.host_str().is_some_and(|host| !host.is_empty())).then_some(url)
}

impl SettingValue for RedisUrl {
    const FORMAT: &'static str = "`redis://USER:PASSWORD@HOST:PORT`, or `rediss://…` for TLS, without parameters";
    const SECRET: bool = true;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        address(text).map(|_| Self(Secret::new(text.to_owned()))).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        let Some(mut url) = address(self.expose()) else { return self.0.show() };
        let Json::String(mask) = self.0.show() else { return self.0.show() };
        if url.password().is_some() && url.set_password(Some(&mask)).is_err() {
            return self.0.show();
        }
        Json::from(url.to_string())
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
        for text in ["redis://cache", "rediss://cache:6380", "redis://:pw@10.0.0.1:6379/0", "redis://u:p@[::1]/"] {
            assert_eq!(parse(text).map(|url| url.expose().to_owned()).as_deref(), Some(text));
        }
    }

    #[test]
    fn whatever_is_no_plain_address_of_redis_is_refused() {
        let insecure = "rediss://cache#insecure";
        for text in ["", "cache:6379", "http://cache", "redis://", "redis://c/x", "redis://c?protocol=2", insecure] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let url = parse("redis://ann:hunter2@cache:6379").unwrap();
        assert_eq!(url.show(), Json::from("redis://ann:********@cache:6379"));
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
