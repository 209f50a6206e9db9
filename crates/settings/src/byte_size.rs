use serde_json::Value as Json;

use crate::value::{Input, Refusal, SettingValue, text};

const UNITS: [(&str, usize); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSize(usize);

impl ByteSize {
    /// The number.
    pub const fn bytes(self) -> usize {
        self.0
    }
}

impl SettingValue for ByteSize {
    const FORMAT: &'static str = "a number of bytes with its unit, such as `512KiB`, `32MiB` or `1GiB`";

    fn parse(input: &Input) -> Result<Self, Refusal> {
        let text = text(input)?;
        let (number, unit) =
            UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit))).ok_or(Refusal::Format)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit()).then_some(number).ok_or(Refusal::Format)?;
        let number: usize = digits.parse().map_err(|_| Refusal::Format)?;
        number.checked_mul(*unit).map(Self).ok_or(Refusal::Format)
    }

    fn show(&self) -> Json {
        let fits = |(_, unit): &&(&str, usize)| self.0.is_multiple_of(*unit);
        let (name, unit) = UNITS.iter().find(fits).expect("bytes fit always");
        Json::from(format!("{}{name}", self.0 / unit))
    }

    fn rank(&self) -> Option<u128> {
        Some(self.0 as u128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<ByteSize> {
        ByteSize::parse(&Input::Text(text.to_owned())).ok()
    }

    #[test]
    fn a_size_has_a_unit_and_is_shown_with_the_largest_that_fits() {
        for (text, bytes, shown) in [
            ("32MiB", 32 << 20, "32MiB"),
            ("1536KiB", 1536 << 10, "1536KiB"),
            ("1024KiB", 1 << 20, "1MiB"),
            ("7B", 7, "7B"),
        ] {
            let size = parsed(text).unwrap_or_else(|| panic!("{text} is a size"));
            assert_eq!((size.bytes(), size.show()), (bytes, Json::from(shown)), "{text}");
            assert_eq!(parsed(shown), Some(size));
        }
    }

    #[test]
    fn what_has_no_unit_or_no_number_is_refused() {
        for text in ["32", "MiB", "-1MiB", "+1MiB", "1.5MiB", "32 MiB", "32MB", "32mib", "99999999999GiB", ""] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
