//! Bytes as digits in base 16 (RFC 4648 §8), in lower case.

/// The digits of bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    append(bytes, &mut text);
    text
}

/// Appends the digits of bytes.
pub fn append(bytes: &[u8], text: &mut String) {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

/// The bytes of digits; none for any text that [`encode`] does not return for so many bytes.
#[must_use]
pub fn decode<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let digits = digits.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}

const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 4648 §10.
    #[test]
    fn digits_are_those_of_the_rfc_in_lower_case() {
        assert_eq!(encode(b"foobar"), "666f6f626172");
        assert_eq!(decode("666f6f626172"), Some(*b"foobar"));
        assert_eq!((encode(b""), decode("")), (String::new(), Some([])));
        for text in ["666F6F626172", "666f6f62617", "666f6f6261720", "666f6f6261 2", "66+f6f626172", "é6f6f626172"] {
            assert_eq!(decode::<6>(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn digits_are_the_bytes_and_no_other_text_is(bytes: [u8; 8], text in "[0-9a-fé]{0,18}") {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
            prop_assert!(decode::<8>(&text).is_none_or(|bytes| encode(&bytes) == text));
        }
    }
}
