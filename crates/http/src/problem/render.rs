use super::{Code, PROBLEM_BASE, Problem};
use crate::context::Context;
use crate::wire::{FieldProblem, ProblemDocument};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use doorward_application::{ErrorCode, ErrorKind};
use std::time::Duration;

pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

/// A refusal as it goes over the wire.
pub(crate) struct Rendered {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
}

impl Rendered {
    pub(crate) fn new(problem: &Problem, context: &Context) -> Self {
        let document = ProblemDocument {
            r#type: format!("{PROBLEM_BASE}{}", problem.code.as_str()),
            title: problem.code.title().to_owned(),
            status: problem.code.status().as_u16(),
            detail: problem.detail.clone(),
            instance: context.path.clone(),
            code: problem.code.as_str().to_owned(),
            correlation_id: context.correlation_id.to_string(),
            errors: problem.fields.iter().map(FieldProblem::from).collect(),
        };
        let body = serde_json::to_vec(&document).expect("a document of texts and numbers is JSON");
        Self { status: problem.code.status(), headers: headers(problem), body }
    }

    pub(crate) fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.content_type(CONTENT_TYPE);
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.body(self.body.clone())
    }
}

fn headers(problem: &Problem) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    if let Some(challenge) = challenge(problem.code) {
        headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
    }
    if let Some(wait) = problem.retry_after {
        headers.push((header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait))));
    }
    if let Some(allow) = problem.allow.as_deref().and_then(|methods| HeaderValue::from_str(methods).ok()) {
        headers.push((header::ALLOW, allow));
    }
    headers
}

/// RFC 6750 §3: a refused token is named as such; who brought none is told only how to bring one.
fn challenge(code: Code) -> Option<&'static str> {
    match code {
        Code::UseCase(ErrorCode::InvalidToken | ErrorCode::RefreshTokenReused) => {
            Some(r#"Bearer realm="doorward", error="invalid_token""#)
        }
        Code::UseCase(other) if matches!(other.kind(), ErrorKind::Unauthenticated) => {
            Some(r#"Bearer realm="doorward""#)
        }
        Code::UseCase(_) | Code::Http(_) => None,
    }
}

/// Rounded up: who comes back a moment early would be refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_a_second_counts_as_a_whole_one() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(2)), 2);
        assert_eq!(whole_seconds(Duration::from_millis(2_001)), 3);
    }
}
