use super::{Ports, answer};
use crate::cookies;
use crate::input::{Body, OptionalRefreshToken, Permissions, Require, ShownRefreshToken, Visitor};
use crate::problem::Problem;
use crate::wire::{Reauthentication, RefreshToken, SignIn, SignOut, Tokens};
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
        .service(reauthenticate)
        .service(refresh)
        .service(sign_out)
        .service(check_access);
}

#[utoipa::path(
    tag = TAG,
    request_body = Registration,
    responses(
        (status = 201, description = "The account.", body = User, headers(("Location" = String), ("ETag" = String))),
        (status = 202, description = "Whether an account was made is not told. The owner of the address is to be told by mail, which is yet to come."),
    ),
)]
#[post("/auth/register")]
async fn register(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::Register, Body<Registration>>,
) -> Result<HttpResponse, Problem> {
    let registered = ports.app.accounts.register(&caller, body).await?;
    Ok(match registered {
        Registered::Created(user) => {
            let version = user.version;
            answer::created(&ports, "/api/v1/users/me", &User::from(*user), Some(version))
        }
        Registered::Accepted => HttpResponse::Accepted().finish(),
    })
}

#[utoipa::path(
    tag = TAG,
    request_body = SignIn,
    responses((status = 200, description = "A session and its first pair of tokens.", body = Tokens)),
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

/// For what asks for a recent sign-in (403 `reauthentication_required`): the session goes on, and its new access token says
/// that its owner has just proved who they are (`auth_time`). A wrong password counts like one at the sign-in.
#[utoipa::path(
    tag = TAG,
    request_body = Reauthentication,
    responses((status = 200, description = "Tokens of the same session, with a new `auth_time`.", body = Tokens)),
)]
#[post("/auth/reauthenticate")]
async fn reauthenticate(
    ports: Ports,
    request: HttpRequest,
    Require(caller, Body(body), ..): Require<policy::Reauthenticate, Body<Reauthentication>>,
) -> Result<HttpResponse, Problem> {
    let pair = ports.app.authentication.reauthenticate(&caller, body.into()).await?;
    Ok(answer::tokens(&request, &ports, &pair))
}

/// The token shown is spent. Shown again within a few seconds it answers the same next pair; any later showing ends
/// the session. Where cookies are on, one may show it in its cookie, and send no body.
#[utoipa::path(
    tag = TAG,
    request_body = Option<RefreshToken>,
    responses((status = 200, description = "The next pair of tokens.", body = Tokens)),
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

/// The session is that of the refresh token in the body, or without one that of the Bearer token. Where cookies are on, one
/// may show either in its cookie; both are forgotten.
#[utoipa::path(
    tag = TAG,
    request_body = Option<SignOut>,
    responses((status = 204, description = "The session has ended, everywhere.")),
)]
#[post("/auth/logout")]
async fn sign_out(
    ports: Ports,
    visitor: Visitor<policy::SignOut>,
    OptionalRefreshToken(shown): OptionalRefreshToken,
) -> Result<HttpResponse, Problem> {
    // An access token that has expired must not keep its owner from ending the session.
    let caller = if shown.is_some() { visitor.anonymous().await? } else { visitor.identify().await? };
    let by_cookie = shown.as_ref().is_some_and(|shown| shown.by_cookie);
    let ended = ports.app.authentication.sign_out(&caller, shown.map(|shown| shown.token)).await;
    let mut answer = match ended {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => return Ok(cookies::refused(error, by_cookie)),
    };
    if ports.options.session_cookie {
        cookies::forget(&mut answer);
    }
    Ok(answer)
}

/// For a proxy in front of other apps (nginx `auth_request`, Traefik and Caddy forward-auth): the answer has no body, and
/// says in its headers who calls. With `permission`, which may stand there several times, whoever lacks one is refused. Any
/// other method is answered as `GET` is, because some proxies ask with the method of the request that they ask about.
#[utoipa::path(
    tag = TAG,
    params(("permission" = Option<Vec<String>>, Query, description = "What the caller must be allowed.")),
    responses((
        status = 200,
        description = "He may go on.",
        headers(
            ("X-Doorward-User" = String, description = "The account's id; for a client app's own token, the app's."),
            ("X-Doorward-Roles" = String, description = "What he holds now, in order, with commas between."),
            ("X-Doorward-Session" = Option<String>, description = "His session; a client app has none."),
        ),
    )),
)]
#[get("/auth/check")]
async fn check_access(
    ports: Ports,
    Require(caller, Permissions(permissions), ..): Require<policy::CheckAccess, Permissions>,
) -> Result<HttpResponse, Problem> {
    let checked = ports.app.authentication.check_access(&caller, &permissions)?;
    let roles: Vec<&str> = checked.roles.iter().map(RoleName::as_str).collect();
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("X-Doorward-User", checked.who)).insert_header(("X-Doorward-Roles", roles.join(",")));
    if let Some(session) = checked.session {
        answer.insert_header(("X-Doorward-Session", session.to_string()));
    }
    Ok(answer.finish())
}
