//! `/audit`
mod export;

use super::Ports;
use crate::context::Context;
use crate::input::{Query, Require};
use crate::problem::Problem;
use crate::wire::{AuditExportQuery, AuditFilter, Page, VerificationQuery};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, get, web};
use doorward_ports::access::policy;
use doorward_views::{AuditEvent, AuditHead, AuditVerdict, ExportFormat};
use export::lines;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "audit";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_audit_events).service(export_audit_events).service(read_audit_head).service(verify_audit_log);
}

#[utoipa::path(
    tag = TAG,
    params(AuditFilter),
    responses((status = 200, description = "A page of lines, newest first.", body = Page<AuditEvent>)),
)]
#[get("/audit/events")]
async fn list_audit_events(
    ports: Ports,
    Require(caller, Query(filter), ..): Require<policy::ListAuditEvents, Query<AuditFilter>>,
) -> Result<web::Json<Page<AuditEvent>>, Problem> {
    let (query, cursor, limit) = filter.read()?;
    let page = ports.app.audit_trail.list(&caller, query, cursor, limit).await?;
    Ok(web::Json(Page::of(page)))
}

/// The answer is sent while it is read. If the database fails in the middle, the connection is closed before the end of the
/// answer: a body without its last chunk (RFC 9112 §7.1) is not whole.
#[utoipa::path(
    tag = TAG,
    params(AuditExportQuery),
    responses((status = 200, description = "All lines that match, newest first.", content(
        (String = "application/x-ndjson"),
        (String = "text/csv"),
    ))),
)]
#[get("/audit/events/export")]
async fn export_audit_events(
    ports: Ports,
    request: HttpRequest,
    Require(caller, Query(query), ..): Require<policy::ExportAuditEvents, Query<AuditExportQuery>>,
) -> Result<HttpResponse, Problem> {
    let (query, format) = query.read()?;
    let export = ports.app.audit_trail.export(&caller, query).await?;
    let (media_type, file) = match format {
        ExportFormat::Ndjson => ("application/x-ndjson", "audit.ndjson"),
        ExportFormat::Csv => ("text/csv; charset=utf-8; header=present", "audit.csv"),
    };
    let lines = lines(export, format, Context::of(&request).correlation_id.clone());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .body(lines))
}

/// Save it outside the database: `GET /audit/verify` can later show that the log was cut off before it.
#[utoipa::path(
    tag = TAG,
    responses((status = 200, description = "The newest head.", body = AuditHead)),
)]
#[get("/audit/head")]
async fn read_audit_head(
    ports: Ports,
    Require(caller, ..): Require<policy::ReadAuditHead>,
) -> Result<web::Json<AuditHead>, Problem> {
    Ok(web::Json(ports.app.audit_log.head(&caller).await?.into()))
}

/// It checks every line, link and seal, so it takes longer the longer the log is; `doorward audit verify` has no timeout. A
/// bad line is an answer too, with the status 200. A node verifies once at a time.
#[utoipa::path(
    tag = TAG,
    params(VerificationQuery),
    responses((status = 200, description = "Whether the log is intact, or else its first bad line.", body = AuditVerdict)),
)]
#[get("/audit/verify")]
async fn verify_audit_log(
    ports: Ports,
    Require(caller, Query(query), ..): Require<policy::VerifyAuditLog, Query<VerificationQuery>>,
) -> Result<web::Json<AuditVerdict>, Problem> {
    let verdict = ports.app.audit_log.verify(&caller, query.read()?, &|_| ()).await?;
    Ok(web::Json(verdict.into()))
}
