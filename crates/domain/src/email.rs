use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection, skeleton};

/// The longest address as typed that is read at all: normalising takes time, and the longest valid address is far
/// shorter.
const LONGEST_RAW_BYTES: usize = 1024;
/// RFC 5321 §4.5.3.1.1.
const LONGEST_LOCAL_PART_BYTES: usize = 64;
/// RFC 5321 §4.5.3.1.3 allows a path of 256 with its angle brackets.
const LONGEST_BYTES: usize = 254;

/// Why a text is not an acceptable e-mail address, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// It is empty.
    #[error("The e-mail address is empty; enter one such as ann@example.com.")]
    Empty,
    /// It has more than 254 bytes, or more than 64 before the `@`.
    #[error("The e-mail address is too long; it may have 254 bytes, and 64 of them before the @.")]
    TooLong,
    /// It has no `@`, or more than one.
    #[error("The e-mail address must have exactly one @, with a name before it and a domain after it.")]
    NotOneAt,
    /// It has a space, tab or line break inside.
    #[error("The e-mail address has a space or line break inside; remove it.")]
    Whitespace,
    /// It has a control, zero-width or text-direction character inside.
    #[error("The e-mail address has an invisible character inside; type it by hand instead of pasting it.")]
    Invisible,
    /// It has a character before the `@` that is not accepted there, such as a quote.
    #[error("The part before the @ has a character that is not allowed; use letters, digits and . _ + -.")]
    LocalPartCharacter,
    /// The local part begins or ends with a dot, or has two dots in a row.
    #[error("The part before the @ may not begin or end with a dot, nor have two in a row.")]
    LocalPartDots,
    /// It mixes alphabets, or has letters that look like others, and could be confused with another address.
    #[error("The e-mail address mixes letters of several alphabets that look alike; write each part in one alphabet.")]
    LookAlike,
    /// Its domain is not a domain name by IDNA (UTS #46).
    #[error("The part after the @ is not a domain name; write it as in ann@example.com.")]
    Domain,
    /// Its domain is a single label other than `localhost`.
    #[error("The domain after the @ is not complete; write it in full, as in ann@example.com.")]
    DomainWithoutDot,
    /// It has an IP address in place of a domain.
    #[error("The part after the @ is an IP address; write a domain name instead.")]
    IpAddress,
}

/// An e-mail address in its one normal form: NFKC, lower case, the domain in ASCII (IDNA).
///
/// The address is normalised once, before any check, and only the normal form is kept. So two spellings of one mailbox
/// are one value, and normalising can't produce an address that a check has refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

value!(Email, EmailError);
hidden!(Email);

impl Email {
    /// Normalises, then checks. White space around the address is dropped.
    ///
    /// # Errors
    /// [`EmailError`], whose text says what to do.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > LONGEST_RAW_BYTES {
            return Err(EmailError::TooLong);
        }
        let folded = fold(text);
        check_visible(&folded)?;
        let (local, domain) = split(&folded)?;
        check_local_part(local)?;
        let domain = ascii_domain(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > LONGEST_BYTES {
            return Err(EmailError::TooLong);
        }
        Ok(Self(address))
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.parts().0
    }

    /// The part after the `@`, in ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('@').expect("an address has one @ since it was parsed")
    }
}

/// NFKC and lower case, repeated until nothing changes: lower case can break the normal form.
///
/// İ becomes i, as its readers expect. By Unicode it would keep a second dot, and be refused as a look-alike.
fn fold(text: &str) -> String {
    let mut folded = text.to_owned();
    for _ in 0..4 {
        let next: String = folded.nfkc().collect::<String>().replace('İ', "i").to_lowercase().nfkc().collect();
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

fn check_visible(text: &str) -> Result<(), EmailError> {
    if text.contains(char::is_whitespace) {
        return Err(EmailError::Whitespace);
    }
    if text.contains(|c: char| c.is_control() || crate::value::is_invisible(c)) {
        return Err(EmailError::Invisible);
    }
    Ok(())
}

fn split(text: &str) -> Result<(&str, &str), EmailError> {
    match text.split_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !domain.contains('@') => {
            Ok((local, domain))
        }
        _ => Err(EmailError::NotOneAt),
    }
}

fn check_local_part(local: &str) -> Result<(), EmailError> {
    if local.len() > LONGEST_LOCAL_PART_BYTES {
        return Err(EmailError::TooLong);
    }
    if !local.chars().all(is_local_part_character) {
        return Err(EmailError::LocalPartCharacter);
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailError::LocalPartDots);
    }
    if is_mixed(local) || passes_for_ascii(local) {
        return Err(EmailError::LookAlike);
    }
    Ok(())
}

