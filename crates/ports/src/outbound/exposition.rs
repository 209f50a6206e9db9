/// The metrics as text, for a monitoring system.
pub trait Exposition: Send + Sync {
    /// Returns all current metrics in the text format of Prometheus (version 0.0.4). Uses nothing outside this process,
    /// and answers at once.
    fn text(&self) -> String;
}

/// No metrics.
impl Exposition for () {
    fn text(&self) -> String {
        String::new()
    }
}
