use doorward_ports::{Error, FieldError};
use serde::de::{self, Expected, Unexpected};
use std::fmt;

/// A fault in well-formed input: where, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The path to the fault, from the inside out.
    path: Vec<String>,
    code: &'static str,
    message: String,
}

impl Shape {
    fn new(code: &'static str, message: String) -> Self {
        Self { path: Vec::new(), code, message }
    }

    /// The same fault, as seen from the containing value.
    pub(super) fn within(mut self, member: String) -> Self {
        self.path.push(member);
        self
    }

    /// RFC 6901 §3.
    fn pointer(&self) -> String {
        let escaped = self.path.iter().rev().map(|member| member.replace('~', "~0").replace('/', "~1"));
        escaped.map(|member| format!("/{member}")).collect()
    }
}

impl From<Shape> for Error {
    fn from(shape: Shape) -> Self {
        let pointer = shape.pointer();
        Self::invalid(vec![FieldError { pointer, code: shape.code, message: shape.message }])
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pointer(), self.message)
    }
}

impl std::error::Error for Shape {}

impl de::Error for Shape {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("invalid_value", message.to_string())
    }

    /// The value itself is not repeated: it may be a secret.
    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::new("invalid_type", format!("must be {}, not {}.", in_words(wanted), kind(found)))
    }

    fn invalid_value(_: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self::new("out_of_range", format!("must be {}.", in_words(wanted)))
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        let message = match known {
            [] => "is unknown; remove it.".to_owned(),
            known => format!("is unknown; known names are: {}.", known.join(", ")),
        };
        Self::new("unknown_field", message).within(field.to_owned())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("required", "is required.".to_owned()).within(field.to_owned())
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new("duplicate_field", "is repeated; send it once.".to_owned()).within(field.to_owned())
    }
}

/// What serde expects, in words for people who don't know the types.
fn in_words(wanted: &dyn Expected) -> String {
    let wanted = wanted.to_string();
    match wanted.as_str() {
        "a sequence" => "a list".to_owned(),
        "i64" => "a whole number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        _ => wanted,
    }
}

const fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Str(_) | Unexpected::Char(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}
