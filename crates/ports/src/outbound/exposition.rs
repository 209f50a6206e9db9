/// What has been counted and measured, as text for whoever collects it.
pub trait Exposition: Send + Sync {
    /// All of it as it is now, in the text format of Prometheus (version 0.0.4). Asks nothing outside of this process, and
    /// answers at once.
    fn text(&self) -> String;
}

/// Nothing is counted.
impl Exposition for () {
    fn text(&self) -> String {
        String::new()
    }
}
