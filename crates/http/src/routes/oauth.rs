use super::Ports;
use crate::context::Context;
use crate::input::OauthRequest;
use crate::problem::Problem;
use crate::wire::{Introspection, IssuedTokens, TokenQuestion, TokenRequest};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post};
use doorward_ports::access::policy;
use doorward_ports::inbound::{CodeGrant, RefreshGrant};
use doorward_ports::{Error, ErrorCode};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "auth";
/// JSON is accepted too, but not described: generators would create two methods for each request, of which one or both
/// don't work.
const FORM: &str = "application/x-www-form-urlencoded";

/// The grant types of `/auth/token`.
pub(super) const GRANT_TYPES: &[&str] = &["authorization_code", "refresh_token", "client_credentials"];

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(issue_tokens).service(introspect_token).service(revoke_token);
}

/// RFC 6749 §3.2. A confidential client authenticates with Basic, or with `client_id` and `client_secret` in the body.
/// A public client sends only its `client_id`. The parameters can also be sent as a JSON object of strings. There are
/// no scopes.
#[utoipa::path(
    tag = TAG,
    request_body(content = TokenRequest, content_type = FORM),
    responses((status = 200, description = "The issued tokens.", body = IssuedTokens)),
)]
#[post("/auth/token")]
async fn issue_tokens(
    ports: Ports,
    http: HttpRequest,
    request: OauthRequest<policy::IssueTokens>,
) -> Result<HttpResponse, Problem> {
    let (tokens, caller, client) = (&ports.app.client_tokens, &request.caller, request.client());
    let scope = request.optional("scope");
    let issued = match request.required("grant_type")? {
        "authorization_code" => {
            let grant = CodeGrant {
                code: request.secret("code")?,
                code_verifier: request.secret("code_verifier")?,
                redirect_uri: request.required("redirect_uri")?.to_owned(),
            };
            let pair = tokens.redeem_code(caller, &client.client(), grant, scope).await?;
            Context::of(&http).user.set(Some(pair.user));
            IssuedTokens::from(pair)
        }
        "refresh_token" => {
            let grant = RefreshGrant { token: request.secret("refresh_token")?, scope };
            let pair = tokens.refresh_as(caller, &client.client(), grant).await?;
            Context::of(&http).user.set(Some(pair.user));
            IssuedTokens::from(pair)
        }
        "client_credentials" => IssuedTokens::from(tokens.issue_to_client(caller, client, scope).await?),
        _ => return Err(unsupported_grant_type()),
    };
    Ok(uncached(&issued))
}

fn unsupported_grant_type() -> Problem {
    let known = GRANT_TYPES.join(", ");
    let detail = format!("This grant_type is not supported. Supported are: {known}.");
    Error::new(ErrorCode::UnsupportedGrantType, detail).into()
}

/// RFC 7662. The caller is a confidential client app that authenticates, or sends a Bearer token.
#[utoipa::path(
    tag = TAG,
    request_body(content = TokenQuestion, content_type = FORM),
    responses((status = 200, description = "The data of the token if it is active, otherwise only `active` with the value `false`.", body = Introspection)),
)]
#[post("/auth/introspect")]
async fn introspect_token(
    ports: Ports,
    request: OauthRequest<policy::IntrospectToken>,
) -> Result<HttpResponse, Problem> {
    let told = ports.app.client_tokens.introspect(&request.caller, request.secret("token")?).await?;
    Ok(uncached(&Introspection::from(told)))
}

/// RFC 7009. Each of the two tokens of a session ends the session. The answer is the same for a token that Doorward has
/// not issued, or that belongs to another client.
#[utoipa::path(
    tag = TAG,
    request_body(content = TokenQuestion, content_type = FORM),
    responses((status = 200, description = "If the token belonged to this client, its session has ended on all nodes.")),
)]
#[post("/auth/revoke")]
async fn revoke_token(ports: Ports, request: OauthRequest<policy::RevokeToken>) -> Result<HttpResponse, Problem> {
    let (client, token) = (request.client().client(), request.secret("token")?);
    ports.app.client_tokens.revoke(&request.caller, &client, token).await?;
    Ok(HttpResponse::Ok().finish())
}

/// RFC 6749 §5.1; `Cache-Control` is added to all answers of the API.
fn uncached(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::PRAGMA, "no-cache")).json(body)
}
