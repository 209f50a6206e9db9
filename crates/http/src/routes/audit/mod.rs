//! `/audit/events`
mod export;

use super::Ports;
use crate::context::Context;
use crate::input::{Query, Require};
use crate::problem::Problem;
use crate::wire::{AuditExportQuery, AuditFilter, Page};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, get, web};
use doorward_ports::access::policy;
use doorward_views::{AuditEvent, ExportFormat};
use export::Lines;
use utoipa_actix_web::service_config::ServiceConfig;

const TAG: &str = "audit";

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_audit_events).service(export_audit_events);
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
    let lines = Lines::of(export, format, Context::of(&request).correlation_id.clone());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")))
        .body(lines))
}
