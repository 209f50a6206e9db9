use crate::problem::{Fault, Problem};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use doorward_ports::Versions;
use std::future::{Ready, ready};

/// No caller keeps more copies of one resource.
const MOST_TAGS: usize = 8;

/// The versions for which a change is meant; none: any version.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<Versions>);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let malformed = "If-Match must be *, or at most 8 entity tags, each in double quotes as in ETag.";
        ready(read(request.headers()).ok_or_else(|| Problem::http(Fault::MalformedRequest, malformed)))
    }
}

fn read(headers: &HeaderMap) -> Option<IfMatch> {
    let lines: Vec<&str> = headers.get_all(header::IF_MATCH).map(|value| value.to_str().ok()).collect::<Option<_>>()?;
    if lines.is_empty() || lines == ["*"] {
        return Some(IfMatch(None));
    }
    let tags: Vec<&str> =
        lines.iter().flat_map(|line| line.split(',')).map(str::trim).filter(|tag| !tag.is_empty()).collect();
    if tags.is_empty() || tags.len() > MOST_TAGS {
        return None;
    }
    let versions: Option<Vec<_>> = tags.into_iter().map(version).collect();
    Some(IfMatch(Some(versions?.into_iter().flatten().collect())))
}

/// The version in a tag; none in a tag that is well-formed but not ours. RFC 9110 §13.1.1 requires a strong comparison
/// for `If-Match`, but compressing proxies make a strong tag weak, and with them no change would ever succeed.
/// Doorward's tags contain the version of a resource and not a hash of bytes, so a weak tag names its version as well
/// as a strong one.
fn version(tag: &str) -> Option<Option<i64>> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let well_formed = !opaque.contains(|c: char| c == '"' || c <= ' ' || c == '\u{7f}');
    well_formed.then(|| opaque.parse().ok().filter(|_| opaque.bytes().all(|b| b.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn of(lines: &[&'static str]) -> Option<Option<Versions>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, HeaderValue::from_static(line));
        }
        read(&headers).map(|if_match| if_match.0)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what `of` answers with")]
    fn these(versions: &[i64]) -> Option<Option<Versions>> {
        Some(Some(versions.iter().copied().collect()))
    }

    #[test]
    fn a_star_or_nothing_means_any_version() {
        assert_eq!(of(&[]), Some(None));
        assert_eq!(of(&["*"]), Some(None));
    }

    #[test]
    fn versions_are_taken_from_their_quotes_also_out_of_a_list() {
        assert_eq!(of(&["\"3\""]), these(&[3]));
        assert_eq!(of(&["\"3\", \"5\"", "\"7\""]), these(&[3, 5, 7]));
        assert_eq!(of(&["W/\"3\", \"5\""]), these(&[3, 5]));
    }

    #[test]
    fn foreign_tags_match_nothing() {
        assert_eq!(of(&["\"abc\""]), these(&[]));
        assert_eq!(of(&["\"+3\""]), these(&[]));
        assert_eq!(of(&["\"99999999999999999999\""]), these(&[]));
    }

    #[test]
    fn what_is_no_list_of_tags_is_malformed() {
        for bad in ["3", "\"3", "3\"", "*, \"3\"", "\"a b\"", "\"1\"\"2\"", "", ","] {
            assert_eq!(of(&[bad]), None, "{bad}");
        }
        assert_eq!(of(&["\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\""]), None);
    }
}
