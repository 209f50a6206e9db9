//! The pages that the links of mails lead to, unless the operator has pages of their own (`mail.links`): plain HTML, without
//! a script and without anything from elsewhere.
//!
//! A link contains its token in the query: a page without a script could not read it from the fragment. So that it does not
//! get anywhere else, the page loads nothing, sends no `Referer`, is not cached, and the log has the pattern of the route
//! instead of its URL. Opening the page spends nothing, because scanners of mails open links: its form does, by POST.
mod html;
mod texts;

use super::Ports;
use crate::context::{Context, language};
use crate::input::{OauthForm, OauthQuery, Require};
use crate::problem::{Code, Problem};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use doorward_domain::Language;
use doorward_ports::access::{Operation, policy};
use doorward_ports::inbound::PasswordReset;
use doorward_ports::{Caller, Error, ErrorCode, Secret};
use html::Form;

/// A page, by what its link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailPage {
    Verify,
    Reset,
    Invite,
    Change,
    Report,
}

/// Their paths, each with the operation of its form.
pub(crate) const PATHS: [(&str, Operation); 5] = [
    ("/verify", Operation::VerifyEmail),
    ("/reset", Operation::ResetPassword),
    ("/invite", Operation::ResetPassword),
    ("/change-email", Operation::VerifyEmail),
    ("/not-me", Operation::ReportTakeover),
];

/// Nothing is loaded, the one style is known by its digest, and the form is sent here.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'sha256-evRPEMW6t/84rBybn+WC/bzjiw8Aeipnm5X+eWicrwk='; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/verify", web::get().to(open_verify))
        .route("/verify", web::post().to(verify))
        .route("/reset", web::get().to(open_reset))
        .route("/reset", web::post().to(reset))
        .route("/invite", web::get().to(open_invite))
        .route("/invite", web::post().to(accept))
        .route("/change-email", web::get().to(open_change))
        .route("/change-email", web::post().to(change))
        .route("/not-me", web::get().to(open_report))
        .route("/not-me", web::post().to(report));
}

type Opened = Require<policy::ReadMailPage, OauthQuery>;

async fn open_verify(request: HttpRequest, Require(_, query, ..): Opened) -> HttpResponse {
    open(&request, MailPage::Verify, &query)
}

async fn open_reset(request: HttpRequest, Require(_, query, ..): Opened) -> HttpResponse {
    open(&request, MailPage::Reset, &query)
}

async fn open_invite(request: HttpRequest, Require(_, query, ..): Opened) -> HttpResponse {
    open(&request, MailPage::Invite, &query)
}

async fn open_change(request: HttpRequest, Require(_, query, ..): Opened) -> HttpResponse {
    open(&request, MailPage::Change, &query)
}

async fn open_report(request: HttpRequest, Require(_, query, ..): Opened) -> HttpResponse {
    open(&request, MailPage::Report, &query)
}

/// Whatever the token is, it is looked at when the form is sent.
fn open(request: &HttpRequest, page: MailPage, query: &OauthQuery) -> HttpResponse {
    let language = of(request);
    match query.get("token") {
        Some(token) => answer(StatusCode::OK, html::form(&Form { page, language, token: &token, faults: &[] })),
        None => answer(StatusCode::BAD_REQUEST, html::notice(page, language, texts::of(language).broken)),
    }
}

async fn verify(
    ports: Ports,
    request: HttpRequest,
    Require(caller, form, ..): Require<policy::VerifyEmail, OauthForm>,
) -> Result<HttpResponse, Problem> {
    let done = ports.app.owner_mails.verify_email(&caller, token(&form)).await;
    finish(&request, MailPage::Verify, &form, done)
}

async fn change(
    ports: Ports,
    request: HttpRequest,
    Require(caller, form, ..): Require<policy::VerifyEmail, OauthForm>,
) -> Result<HttpResponse, Problem> {
    let done = ports.app.owner_mails.verify_email(&caller, token(&form)).await;
    finish(&request, MailPage::Change, &form, done)
}

async fn report(
    ports: Ports,
    request: HttpRequest,
    Require(caller, form, ..): Require<policy::ReportTakeover, OauthForm>,
) -> Result<HttpResponse, Problem> {
    let done = ports.app.owner_mails.report_takeover(&caller, token(&form)).await;
    finish(&request, MailPage::Report, &form, done)
}

async fn reset(
    ports: Ports,
    request: HttpRequest,
    Require(caller, form, ..): Require<policy::ResetPassword, OauthForm>,
) -> Result<HttpResponse, Problem> {
    let done = set_password(&ports, &caller, &form).await;
    finish(&request, MailPage::Reset, &form, done)
}

async fn accept(
    ports: Ports,
    request: HttpRequest,
    Require(caller, form, ..): Require<policy::ResetPassword, OauthForm>,
) -> Result<HttpResponse, Problem> {
    let done = set_password(&ports, &caller, &form).await;
    finish(&request, MailPage::Invite, &form, done)
}

async fn set_password(ports: &Ports, caller: &Caller, form: &OauthForm) -> Result<(), Error> {
    let password = form.optional_secret("password").unwrap_or_else(|| Secret::new(String::new()));
    ports.app.owner_mails.reset_password(caller, PasswordReset { token: token(form), password }).await
}

fn token(form: &OauthForm) -> Secret {
    form.optional_secret("token").unwrap_or_else(|| Secret::new(String::new()))
}

fn of(request: &HttpRequest) -> Language {
    language(request.headers()).unwrap_or_default()
}

/// The page after its form was sent. What people can do nothing about is answered as by the rest of the service.
fn finish(
    request: &HttpRequest,
    page: MailPage,
    form: &OauthForm,
    done: Result<(), Error>,
) -> Result<HttpResponse, Problem> {
    let (language, error) = match done {
        Ok(()) => return Ok(answer(StatusCode::OK, html::notice(page, of(request), page.texts(of(request)).done))),
        Err(error) => (of(request), error),
    };
    let status = Code::UseCase(error.code).status();
    let texts = texts::of(language);
    let text = match error.code {
        ErrorCode::ValidationFailed => return Ok(again(request, page, form, &error)),
        ErrorCode::InvalidMailToken => texts.invalid,
        ErrorCode::EmailTaken => texts.taken,
        ErrorCode::MailDisabled => texts.disabled,
        _ => return Err(error.into()),
    };
    Context::of(request).code.set(Some(error.code.as_str()));
    Ok(answer(status, html::notice(page, language, text)))
}

/// The form once more, with what is wrong.
fn again(request: &HttpRequest, page: MailPage, form: &OauthForm, error: &Error) -> HttpResponse {
    Context::of(request).code.set(Some(error.code.as_str()));
    let faults: Vec<&str> = error.fields.iter().map(|fault| fault.message.as_str()).collect();
    let (language, token) = (of(request), token(form));
    let form = Form { page, language, token: token.expose(), faults: &faults };
    answer(Code::UseCase(error.code).status(), html::form(&form))
}

fn answer(status: StatusCode, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    /// CSP Level 3 §2.3.1: otherwise browsers ignore the style.
    #[test]
    fn the_policy_has_the_digest_of_the_style() {
        let digest = BASE64_STANDARD.encode(Sha256::digest(html::STYLE));
        assert!(POLICY.to_str().unwrap().contains(&format!("style-src 'sha256-{digest}';")), "{digest}");
    }
}