/// RFC 5322 §3.2.3 `atext` and the dot; beyond ASCII, what UTS #39 §3.1 allows in identifiers. Quoted local parts are
/// not accepted.
fn is_local_part_character(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c) } else { c.identifier_allowed() }
}

fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    if domain.starts_with('[') || domain.contains(':') {
        return Err(EmailError::IpAddress);
    }
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
        .map_err(|_| EmailError::Domain)?;
    let (_, ending) = match ascii.rsplit_once('.') {
        Some(parts) => parts,
        None if ascii == "localhost" => return Ok(ascii.into_owned()),
        None => return Err(EmailError::DomainWithoutDot),
    };
    // No top-level domain is a number (RFC 3696 §2), and many programs would read it as an IP address.
    if ending.bytes().all(|b| b.is_ascii_digit()) || ending.starts_with("0x") {
        return Err(EmailError::IpAddress);
    }
    let (shown, _) = uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    let foreign_ending = !shown.rsplit('.').next().is_some_and(str::is_ascii);
    if shown.split('.').any(|label| is_mixed(label) || (!foreign_ending && passes_for_ascii(label))) {
        return Err(EmailError::LookAlike);
    }
    Ok(ascii.into_owned())
}

/// Whether the letters come from more alphabets than people write together (UTS #39 §5.2, "highly restrictive").
fn is_mixed(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| !c.is_ascii() || c.is_ascii_alphanumeric()).collect();
    !letters.as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

