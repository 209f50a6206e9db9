//! The types of settings about traces.

use std::fmt;

use doorward_ports::Secret;
use serde_json::Value as Json;

use crate::value::{Input, ListItem, Refusal, SettingValue, text};

/// How traces are sent to the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// OTLP over HTTP, encoded as Protocol Buffers.
    HttpProtobuf,
}

impl SettingValue for OtlpProtocol {
    const FORMAT: &'static str = "`http/protobuf`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match text(input)? {
            "http/protobuf" => Ok(Self::HttpProtobuf),
            "grpc" => Err(Refusal::because(
                "Doorward does not speak OTLP over gRPC",
                "write `http/protobuf`, and set telemetry.otlp_endpoint to the collector's port for HTTP, usually 4318",
            )),
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from("http/protobuf")
    }
}

/// A share, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(f64);

impl Share {
    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl SettingValue for Share {
    const FORMAT: &'static str = "a number from `0` to `1`, such as `0.1` for a tenth";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let number = match input {
            Input::Float(number) => *number,
            Input::Integer(0) => 0.0,
            Input::Integer(1) => 1.0,
            _ => text(input)?.parse().map_err(|_| Refusal::Format)?,
        };
        (0.0..=1.0).contains(&number).then_some(Self(number)).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.0)
    }
}

/// Headers of HTTP that contain secrets, such as the key of a collector.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHeaders(Vec<(String, Secret)>);

impl SecretHeaders {
    /// Each header with its value, for the one place that needs them.
    pub fn expose(&self) -> &[(String, Secret)] {
        &self.0
    }
}

impl fmt::Debug for SecretHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl SettingValue for SecretHeaders {
    const FORMAT: &'static str =
        "`NAME=VALUE`, several separated by commas; a comma, a space or a `%` inside of a value is percent-encoded";
    const SECRET: bool = true;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let secret = Secret::parse(input)?;
        let headers = secret.expose().split(',').map(header).collect::<Option<Vec<_>>>();
        headers.map(Self).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        self.0.first().map_or(Json::Null, |(_, value)| value.show())
    }
}

fn header(pair: &str) -> Option<(String, Secret)> {
    let (name, value) = pair.trim().split_once('=')?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let value = percent_decoded(value.trim())?;
    let is_visible = !value.is_empty() && value.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let name = name.trim();
    let well_formed = !name.is_empty() && name.chars().all(is_token) && is_visible;
    well_formed.then(|| (name.to_ascii_lowercase(), Secret::new(value)))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok().filter(|it| it.chars().all(|c| c.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// An attribute of this process in traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceAttribute {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

impl SettingValue for ResourceAttribute {
    const FORMAT: &'static str = "`NAME=VALUE`, such as `deployment.environment.name=production`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let (key, value) = text(input)?.split_once('=').ok_or(Refusal::Format)?;
        let (key, value) = (key.trim(), value.trim());
        let named = key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c));
        let attribute = Self { key: key.to_owned(), value: value.to_owned() };
        (named && !value.is_empty()).then_some(attribute).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(format!("{}={}", self.key, self.value))
    }
}

impl ListItem for ResourceAttribute {
    const LIST_FORMAT: &'static str = "a list of `NAME=VALUE`, such as `deployment.environment.name=production`, separated by \
        commas in an environment variable";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<T: SettingValue>(text: &str) -> Option<T> {
        T::parse(&Input::Text(text.to_owned())).ok()
    }

    #[test]
    fn a_share_is_a_number_from_0_to_1() {
        for (text, number) in [("0", 0.0), ("0.1", 0.1), ("1", 1.0), ("1.0", 1.0)] {
            assert_eq!(parse::<Share>(text).map(Share::get), Some(number), "{text}");
        }
        assert_eq!(Share::parse(&Input::Float(0.25)).map(Share::get), Ok(0.25));
        assert_eq!(Share::parse(&Input::Integer(1)).map(Share::get), Ok(1.0));
        for bad in ["", "-0.1", "1.1", "10%", "NaN", "inf", "a tenth"] {
            assert_eq!(parse::<Share>(bad), None, "{bad:?}");
        }
        assert!(Share::parse(&Input::Float(f64::NAN)).is_err() && Share::parse(&Input::Integer(2)).is_err());
    }

    #[test]
    fn headers_are_read_as_exporters_of_opentelemetry_read_them() {
        let headers = parse::<SecretHeaders>("Authorization=Basic%20YTpi==, x-key = 1%2C2").unwrap();
        let read: Vec<_> = headers.expose().iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        assert_eq!(read, [("authorization", "Basic YTpi=="), ("x-key", "1,2")]);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for bad in ["", "key", "=value", "key=", "a b=c", "key=1,", "key=%2", "key=%zz", "key=%0a", "key=%ff", "key=ü"]
        {
            assert_eq!(parse::<SecretHeaders>(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_values_of_headers_are_not_shown() {
        let headers = parse::<SecretHeaders>("authorization=hunter2").unwrap();
        let shown = format!("{headers:?} {}", headers.show());
        assert!(shown.contains("authorization") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn grpc_is_refused_with_the_port_that_works() {
        assert_eq!(parse("http/protobuf"), Some(OtlpProtocol::HttpProtobuf));
        let Err(Refusal::Because { cure, .. }) = OtlpProtocol::parse(&Input::Text("grpc".to_owned())) else {
            panic!("it is not implemented")
        };
        assert!(cure.contains("4318"), "{cure}");
        assert_eq!(parse::<OtlpProtocol>("http/json"), None);
    }

    #[test]
    fn an_attribute_has_a_name_and_a_value() {
        let attribute = parse::<ResourceAttribute>("deployment.environment.name = a=b").unwrap();
        assert_eq!((attribute.key.as_str(), attribute.value.as_str()), ("deployment.environment.name", "a=b"));
        for bad in ["", "x", "x=", "=x", "Region=eu", "a b=c"] {
            assert_eq!(parse::<ResourceAttribute>(bad), None, "{bad:?}");
        }
    }
}
