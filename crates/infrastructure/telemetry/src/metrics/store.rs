use super::Metrics;
use super::families::Families;
use doorward_domain::{AuditAction, AuditOutcome, LOCAL_PROVIDER};
use doorward_ports::outbound::{AuditEvent, StoreObserver, StoreOperation};
use prometheus::{Histogram, IntCounter, IntCounterVec};
use std::time::Duration;

/// From a statement on a local file to a wait that is abandoned.
const BUCKETS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The operations of the store, and the committed audit lines.
pub struct StoreFigures {
    /// By operation, in the order of [`StoreOperation::ALL`].
    took: Vec<Histogram>,
    audited: IntCounterVec,
    registered: IntCounter,
    lockouts: IntCounter,
}

impl StoreFigures {
    pub fn new(families: &Families<'_>) -> Self {
        let took = families.durations_by(
            "doorward_store_operation_duration_seconds",
            "How long the database took: to lend a connection and begin (open_*), for the statements (read, snapshot, \
             write), to make it durable (commit); to exchange a refresh token, all of it (exchange).",
            BUCKETS,
            &["operation"],
        );
        let of = |operation: &str| took.with_label_values(&[operation]);
        let audited = families.counters(
            "doorward_audit_events_total",
            "Audit lines that this node has committed.",
            &["action", "outcome"],
        );
        for action in AuditAction::ALL {
            for outcome in [AuditOutcome::Success, AuditOutcome::Failure] {
                audited.with_label_values(&[action.as_str(), outcome.as_str()]);
            }
        }
        let registered = families.counters(
            "doorward_registrations_total",
            "Accounts that people registered themselves, by provider (local is the password).",
            &["provider"],
        );
        let registered = registered.with_label_values(&[LOCAL_PROVIDER]);
        let lockouts = families.counter(
            "doorward_lockouts_total",
            "Locks of accounts and names, after too many wrong passwords from one network or from all unknown ones.",
        );
        let took = StoreOperation::ALL.iter().map(|operation| of(operation.as_str())).collect();
        Self { took, audited, registered, lockouts }
    }
}

impl StoreObserver for Metrics {
    fn took(&self, operation: StoreOperation, time: Duration) {
        self.store.took[operation as usize].observe(time.as_secs_f64());
    }

    /// Registrations and lockouts are counted here, because answers hide them and only the audit log contains them.
    fn committed(&self, lines: &[AuditEvent]) {
        for line in lines {
            self.store.audited.with_label_values(&[line.action.as_str(), line.outcome.as_str()]).inc();
            match (line.action, line.outcome) {
                (AuditAction::UserRegistered, AuditOutcome::Success) => self.store.registered.inc(),
                (AuditAction::SignInLocked, _) => self.store.lockouts.inc(),
                _ => {}
            }
        }
    }
}
