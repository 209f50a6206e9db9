use serde::{Deserialize, Deserializer};
use std::fmt;
use std::io::{self, Read};
use zeroize::Zeroizing;

/// A text that must not be shown: a password, a token. Its `Debug` hides it, and its memory is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

/// How many lines a secret may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretLines {
    /// One, like a password.
    One,
    /// Any number, like a key as PEM.
    Many,
}

/// Why a file or a pipe contains no valid secret: the end of a sentence about it, which reveals nothing of its content.
#[derive(Debug, thiserror::Error)]
pub enum NoSecret {
    /// The system can't read it.
    #[error("can't be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It has more bytes than any secret.
    #[error("is longer than {0} bytes")]
    TooLong(u64),
    /// It is not valid text.
    #[error("can't be read: it is not UTF-8")]
    NotText,
    /// It is empty without line ends.
    #[error("is empty")]
    Empty,
    /// It has a second line, which may or may not belong to the secret.
    #[error("has more than one line")]
    ManyLines,
}

impl Secret {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Reads a file or a pipe to its end: the only way in which secrets are read. A byte order mark at its start and
    /// line ends at its end belong to the text format of editors and shells, and are ignored.
    ///
    /// # Errors
    /// [`NoSecret`], also if there are more than `most` bytes.
    pub fn read(input: impl Read, most: u64, lines: SecretLines) -> Result<Self, NoSecret> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(most + 1).unwrap_or_default().min(8192)));
        input.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(NoSecret::TooLong(most));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| NoSecret::NotText)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n']);
        match text {
            "" => Err(NoSecret::Empty),
            _ if lines == SecretLines::One && text.contains(['\r', '\n']) => Err(NoSecret::ManyLines),
            _ => Ok(Self::new(text.to_owned())),
        }
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<Zeroizing<String>> for Secret {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An access token in a request, which is not copied. Its `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShownToken<'a>(&'a str);

impl<'a> ShownToken<'a> {
    /// Wraps the text.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The text itself.
    #[must_use]
    pub const fn expose(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for ShownToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownToken(…)")
    }
}

/// It can be read, and never written.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], lines: SecretLines) -> Result<String, String> {
        Secret::read(bytes, 64, lines).map(|secret| secret.expose().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_editors_and_shells_put_around_a_secret_is_no_part_of_it() {
        for written in ["s3cret", "s3cret\n", "s3cret\r\n", "s3cret\n\n", "s3cret\r\n\r\n", "\u{feff}s3cret\r\n"] {
            assert_eq!(read(written.as_bytes(), SecretLines::One).as_deref(), Ok("s3cret"), "{written:?}");
        }
        assert_eq!(read(b" a b \t\n", SecretLines::One).as_deref(), Ok(" a b \t"), "spaces are");
    }

    #[test]
    fn a_second_line_is_refused_unless_the_secret_is_of_many() {
        for written in ["a\nb", "a\r\nb\n", "\na", "a\rb"] {
            assert_eq!(
                read(written.as_bytes(), SecretLines::One),
                Err("has more than one line".to_owned()),
                "{written:?}"
            );
        }
        assert_eq!(read("\u{feff}a\r\nb\r\n".as_bytes(), SecretLines::Many).as_deref(), Ok("a\r\nb"));
    }

    #[test]
    fn what_is_empty_too_long_or_no_text_is_no_secret() {
        for written in ["", "\n", "\r\n", "\u{feff}", "\u{feff}\n\n"] {
            assert_eq!(read(written.as_bytes(), SecretLines::Many), Err("is empty".to_owned()), "{written:?}");
        }
        assert_eq!(read(&[b'x'; 65], SecretLines::One), Err("is longer than 64 bytes".to_owned()));
        assert_eq!(read(&[b'x'; 64], SecretLines::One).map(|text| text.len()), Ok(64));
        assert_eq!(read(b"\xff\xfe\n", SecretLines::One), Err("can't be read: it is not UTF-8".to_owned()));
    }
}
