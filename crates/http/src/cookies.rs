//! Tokens in cookies for browsers, if `http.session_cookie` is on. Scripts of a page can't read them. A request that a
//! cookie authenticates must show that no page of another site has sent it.
use crate::problem::{Fault, Problem};
use crate::shared::Shared;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use doorward_ports::inbound::TokenPair;
use doorward_ports::{Error, ErrorCode, ErrorKind, LONGEST_TOKEN_BYTES, Secret};
use std::time::Duration;

/// With this prefix, browsers ensure that the cookie was set by this host over a secure connection, so that no
/// neighbouring host can set one (RFC 6265bis §4.1.3.2).
pub(crate) const ACCESS: &str = "__Host-doorward-access";
pub(crate) const REFRESH: &str = "__Host-doorward-refresh";
/// What binds the attempts to sign in with a provider to the browser that began them.
pub(crate) const BROWSER: &str = "__Host-doorward-browser";
/// The header that pages send with every request that changes something, with any value. A form can't set a header, and
/// a script of another origin needs permission (OWASP CSRF cheat sheet, "custom request headers").
pub(crate) const CSRF: &str = "x-csrf-token";
/// Browsers ignore a cookie whose name and value together are longer (RFC 6265bis §5.5).
const LONGEST: usize = 4096;
const _: () = assert!(ACCESS.len() + LONGEST_TOKEN_BYTES <= LONGEST && REFRESH.len() + LONGEST_TOKEN_BYTES <= LONGEST);

/// Whether the operator has enabled cookies.
pub(crate) fn are_used(request: &HttpRequest) -> bool {
    Shared::of(request).options.session_cookie
}

/// The token in this cookie of the request.
pub(crate) fn shown<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Problem> {
    if !are_used(request) {
        return Ok(None);
    }
    let shared = Shared::of(request);
    let mut values = values(request.headers(), name);
    let Some(token) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        let detail = format!("The request has two cookies {name}. Delete the cookies of this site, and sign in again.");
        return Err(Error::new(ErrorCode::InvalidToken, detail).into());
    }
    refuse_forgery(request, shared)?;
    Ok(Some(token))
}

/// The cookie of [`BROWSER`], if the request has one. It is no token, so it is there whatever the settings are.
pub(crate) fn browser(request: &HttpRequest) -> Option<Secret> {
    values(request.headers(), BROWSER).next().map(|value| Secret::new(value.to_owned()))
}

/// Sets that cookie. The provider sends the browser back by a link, with which browsers send a lax cookie.
pub(crate) fn bind(answer: &mut HttpResponse, browser: &Secret, life: Duration) {
    set(answer, BROWSER, Some(browser), life, "Lax");
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs = headers.get_all(header::COOKIE).filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let named = pairs.filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    named.filter(|value| !value.is_empty())
}

/// Browsers send cookies with every request, whichever page causes it. Requests that only read are allowed: the other
/// page can't read the answer.
fn refuse_forgery(request: &HttpRequest, shared: &Shared) -> Result<(), Problem> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return Ok(());
    }
    let headers = request.headers();
    let refuse = |detail: &str| Err(Problem::http(Fault::CsrfRefused, detail));
    if headers.get(CSRF).is_none_or(HeaderValue::is_empty) {
        return refuse("Send the header X-CSRF-Token, with any value, with each request that a cookie authenticates.");
    }
    let ours = |origin: &HeaderValue| {
        let mut known = shared.options.allowed_origins.iter().chain([&shared.origin]);
        origin.to_str().is_ok_and(|origin| !origin.is_empty() && known.any(|known| known == origin))
    };
    let mut origins = headers.get_all(header::ORIGIN).peekable();
    let named = origins.peek().is_some();
    if !origins.all(ours) {
        return refuse("The origin of the page that sent this request is not in http.allowed_origins.");
    }
    let from_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if from_elsewhere && !named { refuse("Another site has sent this request without its origin.") } else { Ok(()) }
}

/// Whether a browser has sent the request, so that the body needs no token: all browsers send at least one of these
/// headers.
pub(crate) fn is_browser(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name == header::ORIGIN || name.as_str().starts_with("sec-fetch-"))
}

/// Sets both cookies. The access token makes links from mails and chats into an app behind Doorward work; browsers
/// never send the refresh token with a request from another site.
pub(crate) fn keep(answer: &mut HttpResponse, pair: &TokenPair) {
    set(answer, ACCESS, Some(&pair.access_token), pair.expires_in, "Lax");
    set(answer, REFRESH, Some(&pair.refresh_token), pair.refresh_expires_in, "Strict");
}

/// Deletes both cookies.
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

/// The refusal of a token; if it came in a cookie and is no longer valid, both cookies are deleted.
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
