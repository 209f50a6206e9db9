use super::Metrics;
use super::families::Families;
use doorward_domain::{AuditAction, AuditOutcome, LOCAL_PROVIDER, ProviderName, SecondFactor};
use doorward_ports::outbound::{AuditEvent, StoreObserver, StoreOperation};
use prometheus::{Histogram, IntCounter, IntCounterVec};
use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// From a statement on a local file to a wait that is abandoned.
const BUCKETS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The operations of the store, and the committed audit lines.
pub struct StoreFigures {
    /// By operation, in the order of [`StoreOperation::ALL`].
    took: Vec<Histogram>,
    audited: IntCounterVec,
    registered: IntCounterVec,
    lockouts: IntCounter,
    /// The names of the providers that people can sign in with.
    providers: RwLock<HashSet<String>>,
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
        registered.with_label_values(&[LOCAL_PROVIDER]);
        let lockouts = families.counter(
            "doorward_lockouts_total",
            "Locks of accounts and names, after too many wrong passwords from one network or from all unknown ones.",
        );
        let took = StoreOperation::ALL.iter().map(|operation| of(operation.as_str())).collect();
        Self { took, audited, registered, lockouts, providers: RwLock::default() }
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
                (AuditAction::UserRegistered, AuditOutcome::Success) => self.registered_with(provider_of(line)),
                (AuditAction::SignIn, outcome) => self.signed_in_with(line, outcome),
                (AuditAction::FactorVerified, outcome) => self.factor_checked(line, outcome),
                (AuditAction::SignInLocked, _) => self.store.lockouts.inc(),
                _ => {}
            }
        }
    }
}

impl Metrics {
    /// Sign-ins and registrations with these providers are counted from zero. Those with others, which were disabled
    /// meanwhile, are not counted, so that the values of labels come from the configuration alone.
    pub fn watch_providers(&self, names: &[ProviderName]) {
        for name in names {
            self.store.registered.with_label_values(&[name.as_str()]);
            self.sign_ins.begin_with(name.as_str());
        }
        let names = names.iter().map(|name| name.as_str().to_owned()).collect();
        *self.store.providers.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    fn knows(&self, provider: &str) -> bool {
        self.store.providers.read().unwrap_or_else(PoisonError::into_inner).contains(provider)
    }

    fn registered_with(&self, provider: Option<String>) {
        let provider = provider.unwrap_or_else(|| LOCAL_PROVIDER.to_owned());
        if provider == LOCAL_PROVIDER || self.knows(&provider) {
            self.store.registered.with_label_values(&[&provider]).inc();
        }
    }

    /// Sign-ins with a password alone are counted by their answers, because not every refusal has an audit line. With a
    /// second factor, the answer that begins the session no longer knows how it was begun.
    fn signed_in_with(&self, line: &AuditEvent, outcome: AuditOutcome) {
        let details = details_of(line);
        let Some(provider) = details["provider"].as_str() else { return };
        let in_two_steps = details["amr"].as_array().is_some_and(|amr| amr.iter().any(|value| value == "mfa"));
        if self.knows(provider) || (provider == LOCAL_PROVIDER && in_two_steps) {
            self.sign_ins.signed_in_with(provider, outcome == AuditOutcome::Success);
        }
    }

    fn factor_checked(&self, line: &AuditEvent, outcome: AuditOutcome) {
        if let Some(method) = details_of(line)["method"].as_str().and_then(SecondFactor::from_name) {
            self.factors.checked(method, outcome);
        }
    }
}

/// The provider that an audit line names.
fn provider_of(line: &AuditEvent) -> Option<String> {
    details_of(line)["provider"].as_str().map(str::to_owned)
}

fn details_of(line: &AuditEvent) -> serde_json::Value {
    serde_json::from_str(line.details.as_str()).unwrap_or_default()
}
