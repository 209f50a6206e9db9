/// A part that the service can do without: while it does not work, the service is degraded, and still ready.
pub trait HealthProbe: Send + Sync {
    /// What health calls it.
    fn component(&self) -> &'static str;
    /// Whether it works, as far as is known now. Answers at once, without asking the part.
    fn works(&self) -> bool;
}
