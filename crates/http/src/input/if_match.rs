use crate::problem::{Fault, Problem};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use doorward_ports::{ErrorCode, Result};
use std::future::{Ready, ready};

/// Nobody keeps more copies of one thing; each costs an attempt.
const MOST_TAGS: usize = 8;
/// Versions count up from 1.
const NO_VERSION: i64 = 0;

/// Which versions a change is meant for (RFC 9110 §13.1.1); none: whatever there is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IfMatch(Option<Vec<i64>>);

impl IfMatch {
    /// Makes the change for the version that is named. Of several at most one is the present one, and trying another
    /// changes nothing.
    pub(crate) async fn attempt<T>(&self, mut change: impl AsyncFnMut(Option<i64>) -> Result<T>) -> Result<T> {
        let Some(versions) = &self.0 else { return change(None).await };
        let (last, others) = versions.split_last().unwrap_or((&NO_VERSION, &[]));
        for version in others {
            match change(Some(*version)).await {
                Err(error) if error.code == ErrorCode::VersionMismatch => {}
                settled => return settled,
            }
        }
        change(Some(*last)).await
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let malformed = "If-Match must be * or up to 8 entity tags, each in double quotes as ETag gave it.";
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

/// The version in a tag; none in one that is well-formed and not ours, or weak, for `If-Match` compares strongly.
fn version(tag: &str) -> Option<Option<i64>> {
    let (weak, quoted) = tag.strip_prefix("W/").map_or((false, tag), |rest| (true, rest));
    let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let well_formed = !opaque.contains(|c: char| c == '"' || c <= ' ' || c == '\u{7f}');
    well_formed.then(|| opaque.parse().ok().filter(|_| !weak && opaque.bytes().all(|b| b.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn of(lines: &[&'static str]) -> Option<Option<Vec<i64>>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, HeaderValue::from_static(line));
        }
        read(&headers).map(|if_match| if_match.0)
    }

    #[test]
    fn a_star_or_nothing_means_any_version() {
        assert_eq!(of(&[]), Some(None));
        assert_eq!(of(&["*"]), Some(None));
    }

    #[test]
    fn versions_are_taken_from_their_quotes_also_out_of_a_list() {
        assert_eq!(of(&["\"3\""]), Some(Some(vec![3])));
        assert_eq!(of(&["\"3\", \"5\"", "\"7\""]), Some(Some(vec![3, 5, 7])));
    }

    #[test]
    fn weak_and_foreign_tags_match_nothing() {
        assert_eq!(of(&["W/\"3\""]), Some(Some(vec![])));
        assert_eq!(of(&["\"abc\""]), Some(Some(vec![])));
        assert_eq!(of(&["\"+3\""]), Some(Some(vec![])));
        assert_eq!(of(&["\"99999999999999999999\""]), Some(Some(vec![])));
    }

    #[test]
    fn what_is_no_list_of_tags_is_malformed() {
        for bad in ["3", "\"3", "3\"", "*, \"3\"", "\"a b\"", "\"1\"\"2\"", "", ","] {
            assert_eq!(of(&[bad]), None, "{bad}");
        }
        assert_eq!(of(&["\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\""]), None);
    }
}
