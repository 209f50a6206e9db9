/// A request with a larger body than this may be answered before actix-http has passed the body on; then it keeps the
/// connection until it closes.
pub(super) const LARGEST_BODY: u64 = 16 * 1024;

/// The progress of a request on a connection: enough to know, without parsing it, whether bytes of the next request are
/// in the buffer of actix-http. A case that it can't follow, such as pipelined requests, is [`Progress::Unknown`] for
/// good.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// No byte of an unanswered request was received.
    #[default]
    Between,
    /// A part of its head was received (RFC 9112 §2.1).
    Head(LineEnd),
    /// Its head was received, and this many bytes after it.
    Beyond(u64),
    /// It is being handled, and this many bytes of its body are missing.
    Body(u64),
    Unknown,
}

/// The last bytes of a head so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    None,
    Lf,
    LfCr,
}

impl Progress {
    pub(super) fn received(self, bytes: &[u8]) -> Self {
        let count = bytes.len() as u64;
        match self {
            Self::Between => in_head(LineEnd::None, bytes),
            Self::Head(end) => in_head(end, bytes),
            Self::Beyond(before) => Self::Beyond(before + count),
            Self::Body(left) => left.checked_sub(count).map_or(Self::Unknown, Self::Body),
            Self::Unknown => Self::Unknown,
        }
    }

    /// The request was read up to its body, which has this many bytes; none if it does not say how many.
    pub(super) fn taken_up(self, body: Option<u64>) -> Self {
        match (self, body) {
            (Self::Beyond(come), Some(body)) if body <= LARGEST_BODY => {
                body.checked_sub(come).map_or(Self::Unknown, Self::Body)
            }
            _ => Self::Unknown,
        }
    }

    /// Its answer was made, to the last byte.
    pub(super) fn answered(self) -> Self {
        if self == Self::Body(0) { Self::Between } else { Self::Unknown }
    }
}

/// A head ends with its first empty line; a line ends with LF or CR LF (RFC 9112 §2.2). Empty lines before the head
/// count as its end, so that it seems to be followed by more bytes than it has; then its progress is unknown.
fn in_head(mut end: LineEnd, bytes: &[u8]) -> Progress {
    for (index, byte) in bytes.iter().enumerate() {
        end = match (end, byte) {
            (LineEnd::Lf | LineEnd::LfCr, b'\n') => return Progress::Beyond((bytes.len() - index - 1) as u64),
            (_, b'\n') => LineEnd::Lf,
            (LineEnd::Lf, b'\r') => LineEnd::LfCr,
            _ => LineEnd::None,
        };
    }
    Progress::Head(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n";

    fn after(parts: &[&str]) -> Progress {
        parts.iter().fold(Progress::Between, |progress, part| progress.received(part.as_bytes()))
    }

    #[test]
    fn a_request_is_over_when_all_of_it_has_come_and_its_answer_is_made() {
        let come = after(&[HEAD, "abc"]).taken_up(Some(3));
        assert_eq!(come, Progress::Body(0));
        assert_eq!(come.answered(), Progress::Between);
        assert_eq!(after(&[HEAD, "ab"]).taken_up(Some(3)).received(b"c").answered(), Progress::Between);
        assert_eq!(after(&["GET / HTTP/1.1\nHost: x\n\n"]).taken_up(Some(0)).answered(), Progress::Between);
    }

    #[test]
    fn what_can_not_be_followed_is_never_taken_for_idle_again() {
        let lost = [
            ("pipelined", after(&[HEAD, "abcGET"]).taken_up(Some(3))),
            ("pipelined later", after(&[HEAD, "abc"]).taken_up(Some(3)).received(b"G")),
            ("a body of unknown length", after(&[HEAD]).taken_up(None)),
            ("a large body", after(&[HEAD]).taken_up(Some(LARGEST_BODY + 1))),
            ("answered early", after(&[HEAD, "a"]).taken_up(Some(3)).answered()),
            ("two at once", after(&[HEAD, "abc"]).taken_up(Some(3)).taken_up(Some(0))),
            ("an empty line before it", after(&["\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"]).taken_up(Some(0))),
        ];
        for (what, progress) in lost {
            assert_eq!(progress, Progress::Unknown, "{what}");
            let later = progress.received(HEAD.as_bytes()).taken_up(Some(0)).answered();
            assert_eq!(later, Progress::Unknown, "{what}, one request later");
        }
    }

    /// Parts of heads, and similar texts.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            Just("GET / HTTP/1.1\r\n"),
            Just("GET / HTTP/1.1\n"),
            Just("Host: x\r\n"),
            Just("Host: x\n"),
            Just("Content-Length: 4\r\n"),
            Just("X:\r\n"),
            Just("\r\n"),
            Just("\n"),
            Just("\r"),
            Just("\r\n\r\n"),
            Just("abcd"),
        ];
        proptest::collection::vec(part, 1..12).prop_map(|parts| parts.concat().into_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// actix-http finds the end of a head with httparse.
        #[test]
        fn a_request_is_whole_only_if_the_parser_leaves_nothing_behind_it(
            bytes in bytes(),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..4),
        ) {
            let mut headers = [httparse::EMPTY_HEADER; 16];
            let mut request = httparse::Request::new(&mut headers);
            let Ok(httparse::Status::Complete(head)) = request.parse(&bytes) else { return Ok(()) };
            let body = if request.headers.iter().any(|header| header.name == "Content-Length") { 4 } else { 0 };
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let come = cuts.windows(2).fold(Progress::Between, |progress, cut| progress.received(&bytes[cut[0]..cut[1]]));
            let begins_empty = bytes.starts_with(b"\r") || bytes.starts_with(b"\n");
            let whole = come.taken_up(Some(body as u64)) == Progress::Body(0);
            prop_assert!(!whole || bytes.len() == head + body);
            prop_assert!(whole || begins_empty || bytes.len() != head + body);
        }
    }
}
