use crate::Answered;
use crate::context::Context;
use crate::shared::Shared;
use doorward_ports::usage::{CallKind, Usage};
use std::time::Duration;

/// Reports an answered request: to the observer, and in the one line of the log that each request has, with all that is
/// known of it. What it did not need is absent.
///
/// The log contains the pattern of the route instead of the path: texts that people put into a path must be neither in
/// the log nor in a label.
pub(super) fn tell(shared: &Shared, context: &Context, answered: Answered<'_>, usage: &Usage) {
    shared.observer.answered(answered);
    let waited = |kinds: &[CallKind]| milliseconds(kinds.iter().map(|&kind| usage.waited(kind)).sum());
    tracing::info!(
        method = %answered.method,
        route = answered.route.unwrap_or("-"),
        status = answered.status,
        code = context.code.get(),
        elapsed_ms = milliseconds(answered.took),
        user_id = context.user.get().map(display),
        client_id = context.client.borrow().as_ref().map(|client| display(client.as_str())),
        client_address = context.address.map(display),
        correlation_id = %context.correlation_id,
        trace_id = context.trace.get().map(display),
        queries = usage.statements(),
        store_ms = waited(&[CallKind::Store]),
        cache_hits = some(usage.cache_hits()),
        cache_misses = some(usage.cache_misses()),
        cache_ms = waited(&[CallKind::Cache, CallKind::Redis]),
        hash_queue_ms = waited(&[CallKind::HashQueue]),
        hash_ms = waited(&[CallKind::Hash]),
        provider_ms = waited(&[CallKind::Provider]),
        "request"
    );
}

fn some(count: u64) -> Option<u64> {
    (count > 0).then_some(count)
}

/// With three decimals, rounded up: a time that was needed is never shown as none.
fn milliseconds(time: Duration) -> Option<f64> {
    let micros = u32::try_from(time.as_nanos().div_ceil(1_000)).unwrap_or(u32::MAX);
    (micros > 0).then(|| f64::from(micros) / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_microseconds_and_none_is_absent() {
        let shown = |nanos| milliseconds(Duration::from_nanos(nanos)).map(|time| time.to_string());
        assert_eq!(shown(0), None);
        assert_eq!(shown(1).as_deref(), Some("0.001"));
        assert_eq!(shown(1_234_567).as_deref(), Some("1.235"));
        assert_eq!(shown(3_000_000_000).as_deref(), Some("3000"));
    }
}
