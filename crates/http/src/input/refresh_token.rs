use super::body;
use crate::cookies::{self, REFRESH};
use crate::problem::Problem;
use crate::wire::RefreshToken;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use doorward_ports::{Error, ErrorCode, Secret};
use std::pin::Pin;

/// A refresh token: of the body, or where there is no body, of the cookie.
pub(crate) struct ShownRefreshToken {
    pub(crate) token: Secret,
    pub(crate) by_cookie: bool,
}

/// A refresh token, or none. A token in a header is stronger than one in a cookie.
pub(crate) struct OptionalRefreshToken(pub(crate) Option<ShownRefreshToken>);

impl FromRequest for ShownRefreshToken {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = body::receive(&request, &mut payload).await?;
            match by_cookie(&request, &body)? {
                Some(shown) => Ok(shown),
                None if body.is_empty() && cookies::are_used(&request) => Err(no_cookie()),
                None => in_body(&request, &body),
            }
        })
    }
}

impl FromRequest for OptionalRefreshToken {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = body::receive(&request, &mut payload).await?;
            if !body.is_empty() {
                return in_body(&request, &body).map(Some).map(Self);
            }
            let header = request.headers().contains_key("authorization");
            if header { Ok(Self(None)) } else { by_cookie(&request, &body).map(Self) }
        })
    }
}

fn in_body(request: &HttpRequest, body: &Bytes) -> Result<ShownRefreshToken, Problem> {
    body::check_headers(request.headers())?;
    let RefreshToken { refresh_token } = body::parse(body)?;
    Ok(ShownRefreshToken { token: Secret::new(refresh_token), by_cookie: false })
}

fn by_cookie(request: &HttpRequest, body: &Bytes) -> Result<Option<ShownRefreshToken>, Problem> {
    if !body.is_empty() {
        return Ok(None);
    }
    let token = cookies::shown(request, REFRESH)?;
    Ok(token.map(|token| ShownRefreshToken { token: Secret::new(token.to_owned()), by_cookie: true }))
}

/// Browsers drop the cookie when the token in it has expired.
fn no_cookie() -> Problem {
    let detail =
        "There is no cookie with a refresh token, or it has expired, and there is no token in the body: sign in again.";
    Error::new(ErrorCode::AuthenticationRequired, detail).into()
}
