use crate::routes::streamed::Streamed;
use doorward_domain::CorrelationId;
use doorward_ports::inbound::AuditExport;
use doorward_views::ExportFormat;

type Source = (Box<dyn AuditExport>, ExportFormat);

/// The body of an export.
pub(super) fn lines(
    export: Box<dyn AuditExport>,
    format: ExportFormat,
    correlation_id: CorrelationId,
) -> Streamed<Source> {
    let what = ("an export of the audit log", correlation_id);
    Streamed::of(what, format.head(), (export, format), |source| Box::pin(next(source)))
}

async fn next((mut export, format): Source) -> (Source, Result<Option<actix_web::web::Bytes>, doorward_ports::Error>) {
    let lines = export.next().await.map(|lines| {
        let mut text = String::new();
        for line in lines {
            format.write(line, &mut text);
        }
        Some(text).filter(|text| !text.is_empty()).map(Into::into)
    });
    ((export, format), lines)
}
