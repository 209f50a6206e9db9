/// One a line, sorted by bytes, each line ended by a line feed.
pub(super) const COMMONEST: &str = include_str!("commonest.txt");

/// Whether a folded password is among the commonest; halves the text itself, so that nothing is allocated at start or search.
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
