//! Refusals in the format of OAuth (RFC 6749 §5.2): the only place that maps error codes to those of OAuth.
use super::{Code, Problem};
use crate::context::Context;
use crate::wire::OauthError;
use actix_web::http::StatusCode;
use doorward_ports::{ErrorCode, ErrorKind};
use doorward_views::OfferedFactor;

const INTROSPECT: &str = "/api/v1/auth/introspect";
const ENDPOINTS: [&str; 3] = ["/api/v1/auth/token", INTROSPECT, "/api/v1/auth/revoke"];
/// Followed by the name of a provider.
const LOGOUT: &str = "/api/v1/auth/backchannel-logout/";

/// Whether refusals of this path have the format of OAuth.
pub(crate) fn is_spoken_at(path: &str) -> bool {
    ENDPOINTS.contains(&path) || path.starts_with(LOGOUT)
}

/// Whether parameters are read one by one there, so that unknown ones are ignored and repeated ones refused (RFC 6749 §3.1).
pub(crate) fn reads_parameters(path: &str, by_get: bool) -> bool {
    is_spoken_at(path) || takes_forms_alone(path) || (by_get && path == "/api/v1/auth/authorize")
}

/// Whether a body there is a form, and never JSON: providers send it.
pub(crate) fn takes_forms_alone(path: &str) -> bool {
    path.starts_with("/api/v1/auth/callback/") || path.starts_with(LOGOUT)
}

/// The status of a refusal with this code at this path: OAuth has other statuses for some codes.
pub(crate) fn status(code: Code, path: &str) -> StatusCode {
    if is_spoken_at(path) { name(code, path).0 } else { code.status() }
}

/// The document and its status.
pub(super) fn document(problem: &Problem, context: &Context) -> (StatusCode, OauthError) {
    let (status, error) = name(problem.code, &context.path);
    let (link, mfa) = (problem.link.as_ref(), problem.mfa.as_ref());
    let expires_in = link.map(|link| link.expires_in).or(mfa.map(|mfa| mfa.expires_in));
    let document = OauthError {
        error,
        error_description: problem.detail.chars().filter_map(allowed).collect(),
        code: problem.code.as_str(),
        correlation_id: context.correlation_id.to_string(),
        link_token: problem.link.as_ref().map(|link| link.link_token.expose().to_owned()),
        mfa_token: problem.mfa.as_ref().map(|mfa| mfa.mfa_token.expose().to_owned()),
        factors: problem.mfa.as_ref().map(|mfa| mfa.factors.iter().map(OfferedFactor::from).collect()),
        expires_in: expires_in.map(|time| time.as_secs()),
    };
    (status, document)
}

fn name(code: Code, path: &str) -> (StatusCode, &'static str) {
    match code {
        Code::UseCase(code) => of_use_case(code, path),
        Code::Http(fault) if fault.kind().is_server_error() => (fault.kind(), "temporarily_unavailable"),
        Code::Http(fault) => (fault.kind(), "invalid_request"),
    }
}

fn of_use_case(code: ErrorCode, path: &str) -> (StatusCode, &'static str) {
    match code {
        ErrorCode::InvalidClient | ErrorCode::AuthenticationRequired => (StatusCode::UNAUTHORIZED, "invalid_client"),
        ErrorCode::UnauthorizedClient => (StatusCode::BAD_REQUEST, "unauthorized_client"),
        ErrorCode::InvalidScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
        ErrorCode::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        ErrorCode::UnsupportedTokenType => (StatusCode::BAD_REQUEST, "unsupported_token_type"),
        // If a Bearer token authenticates the caller, the token is refused (RFC 6750 §3.1).
        ErrorCode::InvalidToken if path == INTROSPECT => (StatusCode::UNAUTHORIZED, "invalid_token"),
        ErrorCode::InvalidToken | ErrorCode::RefreshTokenReused | ErrorCode::InvalidGrant => {
            (StatusCode::BAD_REQUEST, "invalid_grant")
        }
        // What the code proves gives no access (RFC 6749 §5.2).
        ErrorCode::AccountDisabled
        | ErrorCode::EmailUnverified
        | ErrorCode::EmailRequired
        | ErrorCode::EmailDomainNotAllowed
        | ErrorCode::EmailTaken
        | ErrorCode::RegistrationDisabled => (StatusCode::BAD_REQUEST, "invalid_grant"),
        ErrorCode::LinkRequired | ErrorCode::MfaRequired => (StatusCode::FORBIDDEN, "interaction_required"),
        // OpenID Connect Back-Channel Logout 1.0 §2.8: whatever the reason.
        ErrorCode::ProviderUnavailable if path.starts_with(LOGOUT) => {
            (StatusCode::BAD_REQUEST, "temporarily_unavailable")
        }
        ErrorCode::PermissionDenied | ErrorCode::MfaEnrolmentRequired | ErrorCode::PasswordChangeRequired => {
            (StatusCode::FORBIDDEN, "insufficient_scope")
        }
        code => match code.kind() {
            ErrorKind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable"),
            ErrorKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            ErrorKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
            _ => (StatusCode::BAD_REQUEST, "invalid_request"),
        },
    }
}

/// RFC 6749 §5.2: visible ASCII and blanks, without double quotes and backslashes.
const fn allowed(c: char) -> Option<char> {
    match c {
        '"' | '\\' => Some('\''),
        ' '..='~' => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_the_characters_that_the_rfc_allows() {
        let text: String = "a \"b\" c\\d é…\n~".chars().filter_map(allowed).collect();
        assert_eq!(text, "a 'b' c'd ~");
    }

    #[test]
    fn a_refused_token_is_a_bad_grant_where_it_is_exchanged_and_a_bad_proof_where_it_proves() {
        let code = Code::UseCase(ErrorCode::InvalidToken);
        assert_eq!(name(code, ENDPOINTS[0]), (StatusCode::BAD_REQUEST, "invalid_grant"));
        assert_eq!(name(code, INTROSPECT), (StatusCode::UNAUTHORIZED, "invalid_token"));
    }
}
