use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection, skeleton};

/// Longest address as typed that is looked at at all: normalising costs time, and the longest good one is far shorter.
const LONGEST_RAW_BYTES: usize = 1024;
/// RFC 5321 §4.5.3.1.1.
const LONGEST_LOCAL_PART_BYTES: usize = 64;
/// RFC 5321 §4.5.3.1.3 allows a path of 256 with its angle brackets.
const LONGEST_BYTES: usize = 254;

/// Why a text is not an e-mail address we accept, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("The e-mail address is empty; enter one such as ann@example.com.")]
    Empty,
    /// More than 254 bytes, or more than 64 before the `@`.
    #[error("The e-mail address is too long; it may have 254 bytes, and 64 of them before the @.")]
    TooLong,
    /// No `@`, or more than one.
    #[error("The e-mail address must have exactly one @, with a name before it and a domain after it.")]
    NotOneAt,
    /// A space, tab or line break inside.
    #[error("The e-mail address has a space or line break inside; remove it.")]
    Whitespace,
    /// A control, zero-width or text-direction character inside.
    #[error("The e-mail address has an invisible character inside; type it by hand instead of pasting it.")]
    Invisible,
    /// A character before the `@` that we don't accept there, quotes among them.
    #[error("The part before the @ has a character that is not allowed; use letters, digits and . _ + -.")]
    LocalPartCharacter,
    /// A dot at an end of the local part, or two in a row.
    #[error("The part before the @ may not begin or end with a dot, nor have two in a row.")]
    LocalPartDots,
    /// Alphabets mixed, or letters that look like others, so that it would pass for another address.
    #[error(
        "The e-mail address has letters that look like those of another alphabet; write each part in one alphabet."
    )]
    LookAlike,
    /// Not a domain name by IDNA (UTS #46).
    #[error("The part after the @ is not a domain name; write it as in ann@example.com.")]
    Domain,
    /// A single label that is not `localhost`.
    #[error("The domain after the @ lacks its ending; write it in full, as in ann@example.com.")]
    DomainWithoutDot,
    /// A numeric address in place of a domain.
    #[error("The part after the @ is a numeric address; write the domain's name instead.")]
    IpAddress,
}

/// An e-mail address in its one normal form: NFKC, lower case, the domain in ASCII (IDNA).
///
/// The address is normalised once, before any check, and only the normal form is kept. Two spellings of one mailbox
/// are therefore one value, and nothing that a check refused can come back by normalising.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

value!(Email, EmailError);

impl Email {
    /// Normalises, then checks. White space around the address is dropped.
    ///
    /// # Errors
    /// [`EmailError`], whose text says what to mend.
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

    /// What stands before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.parts().0
    }

    /// What stands after the `@`, in ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('@').expect("an address has one @ since it was parsed")
    }
}

/// NFKC and lower case, until neither changes anything more: lower-casing can undo the normal form.
fn fold(text: &str) -> String {
    let mut folded = text.to_owned();
    for _ in 0..4 {
        let next: String = folded.nfkc().collect::<String>().to_lowercase().nfkc().collect();
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

/// RFC 5322 §3.2.3 `atext` and the dot; beyond ASCII what UTS #39 §3.1 allows in identifiers. No quoted local parts.
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
    // No top-level domain is a number (RFC 3696 §2), and many programs would read the whole as an address.
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

/// Whether the letters are of more alphabets than people write together (UTS #39 §5.2, "highly restrictive").
fn is_mixed(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| !c.is_ascii() || c.is_ascii_alphanumeric()).collect();
    !letters.as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

/// Whether a text in another alphabet looks like an ASCII one throughout (UTS #39 §4), or hides a second dot on an i.
fn passes_for_ascii(text: &str) -> bool {
    let doubled_dot = ["i\u{307}", "j\u{307}", "l\u{307}"].iter().any(|pair| text.contains(pair));
    let foreign = !text.is_ascii() && !text.contains(|c: char| c.is_ascii_alphabetic());
    doubled_dot || (foreign && skeleton(text).all(|c| c.is_ascii()))
}
