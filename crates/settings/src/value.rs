//! How a value is read from text or TOML, and shown again. The general types are here; the service's own types are in
//! `types.rs`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use doorward_ports::SecretLines;
use ipnet::IpNet;
use serde_json::Value as Json;

/// A value as it was written. An environment variable is always text, also if it looks like a number.
///
/// It may be a secret, so its `Debug` shows only its kind.
#[derive(Clone, PartialEq)]
pub enum Input {
    /// Text.
    Text(String),
    /// `true` or `false` of TOML.
    Bool(bool),
    /// A whole number of TOML.
    Integer(i64),
    /// A number with a point of TOML.
    Float(f64),
    /// A list of TOML.
    List(Vec<Input>),
    /// A kind of value that no setting accepts, by its name: "a table".
    Other(&'static str),
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Bool(_) => "Bool(…)",
            Self::Integer(_) => "Integer(…)",
            Self::Float(_) => "Float(…)",
            Self::List(_) => "List(…)",
            Self::Other(_) => "Other(…)",
        })
    }
}

/// For the faults of settings that are not secret, which an operator must be able to find.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 60;
        match self {
            Self::Text(text) if has_user(text) => f.write_str("a URL with a user"),
            Self::Text(text) if text.chars().count() > SHOWN => {
                write!(f, "{:?}…", text.chars().take(SHOWN).collect::<String>())
            }
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::List(_) => f.write_str("a list"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// Whether it could be a URL with a user, and so with a password, which is written in front of an `@`.
fn has_user(text: &str) -> bool {
    text.split_once("//").is_some_and(|(_, rest)| rest.contains('@'))
}

/// Why a value was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not written as [`SettingValue::FORMAT`] says.
    Format,
    /// It is refused for another reason; neither text may contain a secret.
    Because {
        /// What is wrong with it.
        problem: String,
        /// What to do.
        cure: String,
    },
}

impl Refusal {
    pub(crate) fn because(problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Because { problem: problem.into(), cure: cure.into() }
    }
}

/// A type that a setting can have.
pub trait SettingValue: Sized {
    /// The format of a value, as the end of a sentence that begins with "write".
    const FORMAT: &'static str;
    /// Whether it is masked when shown, and can be given in a file.
    const SECRET: bool = false;
    /// How many lines such a file may have.
    const LINES: SecretLines = SecretLines::One;

    /// Reads a value.
    ///
    /// # Errors
    /// If the value is refused, with the reason.
    fn parse(input: &Input) -> Result<Self, Refusal>;

    /// The value as `config show` prints it; a secret comes out masked.
    fn show(&self) -> Json;

    /// Its order among the values of its type, for types with a range.
    fn rank(&self) -> Option<u128> {
        None
    }

    /// The value when the key is absent, for types that allow it.
    fn absent() -> Option<Self> {
        None
    }
}

/// The text of a value that must be text.
pub(crate) fn text(input: &Input) -> Result<&str, Refusal> {
    match input {
        Input::Text(text) if text.is_empty() => {
            Err(Refusal::because("it is empty", "give it a value, or remove it to use the default"))
        }
        Input::Text(text) if !text.contains(char::is_control) => Ok(text),
        _ => Err(Refusal::Format),
    }
}

impl SettingValue for String {
    const FORMAT: &'static str = "text";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        text(input).map(str::to_owned)
    }

    fn show(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl SettingValue for PathBuf {
    const FORMAT: &'static str = "a path";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        text(input).map(Self::from)
    }

    fn show(&self) -> Json {
        Json::from(self.to_string_lossy())
    }
}

impl SettingValue for bool {
    const FORMAT: &'static str = "`true` or `false`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match input {
            Input::Bool(truth) => Ok(*truth),
            _ => text(input)?.parse().map_err(|_| Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        Json::from(*self)
    }
}

macro_rules! whole_number {
    ($($type:ty),+) => {$(
        impl SettingValue for $type {
            const FORMAT: &'static str = "a whole number";

            fn parse(input: &Input) -> Result<Self, Refusal> {
                match input {
                    Input::Integer(number) => Self::try_from(*number).map_err(|_| Refusal::Format),
                    _ => text(input)?.parse().map_err(|_| Refusal::Format),
                }
            }

            fn show(&self) -> Json {
                Json::from(*self)
            }

            fn rank(&self) -> Option<u128> {
                u128::try_from(*self).ok()
            }
        }
    )+};
}
whole_number!(u16, u32, u64, usize);

impl SettingValue for Duration {
    const FORMAT: &'static str = "a duration with its unit, such as `250ms`, `10s`, `15m`, `12h` or `7d`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        duration(text(input)?).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(shown_duration(*self))
    }

    fn rank(&self) -> Option<u128> {
        Some(self.as_millis())
    }
}

const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A number and its unit; also None if the number is too large.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*millis).map(Duration::from_millis)
}

/// The duration as text, in the largest unit that gives a whole number.
pub(crate) fn shown_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis == 0 {
        return "0s".to_owned();
    }
    UNITS
        .iter()
        .find(|(_, unit)| millis.is_multiple_of(u128::from(*unit)))
        .map(|(name, unit)| format!("{}{name}", millis / u128::from(*unit)))
        .expect("every whole number is a multiple of one millisecond")
}

impl SettingValue for SocketAddr {
    const FORMAT: &'static str = "an IP address and port, such as `127.0.0.1:8000` or `[::1]:8000`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        text(input)?.parse().map_err(|_| Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.to_string())
    }
}

impl SettingValue for IpNet {
    const FORMAT: &'static str = "an IP address or a network, such as `10.0.0.7` or `10.0.0.0/8`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        let network = text.parse::<Self>().map(|network| network.trunc());
        network.or_else(|_| text.parse::<IpAddr>().map(Self::from)).map_err(|_| Refusal::Format)
    }

    fn show(&self) -> Json {
        Json::from(self.to_string())
    }
}

/// A type that a setting can have several values of; its `FORMAT` describes a list.
pub trait ListItem: SettingValue {
    /// How the list is written.
    const LIST_FORMAT: &'static str;
}

impl ListItem for IpNet {
    const LIST_FORMAT: &'static str = "a list of IP addresses or networks, such as `10.0.0.7` or `10.0.0.0/8`, separated by commas \
        in an environment variable";
}

impl<T: ListItem> SettingValue for Vec<T> {
    const FORMAT: &'static str = T::LIST_FORMAT;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        match input {
            Input::List(items) => items.iter().map(item).collect(),
            Input::Text(text) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(|text| item(&Input::Text(text.to_owned()))).collect()
            }
            _ => Err(Refusal::Format),
        }
    }

    fn show(&self) -> Json {
        self.iter().map(T::show).collect()
    }
}

fn item<T: ListItem>(input: &Input) -> Result<T, Refusal> {
    T::parse(input).map_err(|refusal| match refusal {
        Refusal::Format => {
            Refusal::because(format!("its item {input} is not valid"), format!("write {}", T::LIST_FORMAT))
        }
        reason @ Refusal::Because { .. } => reason,
    })
}

impl<T: SettingValue> SettingValue for Option<T> {
    const FORMAT: &'static str = T::FORMAT;
    const SECRET: bool = T::SECRET;
    const LINES: SecretLines = T::LINES;

    fn parse(input: &Input) -> Result<Self, Refusal> {
        T::parse(input).map(Some)
    }

    fn show(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::show)
    }

    fn rank(&self) -> Option<u128> {
        self.as_ref().and_then(T::rank)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}
