use super::Finding;
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::Settings;

const TRACES: &str = "traces";

/// Checks that the collector accepts traces. Nothing waits for it, so a failure is a warning.
pub(super) fn collector(settings: &Settings) -> Finding {
    match wiring::backend().and_then(|backend| backend.block_on(wiring::check_collector(settings))) {
        Ok(None) => Finding::ok(TRACES, "telemetry.otlp_endpoint is not set: nothing is traced"),
        Ok(Some(took)) => {
            Finding::ok(TRACES, format!("the collector accepts them, in {:.1} ms", took.as_secs_f64() * 1000.0))
        }
        Err(Failure::Failed { problem, next }) => Finding::warn(TRACES, problem, next),
        Err(failure) => Finding::of(TRACES, &failure),
    }
}
