use super::body;
use crate::cookies::{self, REFRESH};
use crate::problem::Problem;
use crate::wire::{RefreshToken, SignOut};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use doorward_ports::{Error, ErrorCode, Secret};
use serde::de::DeserializeOwned;
use std::pin::Pin;

/// A refresh token: from the body or, without a body, from the cookie.
pub(crate) struct ShownRefreshToken {
    pub(crate) token: Secret,
    pub(crate) by_cookie: bool,
}

/// What signs out.
pub(crate) struct SigningOut {
    /// The refresh token, if one is shown. A token in a header has priority over one in a cookie.
    pub(crate) shown: Option<ShownRefreshToken>,
    /// Whether to sign out at the provider too, and where to go from there.
    pub(crate) at_provider: Option<Option<String>>,
}

impl ShownRefreshToken {
    fn in_body(token: Secret) -> Self {
        Self { token, by_cookie: false }
    }

    fn in_cookie(request: &HttpRequest) -> Result<Option<Self>, Problem> {
        let token = cookies::shown(request, REFRESH)?;
        Ok(token.map(|token| Self { token: Secret::new(token.to_owned()), by_cookie: true }))
    }
}

impl FromRequest for ShownRefreshToken {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = body::receive(&request, &mut payload).await?;
            if body.is_empty() && cookies::are_used(&request) {
                return Self::in_cookie(&request)?.ok_or_else(no_cookie);
            }
            let RefreshToken { refresh_token } = parsed(&request, &body)?;
            Ok(Self::in_body(refresh_token))
        })
    }
}

impl FromRequest for SigningOut {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let body = body::receive(&request, &mut payload).await?;
            // Many clients send `{}` with every POST: it identifies no session, like no body.
            let named = if body.is_empty() { SignOut::default() } else { parsed::<SignOut>(&request, &body)? };
            let shown = match named.refresh_token {
                Some(token) => Some(ShownRefreshToken::in_body(token)),
                None if request.headers().contains_key("authorization") => None,
                None => ShownRefreshToken::in_cookie(&request)?,
            };
            let at_provider = named.provider_sign_out.then_some(named.post_logout_redirect_uri);
            Ok(Self { shown, at_provider })
        })
    }
}

fn parsed<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Problem> {
    body::check_headers(request.headers())?;
    body::parse(body)
}

/// Browsers delete the cookie when the token in it has expired.
fn no_cookie() -> Problem {
    let detail = "There is no refresh token in the body, and no cookie with a valid one. Sign in again.";
    Error::new(ErrorCode::AuthenticationRequired, detail).into()
}
