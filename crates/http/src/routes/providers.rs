//! `/auth/providers`, `/auth/authorize`, `/auth/callback/{name}`, `/auth/backchannel-logout/{name}`
use super::Ports;
use crate::context::Context;
use crate::cookies;
use crate::document::Document;
use crate::input::{Body, Name, OauthForm, OauthQuery, Require};
use crate::problem::Problem;
use crate::wire::{Authorization, AuthorizationQuery, ProviderLogout, ProviderReturn, SignInProviders};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use doorward_ports::Secret;
use doorward_ports::access::policy;
use doorward_ports::inbound::{
    AuthorizationRefusal, AuthorizationRequest, Binding, FinishedAuthorization, ProviderAnswer,
};
use url::form_urlencoded;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "auth";
/// The parameters of the answer of a provider that are read.
const RETURNED: &[&str] = &["state", "code", "iss", "error"];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_sign_in_providers)
        .service(begin_authorization)
        .service(open_authorization)
        .service(finish_authorization)
        .service(forward_authorization)
        .service(end_provider_sessions);
}

/// The answer may be cached for some seconds.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The ways to sign in.", body = SignInProviders, headers(("ETag" = String)))),
)]
#[get("/auth/providers")]
async fn list_sign_in_providers(
    ports: Ports,
    request: HttpRequest,
    Require(caller, ..): Require<policy::ListSignInProviders>,
) -> Result<HttpResponse, Problem> {
    let offered = SignInProviders::from(ports.app.providers.offered(&caller).await?);
    let json = serde_json::to_string(&offered).expect("a document of texts is JSON");
    Ok(Document::small(json).answer(&request, |answer| {
        answer.insert_header((header::CACHE_CONTROL, "public, max-age=10")).content_type("application/json");
    }))
}

/// For apps without a browser of their own, and for pages that open the URL themselves. The code is redeemed at
/// `/api/v1/auth/token`.
#[utoipa::path(
    tag = TAG,
    request_body = AuthorizationRequest,
    responses((status = 200, description = "The URL to open in a browser.", body = Authorization)),
)]
#[post("/auth/authorize")]
async fn begin_authorization(
    ports: Ports,
    Require(caller, Body(body), ..): Require<policy::BeginAuthorization, Body<AuthorizationRequest>>,
) -> Result<web::Json<Authorization>, Problem> {
    let begun = ports.app.providers.begin(&caller, body, Binding::Unbound).await?;
    Ok(web::Json(begun.into()))
}

/// RFC 6749 §4.1.1, with the provider as a further parameter. The attempt is bound to the browser by a cookie. A request
/// that is wrong is answered here, and never by a redirect.
#[utoipa::path(
    tag = TAG,
    params(AuthorizationQuery),
    responses((status = 302, description = "The browser is sent to the provider.", headers(("Location" = String)))),
)]
#[get("/auth/authorize")]
async fn open_authorization(
    ports: Ports,
    request: HttpRequest,
    Require(caller, query, ..): Require<policy::OpenAuthorization, OauthQuery>,
) -> Result<HttpResponse, Problem> {
    let asked = AuthorizationQuery::read(|name| query.get(name));
    let begun = ports.app.providers.begin(&caller, asked, Binding::Browser(cookies::browser(&request))).await?;
    let mut answer = HttpResponse::Found().insert_header((header::LOCATION, begun.url)).finish();
    if let Some(browser) = &begun.browser {
        cookies::bind(&mut answer, browser, begun.expires_in);
    }
    Ok(answer)
}

/// Providers send browsers here. The browser is sent on to the redirect URI of the client with `code`, `state` and `iss`
/// (RFC 9207), or with `error`, `error_description` and `state`.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path, description = "The name of the provider."), ProviderReturn),
    responses((status = 302, description = "The browser is sent on to the client.", headers(("Location" = String)))),
)]
#[get("/auth/callback/{name}")]
async fn finish_authorization(
    ports: Ports,
    request: HttpRequest,
    Require(caller, (Name(provider), query), ..): Require<policy::FinishAuthorization, (Name, OauthQuery)>,
) -> Result<HttpResponse, Problem> {
    let secret = |name| query.get(name).map(Secret::new);
    let answer = ProviderAnswer {
        state: secret("state"),
        code: secret("code"),
        issuer: query.get("iss"),
        error: query.get("error"),
    };
    let finished = ports.app.providers.finish(&caller, &provider, answer, cookies::browser(&request)).await?;
    if let Err(refusal) = &finished.outcome {
        note(&request, &provider, refusal);
    }
    let location = location(finished, &ports.app.system.issuer());
    Ok(HttpResponse::Found().insert_header((header::LOCATION, location)).finish())
}

