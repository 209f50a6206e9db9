//! Shipping of the audit log: from the settings to the destination.
use super::operator::operator;
use crate::failure::Failure;
use crate::jobs::Job;
use doorward_application::Services;
use doorward_ports::inbound::AuditShipping;
use doorward_ports::outbound::{AuditDestination, ListedEvent, SealedEvent};
use doorward_settings::{Fault, Settings, ShipTo, SyslogTransport, Values};
use doorward_shipping::{Address, File, ReceiverError, Stream, Udp};
use doorward_telemetry::metrics::Metrics;
use doorward_views::AuditEvent;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where the settings want the audit log; none: nowhere.
pub(super) fn destination(settings: &Settings) -> Result<Option<Arc<dyn AuditDestination>>, Failure> {
    let Some(to) = &settings.audit.ship_to else { return Ok(None) };
    let authorities = settings.audit.ship_ca_file.as_deref().map(std::fs::read).transpose().map_err(|error| {
        let problem = format!("the certificate authorities of the receiver of audit lines can't be read: {error}");
        Failure::failed(problem, "mend audit.ship_ca_file")
    })?;
    let to = opened(to, authorities.as_deref());
    to.map(Some).map_err(|error| Failure::of(&error, "mend audit.ship_to, or audit.ship_ca_file"))
}

fn opened(to: &ShipTo, authorities: Option<&[u8]>) -> Result<Arc<dyn AuditDestination>, ReceiverError> {
    let (transport, receiver) = match to {
        ShipTo::File(path) => return Ok(Arc::new(File::new(path.clone(), rendered))),
        ShipTo::Syslog { transport, host, port } => (transport, Address { host: host.clone(), port: *port }),
    };
    Ok(match transport {
        SyslogTransport::Udp => Arc::new(Udp::new(receiver, rendered)),
        SyslogTransport::Tcp => Arc::new(Stream::tcp(receiver, rendered)),
        SyslogTransport::Tls => Arc::new(Stream::tls(receiver, authorities, rendered)?),
    })
}

/// As in the NDJSON of an export.
fn rendered(line: &SealedEvent) -> String {
    let json = serde_json::to_string(&AuditEvent::from(ListedEvent::from(line.clone())));
    json.expect("a view has only keys that are text")
}

/// It runs where the last run has stopped, on any node.
pub(super) fn ship_audit_log(services: Arc<Services>, metrics: Arc<Metrics>) -> Job {
    let (waiting, gauge) = (services.clone(), metrics.clone());
    let wanted = move || {
        let (services, metrics) = (waiting.clone(), gauge.clone());
        async move { unshipped(&services, &metrics).await.map(|lines| lines > 0) }
    };
    let ship = move || {
        let (services, metrics) = (services.clone(), metrics.clone());
        async move {
            services.ship(&operator(&services)).await?;
            unshipped(&services, &metrics).await.map(drop)
        }
    };
    Job::every(Duration::from_secs(1), "ship_audit_log", ship).only_if(wanted).failing(
        "audit lines can't be shipped: they wait in the database, and are not deleted meanwhile; check audit.ship_to, and whether \
         the receiver runs and closes each connection after its end, or whether the file can be written",
    )
}

async fn unshipped(services: &Arc<Services>, metrics: &Metrics) -> doorward_ports::Result<i64> {
    let lines = services.unshipped(&operator(services)).await?;
    metrics.unshipped(lines);
    Ok(lines)
}

/// What only the destination can check.
pub(super) fn ship_to(values: &Values) -> Option<Fault> {
    let to = values.peek::<ShipTo>("audit.ship_to")?;
    if let ShipTo::File(path) = &to {
        return folder_of(path).map(|problem| {
            values.fault("audit.ship_to", problem, "create the folder, and let Doorward's user write to it")
        });
    }
    if let Err(refused) = opened(&to, None) {
        return Some(values.fault("audit.ship_to", refused.to_string(), "write another name"));
    }
    let unreadable =
        |problem: String| Some(values.fault("audit.ship_ca_file", problem, "use a PEM file with certificates"));
    match std::fs::read(values.peek::<PathBuf>("audit.ship_ca_file")?) {
        Ok(authorities) => unreadable(opened(&to, Some(&authorities)).err()?.to_string()),
        Err(error) => unreadable(format!("the file can't be read: {error}")),
    }
}

fn folder_of(file: &Path) -> Option<String> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    match std::fs::metadata(folder) {
        _ if file.is_dir() => Some(format!("{} is a folder", file.display())),
        Ok(found) if found.is_dir() => None,
        Ok(_) => Some(format!("{} is not a folder", folder.display())),
        Err(error) => Some(format!("the folder {} can't be used: {error}", folder.display())),
    }
}
