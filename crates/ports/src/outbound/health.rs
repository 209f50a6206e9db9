use std::time::Duration;

/// A component that the service can work without: while it does not work, the service is degraded but ready.
pub trait HealthProbe: Send + Sync {
    /// Its name in the health report.
    fn component(&self) -> &'static str;
    /// Whether it works, as far as is known. Answers at once, without asking the component.
    fn works(&self) -> bool;
    /// How long it took to answer the last check that it answered; zero if there was none, and for a component that
    /// answers nothing.
    fn took(&self) -> Duration;
    /// What users notice while it does not work: one or more sentences, without names of people, addresses or secrets.
    fn effect(&self) -> String;
}
