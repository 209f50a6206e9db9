/// RFC 5646 §4.4.1 requires support for at least this many characters; Doorward supports exactly so many.
const LONGEST: usize = 35;

/// A text that is not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocaleError {
    /// It does not match `language[-Script][-REGION][-variant…]`.
    #[error("This is not a language tag; write one such as en, en-GB or zh-Hant-TW.")]
    Malformed,
    /// It has more than 35 characters.
    #[error("The language tag is too long; it may have up to 35 characters, as in zh-Hant-TW.")]
    TooLong,
}

/// A language tag (BCP 47, RFC 5646) in its usual case: `en-GB`, `zh-Hant-TW`.
///
/// It is well-formed; whether the registry knows its parts is not checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale(String);

value!(Locale, LocaleError);

impl Locale {
    /// Reads language, script, region and variants, and sets their case (RFC 5646 §2.1.1).
    ///
    /// # Errors
    /// [`LocaleError`], whose text shows an example.
    pub fn parse(text: &str) -> Result<Self, LocaleError> {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if text.len() > LONGEST {
            return Err(LocaleError::TooLong);
        }
        let tag = text.to_ascii_lowercase();
        let mut subtags = tag.split('-').peekable();
        let mut parts = vec![subtags.next().filter(|s| is_language(s)).ok_or(LocaleError::Malformed)?.to_owned()];
        parts.extend(subtags.next_if(|s| is_script(s)).map(capitalised));
        parts.extend(subtags.next_if(|s| is_region(s)).map(str::to_ascii_uppercase));
        let variants_from = parts.len();
        for variant in subtags {
            // RFC 5646 §2.2.5: no variant occurs twice.
            if !is_variant(variant) || parts[variants_from..].iter().any(|known| known == variant) {
                return Err(LocaleError::Malformed);
            }
            parts.push(variant.to_owned());
        }
        Ok(Self(parts.join("-")))
    }
}

fn is_letters(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_language(text: &str) -> bool {
    matches!(text.len(), 2 | 3 | 5..=8) && is_letters(text)
}

fn is_script(text: &str) -> bool {
    text.len() == 4 && is_letters(text)
}

fn is_region(text: &str) -> bool {
    (text.len() == 2 && is_letters(text)) || (text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()))
}

fn is_variant(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
        && (matches!(text.len(), 5..=8) || (text.len() == 4 && text.starts_with(|c: char| c.is_ascii_digit())))
}

fn capitalised(script: &str) -> String {
    let (first, rest) = script.split_at(1);
    first.to_ascii_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    #[test]
    fn a_tag_gets_its_usual_case() {
        for (typed, kept) in [
            ("EN", "en"),
            ("en-gb", "en-GB"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("sl-ROZAJ-biske", "sl-rozaj-biske"),
            ("de-ch-1901", "de-CH-1901"),
            (" gsw ", "gsw"),
        ] {
            assert_eq!(Locale::parse(typed).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "e", "en_GB", "en-", "-en", "en--GB", "engl", "en-GB-Latn", "en-u-ca-iso8601", "x-mine", "é"]
        {
            assert_eq!(Locale::parse(text), Err(LocaleError::Malformed), "{text:?}");
        }
        assert_eq!(Locale::parse("sl-rozaj-ROZAJ"), Err(LocaleError::Malformed));
        assert_eq!(Locale::parse(&"en-aaaaa".repeat(5)), Err(LocaleError::TooLong));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_short_and_ascii(
            text in laws::texts("[a-zA-Z]{2,8}(-[a-zA-Z]{4})?(-[a-zA-Z]{2})?(-[a-zA-Z0-9]{4,8}){0,2}"),
        ) {
            if let Some(locale) = laws::parsing_settles::<Locale>(&text)? {
                prop_assert!(locale.as_str().len() <= 35);
                prop_assert!(locale.as_str().split('-').all(|s| (2..=8).contains(&s.len())));
                prop_assert!(locale.as_str().bytes().all(|b| b == b'-' || b.is_ascii_alphanumeric()));
            }
        }
    }
}
