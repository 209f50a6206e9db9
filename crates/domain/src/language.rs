use crate::Locale;
use std::fmt;

/// A language of the texts for people: mails, and the pages of their links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Language {
    /// English, the language of everybody whose own is not here.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

/// How many languages of a header are read.
const MOST: usize = 20;

impl Language {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Es];

    /// Its tag (BCP 47).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
        }
    }

    /// The language of a locale, whatever its region; none if its texts are not here.
    #[must_use]
    pub fn of_locale(locale: &Locale) -> Option<Self> {
        Self::of_tag(locale.as_str())
    }

    /// The best language of an `Accept-Language` header (RFC 9110 §12.5.4, lookup by the first subtag); none if it names
    /// no language that is here.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',').take(MOST) {
            let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
            let weight = thousandths(weight).filter(|weight| *weight > 0);
            if let (Some(language), Some(weight)) = (Self::of_tag(tag.trim()), weight)
                && best.is_none_or(|(known, _)| weight > known)
            {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let first = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| first.eq_ignore_ascii_case(language.as_str()))
    }
}

/// `q=0.5` in thousandths; without a weight, all of them. None if it is not written so.
fn thousandths(weight: &str) -> Option<u16> {
    let Some(number) = weight.trim().strip_prefix("q=") else {
        return weight.trim().is_empty().then_some(1000);
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fits = fraction.len() <= 3 && fraction.bytes().all(|digit| digit.is_ascii_digit());
    let fraction = format!("{fraction:0<3}").parse::<u16>().ok().filter(|_| fits)?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_9110_12_5_4_the_language_with_the_greatest_weight_is_chosen() {
        for (header, expected) in [
            ("de", Some(Language::De)),
            ("DE-at, en;q=0.5", Some(Language::De)),
            ("en;q=0.4, fr-CA;q=0.9, de;q=0.8", Some(Language::Fr)),
            ("it, es;q=0.1", Some(Language::Es)),
            ("fr, de", Some(Language::Fr)),
            ("de;q=0, en;q=0.001", Some(Language::En)),
            ("es;q=1.000", Some(Language::Es)),
            ("de;q=2, de;q=0.1234, de;q=x, de;q=-1", None),
            ("it, *", None),
            ("", None),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }

    #[test]
    fn a_locale_has_the_language_of_its_first_subtag() {
        let of = |tag: &str| Language::of_locale(&Locale::parse(tag).unwrap());
        assert_eq!((of("es-419"), of("en-GB"), of("gsw")), (Some(Language::Es), Some(Language::En), None));
    }

    proptest! {
        #[test]
        fn no_header_panics(header in "\\PC{0,80}|([a-z]{2}(-[A-Z]{2})?(;q=[0-9.]{0,6})?,? ?){0,30}") {
            let _ = Language::accepted(&header);
        }
    }
}
