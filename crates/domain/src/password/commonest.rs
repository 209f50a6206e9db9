/// One password on each line, sorted by bytes; each line ends with a line feed.
pub(super) const COMMONEST: &str = include_str!("commonest.txt");

/// Whether a folded password is among the most common ones; bisects the text itself, so that neither the start nor a
/// search allocates memory.
pub(super) fn contains(folded: &str) -> bool {
    let mut rest = COMMONEST;
    while !rest.is_empty() {
        let (before, line, after) = middle_line(rest);
        match folded.cmp(line) {
            std::cmp::Ordering::Less => rest = before,
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Greater => rest = after,
        }
    }
    false
}

/// The lines before, the line over the middle byte, and the lines after it.
fn middle_line(lines: &str) -> (&str, &str, &str) {
    let bytes = lines.as_bytes();
    let middle = bytes.len() / 2;
    let start = bytes[..middle].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    let end = bytes[start..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |at| start + at);
    (&lines[..start], &lines[start..end], lines.get(end + 1..).unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn the_list_is_10_000_folded_lines_in_the_order_of_their_bytes() {
        let lines: Vec<&str> = COMMONEST.lines().collect();
        assert_eq!(lines.len(), 10_000);
        assert!(COMMONEST.ends_with('\n') && !COMMONEST.contains('\r'));
        assert!(lines.is_sorted_by(|a, b| a < b));
        for line in lines {
            assert_eq!(line.nfkc().collect::<String>().to_lowercase(), line);
        }
    }

    #[test]
    fn every_line_is_found() {
        assert!(COMMONEST.lines().all(contains));
    }

    #[test]
    fn neighbours_of_lines_are_not_found() {
        for absent in
            ["", "\n", "passw", "password\n", "password\n1", "copper-violin-marsh-42", "~~~~~~~~", "\u{10ffff}"]
        {
            assert!(!contains(absent), "{absent:?}");
        }
    }

    proptest! {
        #[test]
        fn searching_agrees_with_reading_the_list(text in "[a-z0-9]{1,6}") {
            prop_assert_eq!(contains(&text), COMMONEST.lines().any(|line| line == text));
        }
    }
}
