//! Each refusal as a document: `application/problem+json` (RFC 9457).
mod code;
mod fault;
pub(crate) mod oauth;
mod render;

pub(crate) use code::Code;
pub(crate) use fault::Fault;
pub(crate) use render::{CONTENT_TYPE, Rendered};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use doorward_graphql::FaultKind;
use doorward_ports::inbound::{LinkRequired, MfaRequired};
use doorward_ports::{Error, FieldError};
use std::fmt;
use std::time::Duration;

/// The prefix of the `type` of a problem, followed by its code. The pages are in `docs/problems/`.
pub const PROBLEM_BASE: &str = "https://doorward.dev/problems/";

/// A refusal before it is rendered. The envelope renders it, because only the envelope knows the request.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) detail: String,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) retry_after: Option<Duration>,
    /// For `link_required`.
    pub(crate) link: Option<Box<LinkRequired>>,
    /// For `mfa_required`.
    pub(crate) mfa: Option<Box<MfaRequired>>,
    /// For `Allow` (RFC 9110 §10.2.1).
    pub(crate) allow: Option<Box<str>>,
    #[source]
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    pub(crate) fn http(fault: Fault, detail: impl Into<String>) -> Self {
        Self {
            code: Code::Http(fault),
            detail: detail.into(),
            fields: Vec::new(),
            retry_after: None,
            link: None,
            mfa: None,
            allow: None,
            source: None,
        }
    }

    pub(crate) const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The problem for a refusal that actix itself has made.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => {
                Self::http(Fault::RouteNotFound, "There is no route with this path. /docs lists all routes.")
            }
            StatusCode::NOT_ACCEPTABLE => Self::http(
                Fault::NotAcceptable,
                "Accept-Encoding refuses all encodings of this service. Allow identity or gzip.",
            ),
            status if status.is_client_error() => {
                Self::http(Fault::MalformedRequest, "The request can't be read: a header or the path is malformed.")
            }
            status => Error::internal(format!("an answer of status {status} that no handler made")).into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            code: Code::UseCase(error.code),
            detail: error.detail,
            fields: error.fields,
            retry_after: error.retry_after,
            link: error.link,
            mfa: error.mfa,
            allow: None,
            source: error.source,
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// The envelope replaces this answer.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// All error codes with status and title, which the pages of `docs/problems/` describe.
#[must_use]
pub fn problem_codes() -> Vec<(&'static str, u16, &'static str)> {
    let of_graphql = doorward_graphql::Fault::ALL.iter().map(|fault| {
        let status = status_of(fault.kind());
        (fault.as_str(), status.as_u16(), fault.title())
    });
    Code::all().map(|code| (code.as_str(), code.status().as_u16(), code.title())).chain(of_graphql).collect()
}

/// The status of a refusal of GraphQL itself, which is no problem document.
pub(crate) const fn status_of(kind: FaultKind) -> StatusCode {
    match kind {
        FaultKind::Request | FaultKind::Document => StatusCode::BAD_REQUEST,
        FaultKind::Method => StatusCode::METHOD_NOT_ALLOWED,
    }
}

/// The page `docs/problems/README.md`.
#[must_use]
pub fn problem_index() -> String {
    let row = |(code, status, title)| format!("| [`{code}`]({code}.md) | {status} | {title} |\n");
    INDEX.replace("{codes}", &problem_codes().into_iter().map(row).collect::<String>())
}

const INDEX: &str = include_str!("index.md");
