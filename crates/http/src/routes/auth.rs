use super::{Ports, answer};
use crate::context::Context;
use crate::cookies;
use crate::input::{Body, Permissions, Require, ShownRefreshToken, SigningOut, Visitor};
use crate::problem::Problem;
use crate::wire::{Reauthentication, RefreshToken, SignIn, SignOut, SignedOut, Tokens, Verification};
use actix_web::{HttpRequest, HttpResponse, get, post};
use doorward_domain::RoleName;
use doorward_ports::access::policy;
use doorward_ports::inbound::{Registered, Registration};
use doorward_views::User;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "auth";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(sign_in)
        .service(verify_second_factor)
        .service(reauthenticate)
        .service(refresh)
        .service(sign_out)
        .service(check_access);
}

#[utoipa::path(
    tag = TAG,
    request_body = Registration,
    responses(
        (status = 201, description = "The account was created.", body = User, headers(("Location" = String), ("ETag" = String))),
        (status = 202, description = "The request was accepted. With `registration.hide_existing`, the answer does not tell whether an account was created. A mail to the owner of the address is planned."),
    ),
)]
#[post("/auth/register")]
async fn register(
    ports: Ports,
    request: HttpRequest,
    Require(caller, Body(body), ..): Require<policy::Register, Body<Registration>>,
) -> Result<HttpResponse, Problem> {
    let registered = ports.app.accounts.register(&caller, body).await?;
    Ok(match registered {
        Registered::Created(user) => {
            let version = user.version;
            Context::of(&request).user.set(Some(user.id));
            answer::created(&ports, "/api/v1/users/me", &User::from(*user), Some(version))
        }
        Registered::Accepted => HttpResponse::Accepted().finish(),
    })
}

#[utoipa::path(
    tag = TAG,
    request_body = SignIn,
    responses((status = 200, description = "The sign-in succeeded. The body contains the first pair of tokens of a new session.", body = Tokens)),
)]
#[post("/auth/login")]
async fn sign_in(
    ports: Ports,
    request: HttpRequest,
    Require(caller, Body(body), ..): Require<policy::SignIn, Body<SignIn>>,
) -> Result<HttpResponse, Problem> {
    let pair = ports.app.authentication.sign_in(&caller, body.try_into()?).await?;
    Ok(answer::tokens(&request, &ports, &pair))
}

/// For a sign-in that was refused with `mfa_required`. Five wrong codes end the sign-in, and ten wrong codes in a row lock
/// the factor for a while.
#[utoipa::path(
    tag = TAG,
    request_body = Verification,
    responses((status = 200, description = "The sign-in succeeded. The body contains the first pair of tokens of a new session.", body = Tokens)),
)]
#[post("/auth/mfa/verify")]
async fn verify_second_factor(
    ports: Ports,
    request: HttpRequest,
    Require(caller, Body(body), ..): Require<policy::VerifySecondFactor, Body<Verification>>,
) -> Result<HttpResponse, Problem> {
    let pair = ports.app.second_factors.verify(&caller, body.try_into()?).await?;
    Ok(answer::tokens(&request, &ports, &pair))
}

/// Use this route for operations that need a recent sign-in (403 `reauthentication_required`). The session continues,
/// and its new access token has a new `auth_time`. A wrong password or code counts as at
/// a sign-in.
#[utoipa::path(
    tag = TAG,
    request_body = Reauthentication,
    responses((status = 200, description = "The password or the code was right. The body contains new tokens of the same session, with a new `auth_time`.", body = Tokens)),
)]
#[post("/auth/reauthenticate")]
async fn reauthenticate(
    ports: Ports,
    request: HttpRequest,
    Require(caller, Body(body), ..): Require<policy::Reauthenticate, Body<Reauthentication>>,
) -> Result<HttpResponse, Problem> {
    let pair = ports.app.authentication.reauthenticate(&caller, body.try_into()?).await?;
    Ok(answer::tokens(&request, &ports, &pair))
}

