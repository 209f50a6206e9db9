//! Traces: from the settings to the collector.
use crate::failure::Failure;
use crate::jobs::Job;
use async_trait::async_trait;
use doorward_crypto::{OsRandom, SystemClock};
use doorward_ports::Causes;
use doorward_ports::outbound::Random;
use doorward_settings::{Fault, HttpUrl, SecretHeaders, Settings, Values};
use doorward_telemetry::metrics::Metrics;
use doorward_telemetry::traces::{CollectorOptions, NotSent, Traces, TracingOptions, TracingTools};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The traces of a server; none without a collector.
pub(super) fn traces(settings: &Settings, metrics: &Arc<Metrics>) -> Result<Option<Arc<Traces>>, Failure> {
    let authorities = authorities(settings)?;
    let Some(collector) = collector_of(settings, authorities.as_deref()) else { return Ok(None) };
    let sampling = settings.telemetry.sampling.get();
    let options = TracingOptions { collector, sampling, resource: resource(settings) };
    let tools = TracingTools { clock: Arc::new(SystemClock), random: Arc::new(OsRandom), metrics: metrics.clone() };
    let traces = Traces::new(options, tools);
    traces.map(Some).map_err(|error| Failure::of(&error, "see telemetry.otlp_endpoint and what follows it"))
}

/// Asks the collector of traces, if there is one, whether it accepts them; returns how long it took.
///
/// # Errors
/// If it does not.
pub async fn check_collector(settings: &Settings) -> Result<Option<Duration>, Failure> {
    let authorities = authorities(settings)?;
    let Some(collector) = collector_of(settings, authorities.as_deref()) else { return Ok(None) };
    let next =
        "check telemetry.otlp_endpoint, its headers, and whether the collector runs; until then, traces are lost";
    collector.probe().await.map(Some).map_err(|error| Failure::of(&error, next))
}

fn authorities(settings: &Settings) -> Result<Option<Vec<u8>>, Failure> {
    settings.telemetry.otlp_ca_file.as_deref().map(std::fs::read).transpose().map_err(|error| {
        let problem = format!("the certificate authorities of the collector can't be read: {error}");
        Failure::failed(problem, "mend telemetry.otlp_ca_file")
    })
}

fn collector_of<'a>(settings: &'a Settings, authorities: Option<&'a [u8]>) -> Option<CollectorOptions<'a>> {
    let telemetry = &settings.telemetry;
    let headers = telemetry.otlp_headers.as_ref().map_or(&[][..], SecretHeaders::expose);
    telemetry.otlp_endpoint.as_ref().map(|url| CollectorOptions { endpoint: url.as_str(), headers, authorities })
}

/// The attributes that OpenTelemetry's semantic conventions name for a service. Those of the operator come last, and
/// replace them.
fn resource(settings: &Settings) -> Vec<(String, String)> {
    let mut instance = [0; 16];
    OsRandom.fill(&mut instance);
    let own = [
        ("service.name", settings.telemetry.service_name.clone()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", format!("{:032x}", u128::from_be_bytes(instance))),
    ];
    let given = &settings.telemetry.resource_attributes;
    let own = own.into_iter().filter(|(key, _)| !given.iter().any(|attribute| attribute.key == *key));
    let given = given.iter().map(|attribute| (attribute.key.clone(), attribute.value.clone()));
    own.map(|(key, value)| (key.to_owned(), value)).chain(given).collect()
}

/// The traces that wait to be sent.
#[async_trait]
pub(super) trait TraceQueue: Send + Sync {
    /// Sends all of them.
    async fn export(&self) -> Result<(), NotSent>;

    /// Waits until sending them is worth a request.
    async fn enough(&self);
}

#[async_trait]
impl TraceQueue for Traces {
    async fn export(&self) -> Result<(), NotSent> {
        Self::export(self).await
    }

    async fn enough(&self) {
        Self::enough(self).await;
    }
}

/// Sends them. What was recorded before the server stops is sent too, if the collector answers in time.
pub(super) fn send_traces(traces: Arc<dyn TraceQueue>) -> Job {
    let waiting = traces.clone();
    let send = move || {
        let traces = traces.clone();
        async move { traces.export().await }
    };
    let enough = move || {
        let traces = waiting.clone();
        async move { traces.enough().await }
    };
    Job::every(Duration::from_secs(5), "send_traces", send)
        .woken_by(enough)
        .once_more_at_the_end()
        .apart_from_health()
        .failing(
            "traces can't be sent, which changes nothing for callers: check telemetry.otlp_endpoint, and whether the collector \
             runs",
        )
}

/// What only the exporter can check.
pub(super) fn collector(values: &Values) -> Option<Fault> {
    let endpoint = values.peek::<HttpUrl>("telemetry.otlp_endpoint")?;
    let headers = values.peek::<SecretHeaders>("telemetry.otlp_headers");
    let headers = headers.as_ref().map_or(&[][..], SecretHeaders::expose);
    let unreadable =
        |problem: String| Some(values.fault("telemetry.otlp_ca_file", problem, "use a PEM file with certificates"));
    let collector = CollectorOptions { endpoint: endpoint.as_str(), headers, authorities: None };
    if let Err(refused) = collector.check() {
        return Some(values.fault("telemetry.otlp_endpoint", Causes(&refused).to_string(), "write another URL"));
    }
    let authorities = match std::fs::read(values.peek::<PathBuf>("telemetry.otlp_ca_file")?) {
        Ok(authorities) => authorities,
        Err(error) => return unreadable(format!("the file can't be read: {error}")),
    };
    let refused = CollectorOptions { authorities: Some(&authorities), ..collector }.check().err()?;
    unreadable(Causes(&refused).to_string())
}