/// Whether a text in another alphabet looks completely like ASCII (UTS #39 §4), or hides a second dot on an i.
fn passes_for_ascii(text: &str) -> bool {
    let doubled_dot = ["i\u{307}", "j\u{307}", "l\u{307}"].iter().any(|pair| text.contains(pair));
    let foreign = !text.is_ascii() && !text.contains(|c: char| c.is_ascii_alphabetic());
    doubled_dot || (foreign && skeleton(text).all(|c| c.is_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::laws;
    use proptest::prelude::*;

    fn parsed(text: &str) -> String {
        Email::parse(text).map_or_else(|error| format!("{error:?}"), |email| email.to_string())
    }

    // GHSA-7rqj-j65f-68wh: an address that was validated before it was normalised could pass for the address of another
    // account.
    #[test]
    fn ghsa_7rqj_j65f_68wh_checks_see_only_the_normal_form() {
        assert_eq!(parsed("Ann@EXAMPLE.com"), "ann@example.com");
        assert_eq!(parsed("  ann@example.com\r\n"), "ann@example.com");
        assert_eq!(parsed("ａnn@example.com"), "ann@example.com");
        assert_eq!(parsed("ann＠example.com"), "ann@example.com");
        assert_eq!(parsed("ann@example。com"), "ann@example.com");
        assert_eq!(parsed("ann@evil.example＠example.com"), "NotOneAt");
        assert_eq!(parsed("ann．@example.com"), "LocalPartDots");
        assert_eq!(parsed("ann\u{a0}b@example.com"), "Whitespace");
        assert_eq!(parsed("\u{212a}ate@example.com"), "kate@example.com");
    }

    #[test]
    fn a_domain_in_another_alphabet_is_kept_in_ascii() {
        assert_eq!(parsed("ann@bücher.example"), "ann@xn--bcher-kva.example");
        assert_eq!(parsed("ann@XN--BCHER-KVA.example"), "ann@xn--bcher-kva.example");
        assert_eq!(parsed("иван@почта.рф"), "иван@xn--80a1acny.xn--p1ai");
        assert_eq!(parsed("太郎@例え.jp"), "太郎@xn--r8jz45g.jp");
    }

    #[test]
    fn a_look_alike_in_mixed_alphabets_is_refused() {
        assert_eq!(parsed("p\u{430}ypal@example.com"), "LookAlike");
        assert_eq!(parsed("ann@p\u{430}ypal.com"), "LookAlike");
        assert_eq!(parsed("ann@xn--pypal-4ve.com"), "LookAlike");
        assert_eq!(parsed("\u{3b1}nn@example.com"), "LookAlike");
    }

    #[test]
    fn a_look_alike_in_one_other_alphabet_is_refused() {
        assert_eq!(parsed("\u{440}\u{430}\u{443}@example.com"), "LookAlike");
        assert_eq!(parsed("ann@\u{440}\u{430}\u{443}.com"), "LookAlike");
        assert_eq!(parsed("li\u{307}z@example.com"), "LookAlike");
    }

    #[test]
    fn words_of_one_other_alphabet_are_welcome() {
        assert_eq!(parsed("Élodie.Müller@example.com"), "élodie.müller@example.com");
        assert_eq!(parsed("мария@example.com"), "мария@example.com");
        assert_eq!(parsed("ann@ırmak.com.tr"), "ann@xn--rmak-kza.com.tr");
        assert_eq!(parsed("ALİ.İNAN@İZMİR.example"), "ali.inan@izmir.example");
        assert_eq!(parsed("I\u{307}nan@example.com"), "inan@example.com");
    }

    #[test]
    fn hidden_characters_are_refused() {
        for hidden in ["\0", "\u{7}", "\u{200b}", "\u{202e}", "\u{2066}", "\u{feff}", "\u{ad}", "\u{e0041}"] {
            assert_eq!(parsed(&format!("an{hidden}n@example.com")), "Invisible", "{hidden:?}");
            assert_eq!(parsed(&format!("ann@exa{hidden}mple.com")), "Invisible", "{hidden:?}");
        }
        assert_eq!(parsed("an n@example.com"), "Whitespace");
        assert_eq!(parsed("ann@example.com\nbcc:eve@example.com"), "Whitespace");
    }

    #[test]
    fn the_local_part_has_its_rules() {
        for good in ["a", "ann+tag", "o'brien", "a.b-c_d", "!#$%&*/=?^`{|}~"] {
            assert_eq!(parsed(&format!("{good}@example.com")), format!("{good}@example.com"));
        }
        for dots in [".ann", "ann.", "an..n"] {
            assert_eq!(parsed(&format!("{dots}@example.com")), "LocalPartDots");
        }
        for bad in ["\"ann\"", "an,n", "an(n)", "an\\n", "<ann", "an:n", "☃"] {
            assert_eq!(parsed(&format!("{bad}@example.com")), "LocalPartCharacter");
        }
    }

    #[test]
    fn there_is_exactly_one_at_with_something_on_both_sides() {
        for text in ["ann", "@", "ann@", "@example.com", "a@b@example.com"] {
            assert_eq!(parsed(text), "NotOneAt", "{text}");
        }
        assert_eq!(parsed(" \t"), "Empty");
    }

    #[test]
    fn a_domain_is_a_name_in_full_or_localhost() {
        assert_eq!(parsed("ann@localhost"), "ann@localhost");
        assert_eq!(parsed("ann@intranet"), "DomainWithoutDot");
        for address in ["127.0.0.1", "[127.0.0.1]", "[ipv6:::1]", "::1", "1.0x7f", "example.1"] {
            assert_eq!(parsed(&format!("ann@{address}")), "IpAddress", "{address}");
        }
        for bad in ["example.com.", ".example.com", "exa_mple.com", "-a.com", "a-.com", "a..com", "xn--a.com"] {
            assert_eq!(parsed(&format!("ann@{bad}")), "Domain", "{bad}");
        }
    }

    #[test]
    fn lengths_are_those_of_rfc_5321_in_bytes_of_the_normal_form() {
        let domain = format!("{}.{}.{}.com", "d".repeat(61), "d".repeat(61), "d".repeat(61));
        assert_eq!(parsed(&format!("{}@{domain}", "a".repeat(64))), format!("{}@{domain}", "a".repeat(64)));
        assert_eq!(parsed(&format!("{}@example.com", "a".repeat(65))), "TooLong");
        assert_eq!(parsed(&format!("{}@example.com", "é".repeat(33))), "TooLong");
        assert_eq!(parsed(&format!("{}@d.{domain}", "a".repeat(64))), "TooLong");
        assert_eq!(parsed(&"\u{fdfa}".repeat(100_000)), "TooLong");
    }

    #[test]
    fn the_parts_are_those_of_the_normal_form() {
        let email = Email::parse("Ann@BÜCHER.example").unwrap();
        assert_eq!((email.local_part(), email.domain()), ("ann", "xn--bcher-kva.example"));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_in_normal_form(
            text in laws::texts("[a-zA-Zа-яß-ŽΑ-ωİſK.+０-９]{1,12}[@＠][a-zA-Zß-ž0-9-]{1,8}[.。](com|РФ|xn--p1ai)"),
        ) {
            if let Some(email) = laws::parsing_settles::<Email>(&text)? {
                prop_assert!(email.as_str().len() <= 254 && email.local_part().len() <= 64);
                prop_assert!(email.domain().is_ascii() && !email.domain().contains('@'));
                prop_assert_eq!(fold(email.as_str()), email.as_str());
                prop_assert!(!email.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || c.is_uppercase()));
            }
        }
    }
}