/// The refresh token is spent. If it is sent again within `tokens.refresh_grace` (10 seconds) while its successor is
/// unused, the answer is the same successor. If it is sent later, its session ends. If cookies are enabled, the token
/// may be in its cookie, and the body may be absent.
#[utoipa::path(
    tag = TAG,
    request_body = Option<RefreshToken>,
    responses((status = 200, description = "The next pair of tokens of the session.", body = Tokens)),
)]
#[post("/auth/refresh")]
async fn refresh(
    ports: Ports,
    request: HttpRequest,
    Require(caller, shown, ..): Require<policy::Refresh, ShownRefreshToken>,
) -> HttpResponse {
    match ports.app.authentication.refresh(&caller, shown.token).await {
        Ok(pair) => answer::tokens(&request, &ports, &pair),
        Err(error) => cookies::refused(error, shown.by_cookie),
    }
}

/// The refresh token in the body identifies the session. Without it, the access token of the request does. If cookies
/// are enabled, either token may be in its cookie, and the answer deletes both cookies. With `provider_sign_out`, the answer
/// contains the URL at which the owner signs out at the provider of the session too (OpenID Connect RP-Initiated Logout 1.0).
#[utoipa::path(
    tag = TAG,
    request_body = Option<SignOut>,
    responses(
        (status = 204, description = "The session has ended on all nodes."),
        (status = 200, description = "The same, if `provider_sign_out` was asked for. The URL is null if the session began with a password, or if the provider has none or does not answer at the moment.", body = SignedOut),
    ),
)]
#[post("/auth/logout")]
async fn sign_out(
    ports: Ports,
    visitor: Visitor<policy::SignOut>,
    SigningOut { shown, at_provider }: SigningOut,
) -> Result<HttpResponse, Problem> {
    // An expired access token must not prevent its owner from ending the session.
    let caller = if shown.is_some() { visitor.anonymous().await? } else { visitor.identify().await? };
    let by_cookie = shown.as_ref().is_some_and(|shown| shown.by_cookie);
    let (authentication, token) = (&ports.app.authentication, shown.map(|shown| shown.token));
    let ended = match at_provider {
        None => authentication.sign_out(&caller, token).await.map(|()| HttpResponse::NoContent().finish()),
        Some(return_to) => {
            let url = authentication.sign_out_at_provider(&caller, token, return_to).await;
            url.map(|url| HttpResponse::Ok().json(SignedOut { provider_sign_out_url: url }))
        }
    };
    let mut answer = match ended {
        Ok(answer) => answer,
        Err(error) => return Ok(cookies::refused(error, by_cookie)),
    };
    if ports.options.session_cookie {
        cookies::forget(&mut answer);
    }
    Ok(answer)
}

/// For proxies in front of other apps (nginx `auth_request`, forward-auth of Traefik and Caddy). The answer has no
/// body; its headers identify the caller. Every method is answered like `GET`, because some proxies ask with the method
/// of the original request.
#[utoipa::path(
    tag = TAG,
    params(("permission" = Option<Vec<String>>, Query, min_length = 1, description = "A permission that the caller must have. The parameter can be repeated; the caller must have all of them.")),
    responses((
        status = 200,
        description = "The caller is authenticated and has all requested permissions. The proxy may pass the request on.",
        headers(
            ("X-Doorward-User" = String, description = "The id of the account; for a client app's own token, the id of the app."),
            ("X-Doorward-Roles" = String, description = "The current roles of the caller, sorted and separated by commas."),
            ("X-Doorward-Session" = Option<String>, description = "The id of the session. It is absent for a client app."),
        ),
    )),
)]
#[get("/auth/check")]
async fn check_access(
    ports: Ports,
    Require(caller, Permissions(permissions), ..): Require<policy::CheckAccess, Permissions>,
) -> Result<HttpResponse, Problem> {
    let checked = ports.app.authentication.check_access(&caller, &permissions).await?;
    let roles: Vec<&str> = checked.roles.iter().map(RoleName::as_str).collect();
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("X-Doorward-User", checked.who)).insert_header(("X-Doorward-Roles", roles.join(",")));
    if let Some(session) = checked.session {
        answer.insert_header(("X-Doorward-Session", session.to_string()));
    }
    Ok(answer.finish())
}
