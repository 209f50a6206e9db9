use super::{Code, PROBLEM_BASE, Problem, oauth};
use crate::context::Context;
use crate::wire::{FieldProblem, ProblemDocument};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use doorward_ports::limits::seconds_rounded_up;
use doorward_ports::{ErrorCode, ErrorKind};
use doorward_views::OfferedFactor;
use serde::Serialize;

pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

/// A refusal in its final form.
pub(crate) struct Rendered {
    status: StatusCode,
    content_type: &'static str,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
}

impl Rendered {
    pub(crate) fn new(problem: &Problem, context: &Context) -> Self {
        if oauth::is_spoken_at(&context.path) {
            return Self::oauth(problem, context);
        }
        let document = ProblemDocument {
            r#type: format!("{PROBLEM_BASE}{}", problem.code.as_str()),
            title: problem.code.title().to_owned(),
            status: problem.code.status().as_u16(),
            detail: problem.detail.clone(),
            instance: context.path.clone(),
            code: problem.code.as_str().to_owned(),
            correlation_id: context.correlation_id.to_string(),
            errors: problem.fields.iter().map(FieldProblem::from).collect(),
            mfa_token: problem.mfa.as_ref().map(|mfa| mfa.mfa_token.expose().to_owned()),
            factors: problem.mfa.as_ref().map(|mfa| mfa.factors.iter().map(OfferedFactor::from).collect()),
            expires_in: problem.mfa.as_ref().map(|mfa| mfa.expires_in.as_secs()),
        };
        Self {
            status: problem.code.status(),
            content_type: CONTENT_TYPE,
            headers: headers(problem, challenges(problem.code)),
            body: json(&document),
        }
    }

    fn oauth(problem: &Problem, context: &Context) -> Self {
        let (status, document) = oauth::document(problem, context);
        let unproven = status == StatusCode::UNAUTHORIZED;
        let challenges: &[&str] = match problem.code {
            _ if !unproven => &[],
            Code::UseCase(ErrorCode::AuthenticationRequired) => &[BASIC, BEARER],
            code => challenges(code),
        };
        let mut headers = headers(problem, challenges);
        headers.push((header::PRAGMA, HeaderValue::from_static("no-cache")));
        Self { status, content_type: "application/json", headers, body: json(&document) }
    }

    pub(crate) fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.content_type(self.content_type);
        for (name, value) in &self.headers {
            response.append_header((name.clone(), value.clone()));
        }
        response.body(self.body.clone())
    }
}

fn json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("a document of texts and numbers is JSON")
}

fn headers(problem: &Problem, challenges: &[&'static str]) -> Vec<(HeaderName, HeaderValue)> {
    let challenge = |challenge| (header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    let mut headers: Vec<_> = challenges.iter().copied().map(challenge).collect();
    if let Some(wait) = problem.retry_after {
        headers.push((header::RETRY_AFTER, HeaderValue::from(seconds_rounded_up(wait))));
    }
    if let Some(allow) = problem.allow.as_deref().and_then(|methods| HeaderValue::from_str(methods).ok()) {
        headers.push((header::ALLOW, allow));
    }
    headers
}

const BASIC: &str = r#"Basic realm="doorward", charset="UTF-8""#;
const BEARER: &str = r#"Bearer realm="doorward""#;
const REFUSED_BEARER: &str = r#"Bearer realm="doorward", error="invalid_token""#;
/// RFC 9470 §3: the authentication is older than `max_age` seconds, the limit of a recent one.
const STALE_BEARER: &str = r#"Bearer realm="doorward", error="insufficient_user_authentication", max_age="600""#;

/// RFC 6750 §3: a refused token is named as such; a request without a token only gets the scheme.
const fn challenges(code: Code) -> &'static [&'static str] {
    match code {
        Code::UseCase(ErrorCode::InvalidClient) => &[BASIC],
        Code::UseCase(ErrorCode::InvalidToken | ErrorCode::RefreshTokenReused) => &[REFUSED_BEARER],
        Code::UseCase(ErrorCode::ReauthenticationRequired) => &[STALE_BEARER],
        Code::UseCase(other) if matches!(other.kind(), ErrorKind::Unauthenticated) => &[BEARER],
        Code::UseCase(_) | Code::Http(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_ports::access::FRESH_FOR;
    use std::time::Duration;

    #[test]
    fn a_stale_sign_in_is_told_how_fresh_it_must_be() {
        assert!(STALE_BEARER.ends_with(&format!("max_age=\"{}\"", FRESH_FOR.as_secs())));
    }

    #[test]
    fn a_fraction_of_a_second_counts_as_a_whole_one() {
        assert_eq!(seconds_rounded_up(Duration::from_millis(1)), 1);
        assert_eq!(seconds_rounded_up(Duration::from_secs(2)), 2);
        assert_eq!(seconds_rounded_up(Duration::from_millis(2_001)), 3);
    }
}
