use crate::cookies::{self, ACCESS};
use crate::problem::Problem;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap};
use doorward_ports::{Error, ErrorCode};

/// The access token of a request, if there is one. The header has priority over a cookie.
pub(crate) fn token(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    match bearer(request.headers())? {
        Some(token) => Ok(Some(token)),
        None => cookies::shown(request, ACCESS),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1), and of no other place. Another scheme counts as no token.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut lines = headers.get_all(header::AUTHORIZATION);
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(refused("There are several Authorization headers. Send only one."));
    }
    let line = line.to_str().map_err(|_| refused("The Authorization header is not text."))?.trim();
    let (scheme, token) = line.split_once(' ').unwrap_or((line, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    match token.trim_start_matches(' ') {
        token if is_token(token) => Ok(Some(token)),
        _ => Err(refused("The Authorization header must be: Bearer, a space, and the access token.")),
    }
}

/// `b64token` of RFC 6750 §2.1.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b))
}

fn refused(detail: &str) -> Problem {
    Error::new(ErrorCode::InvalidToken, detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn read(lines: &[&'static str]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(line));
        }
        bearer(&headers).map(|token| token.map(str::to_owned)).map_err(|problem| problem.code.as_str())
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        for line in ["Bearer a.b-c_d~e+f/g=", "bearer a.b-c_d~e+f/g=", "BEARER   a.b-c_d~e+f/g="] {
            assert_eq!(read(&[line]), Ok(Some("a.b-c_d~e+f/g=".to_owned())), "{line}");
        }
    }

    #[test]
    fn another_scheme_is_as_good_as_no_token() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["Basic dXNlcjpwYXNz"]), Ok(None));
        assert_eq!(read(&[""]), Ok(None));
    }

    #[test]
    fn a_malformed_token_or_a_second_one_is_refused() {
        for bad in [&["Bearer"][..], &["Bearer a b"], &["Bearer a,b"], &["Bearer a", "Bearer a"], &["Bearer \"a\""]] {
            assert_eq!(read(bad), Err("invalid_token"), "{bad:?}");
        }
    }
}
