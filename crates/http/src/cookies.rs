//! The pair of tokens in cookies, for browsers, where `http.session_cookie` is on. A page's scripts can't read them, and a
//! request that is known by one must show that it was not made by another site's page.
use crate::problem::{Fault, Problem};
use crate::shared::Shared;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use doorward_ports::inbound::TokenPair;
use doorward_ports::{Error, ErrorCode, ErrorKind, LONGEST_TOKEN_BYTES, Secret};
use std::time::Duration;

/// The prefix has the browser see to it that the cookie was set by this very host over a safe connection, so that no
/// neighbouring host can set one (RFC 6265bis §4.1.3.2).
pub(crate) const ACCESS: &str = "__Host-doorward-access";
pub(crate) const REFRESH: &str = "__Host-doorward-refresh";
/// What a page of ours sends with every request that changes something, with any value. A form can't set a header, and a
/// script of another origin may not without leave (OWASP CSRF cheat sheet, "custom request headers").
pub(crate) const CSRF: &str = "x-csrf-token";
/// Browsers ignore a cookie whose name and value are longer together (RFC 6265bis §5.5).
const LONGEST: usize = 4096;
const _: () = assert!(ACCESS.len() + LONGEST_TOKEN_BYTES <= LONGEST && REFRESH.len() + LONGEST_TOKEN_BYTES <= LONGEST);

/// Whether the operator has them set and taken.
pub(crate) fn are_used(request: &HttpRequest) -> bool {
    Shared::of(request).options.session_cookie
}

/// The token that the request shows in this cookie.
pub(crate) fn shown<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Problem> {
    if !are_used(request) {
        return Ok(None);
    }
    let shared = Shared::of(request);
    let mut values = values(request.headers(), name);
    let Some(token) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        let detail = format!("The cookie {name} is there twice; delete the cookies of this site and sign in again.");
        return Err(Error::new(ErrorCode::InvalidToken, detail).into());
    }
    refuse_forgery(request, shared)?;
    Ok(Some(token))
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs = headers.get_all(header::COOKIE).filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let named = pairs.filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    named.filter(|value| !value.is_empty())
}

/// Cookies come by themselves, whichever page makes a browser send the request. What only reads is let through: its answer
/// can't be read by the other page.
fn refuse_forgery(request: &HttpRequest, shared: &Shared) -> Result<(), Problem> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return Ok(());
    }
    let headers = request.headers();
    let refuse = |detail: &str| Err(Problem::http(Fault::CsrfRefused, detail));
    if headers.get(CSRF).is_none_or(HeaderValue::is_empty) {
        return refuse("Send the header X-CSRF-Token, with any value, along with what is known by a cookie.");
    }
    let ours = |origin: &HeaderValue| {
        let mut known = shared.options.allowed_origins.iter().chain([&shared.origin]);
        origin.to_str().is_ok_and(|origin| !origin.is_empty() && known.any(|known| known == origin))
    };
    let mut origins = headers.get_all(header::ORIGIN).peekable();
    let named = origins.peek().is_some();
    if !origins.all(ours) {
        return refuse("The page that sent this is of an origin that is not in http.allowed_origins.");
    }
    let from_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if from_elsewhere && !named {
        refuse("The request was sent by another site, without saying which.")
    } else {
        Ok(())
    }
}

/// Whether a browser asks, which then needs no token in the body: all of them name at least one of these.
pub(crate) fn is_browser(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name == header::ORIGIN || name.as_str().starts_with("sec-fetch-"))
}

/// Has the browser keep the pair. A link from a mail or a chat into an app behind Doorward finds its user signed in, by the
/// access token; the refresh token never comes along from another site.
pub(crate) fn keep(answer: &mut HttpResponse, pair: &TokenPair) {
    set(answer, ACCESS, Some(&pair.access_token), pair.expires_in, "Lax");
    set(answer, REFRESH, Some(&pair.refresh_token), pair.refresh_expires_in, "Strict");
}

/// Has the browser forget the pair.
pub(crate) fn forget(answer: &mut HttpResponse) {
    set(answer, ACCESS, None, Duration::ZERO, "Lax");
    set(answer, REFRESH, None, Duration::ZERO, "Strict");
}

fn set(answer: &mut HttpResponse, name: &str, token: Option<&Secret>, life: Duration, same_site: &str) {
    let (token, life) = (token.map_or("", Secret::expose), life.as_secs());
    let cookie = format!("{name}={token}; Path=/; Max-Age={life}; Secure; HttpOnly; SameSite={same_site}");
    let cookie = HeaderValue::from_str(&cookie).expect("a token is base64url and dots");
    answer.headers_mut().append(header::SET_COOKIE, cookie);
}

/// The refusal of a token; one that came in a cookie, and is good for nothing any more, is forgotten with its pair.
pub(crate) fn refused(error: Error, by_cookie: bool) -> HttpResponse {
    let spent = by_cookie && error.kind() == ErrorKind::Unauthenticated;
    let mut answer = HttpResponse::from_error(Problem::from(error));
    if spent {
        forget(&mut answer);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&'static str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_static(line));
        }
        values(&headers, ACCESS).map(str::to_owned).collect()
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name_among_others() {
        assert_eq!(found(&["a=b; __Host-doorward-access=a.b-c; c=d"]), ["a.b-c"]);
        assert_eq!(found(&["a=b", "__Host-doorward-access=a.b-c"]), ["a.b-c"]);
        assert_eq!(found(&["__Host-doorward-access=a;__Host-doorward-access=b"]), ["a", "b"]);
        for none in ["", ";;", "=", "__Host-doorward-access", "__Host-doorward-access=", "x__Host-doorward-access=a"] {
            assert_eq!(found(&[none]), [] as [String; 0], "{none}");
        }
        assert_eq!(found(&["__host-doorward-access=a; __Host-doorward-access2=b"]), [] as [String; 0]);
    }
}
