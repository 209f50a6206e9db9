use crate::context::Context;
use crate::problem::Problem;
use crate::rest::Shared;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{Error, FromRequest, HttpRequest, web};
use doorward_application::{Actor, Caller, ErrorCode, access};
use std::future::{Ready, ready};
use std::pin::Pin;

/// Somebody of whom nothing is asked. A token that he brings is not looked at: a stale one must not keep anybody from
/// signing in.
pub(crate) struct Anyone(pub(crate) Caller);

/// Whoever the Bearer token names, or nobody when there is none; and only after that the rest of the request, so that a
/// refused token costs no reading of a body.
pub(crate) struct Signed<T>(pub(crate) Caller, pub(crate) T);

/// Somebody who may or may not have a token: the handler decides whether to look.
pub(crate) struct Visitor {
    request: HttpRequest,
}

impl Visitor {
    /// The caller without his token.
    pub(crate) fn anonymous(&self) -> Caller {
        Context::of(&self.request).anonymous(self.request.headers())
    }

    /// Whoever the token names.
    pub(crate) async fn identify(&self) -> Result<Caller, Problem> {
        identify(&self.request).await
    }

    /// Whether he sits at the machine itself.
    pub(crate) fn is_local(&self) -> bool {
        Context::of(&self.request).local
    }
}

async fn identify(request: &HttpRequest) -> Result<Caller, Problem> {
    let context = Context::of(request);
    match bearer(request.headers())? {
        Some(token) => {
            let shared = request.app_data::<web::Data<Shared>>().expect("Rest::service puts it there");
            Ok(shared.app.authentication.identify(token, context.origin(request.headers())).await?)
        }
        None => Ok(context.anonymous(request.headers())),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1), and of nowhere else. Another scheme is as good as none.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut lines = headers.get_all(header::AUTHORIZATION);
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(refused("There are several Authorization headers; send one."));
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
    doorward_application::Error::new(ErrorCode::InvalidToken, detail).into()
}

impl FromRequest for Anyone {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Context::of(request).anonymous(request.headers()))))
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone() }))
    }
}

impl<T: FromRequest + 'static> FromRequest for Signed<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let caller = identify(&request).await?;
            // Every such route needs somebody, so nobody learns what is wrong with his input.
            if matches!(caller.actor, Actor::Anonymous) {
                return Err(Problem::from(access::authentication_required()).into());
            }
            let rest = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self(caller, rest))
        })
    }
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
