/// A component that the service can work without: while it does not work, the service is degraded but ready.
pub trait HealthProbe: Send + Sync {
    /// Its name in the health report.
    fn component(&self) -> &'static str;
    /// Whether it works, as far as is known. Answers at once, without asking the component.
    fn works(&self) -> bool;
}