/// The answer is a redirect, so the reason is in no answer of this service.
fn note(request: &HttpRequest, provider: &str, refusal: &AuthorizationRefusal) {
    Context::of(request).code.set(Some(refusal.reason));
    if let Some(fault) = &refusal.source {
        tracing::warn!(provider, reason = refusal.reason, "a sign-in with a provider failed: {fault}");
    }
}

/// RFC 6749 §4.1.2 and §4.1.2.1: the parameters are added to the query that the URI may have.
fn location(finished: FinishedAuthorization, issuer: &str) -> String {
    let FinishedAuthorization { redirect_uri: mut location, state, outcome } = finished;
    location.push(if location.contains('?') { '&' } else { '?' });
    let mut query = form_urlencoded::Serializer::new(String::new());
    match &outcome {
        Ok(code) => query.append_pair("code", code.expose()),
        Err(why) => query.append_pair("error", why.error).append_pair("error_description", why.description),
    };
    if let Some(state) = &state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", issuer);
    location + &query.finish()
}

/// Some providers send their answer as a form (OAuth 2.0 Form Post Response Mode). A browser sends no cookie with it,
/// because it comes from another site; with the link to the same place, it does.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path, description = "The name of the provider.")),
    request_body(content = ProviderReturn, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "The browser is sent to the same path, with the answer in the query.", headers(("Location" = String)))),
)]
#[post("/auth/callback/{name}")]
async fn forward_authorization(
    ports: Ports,
    request: HttpRequest,
    Require(_caller, form, ..): Require<policy::ForwardAuthorization, OauthForm>,
) -> HttpResponse {
    let location = format!("{}{}?{}", ports.options.public_url, request.path(), form.query_of(RETURNED));
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

/// OpenID Connect Back-Channel Logout 1.0 §2.5: a provider reports here that a session has ended there. The sessions that
/// began with it end on all nodes; if the token names no session, all sessions that the provider has begun for the person.
/// A token is used once.
#[utoipa::path(
    tag = TAG,
    params(("name" = String, Path, description = "The name of the provider.")),
    request_body(content = ProviderLogout, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The sessions have ended.")),
)]
#[post("/auth/backchannel-logout/{name}")]
async fn end_provider_sessions(
    ports: Ports,
    Require(caller, (Name(provider), form), ..): Require<policy::EndProviderSessions, (Name, OauthForm)>,
) -> Result<HttpResponse, Problem> {
    ports.app.providers.end_sessions(&caller, &provider, form.secret("logout_token")?).await?;
    Ok(HttpResponse::Ok().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(redirect_uri: &str, outcome: Result<Secret, AuthorizationRefusal>) -> String {
        let state = Some("a b&c=d".to_owned());
        location(
            FinishedAuthorization { redirect_uri: redirect_uri.to_owned(), state, outcome },
            "https://id.example.com",
        )
    }

    #[test]
    fn rfc_6749_4_1_2_the_answer_is_added_to_the_redirect_uri_and_its_query() {
        let code = || Ok(Secret::new("xyz".to_owned()));
        let tail = "code=xyz&state=a+b%26c%3Dd&iss=https%3A%2F%2Fid.example.com";
        assert_eq!(finished("https://app.example.com/cb", code()), format!("https://app.example.com/cb?{tail}"));
        assert_eq!(
            finished("https://app.example.com/cb?x=1", code()),
            format!("https://app.example.com/cb?x=1&{tail}")
        );
        assert_eq!(finished("com.example.app:/cb", code()), format!("com.example.app:/cb?{tail}"));
        let refusal =
            AuthorizationRefusal { error: "access_denied", description: "No.", reason: "denied", source: None };
        let denied = finished("https://app.example.com/cb", Err(refusal));
        assert!(denied.contains("?error=access_denied&error_description=") && !denied.contains("code="), "{denied}");
    }
}
