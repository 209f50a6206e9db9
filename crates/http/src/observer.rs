use std::time::Duration;

/// One request that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered<'a> {
    /// The method, as it was sent: anything.
    pub method: &'a str,
    /// The pattern of the route that its path belongs to, if it belongs to one. Never the path.
    pub route: Option<&'a str>,
    /// The status of the answer.
    pub status: u16,
    /// From the parsed head of the request to the finished head of the answer.
    pub took: Duration,
}

/// Hears of every request, for metrics. It never waits and never fails.
pub trait RequestObserver: Send + Sync {
    /// A request was answered.
    fn answered(&self, request: Answered<'_>);
}

/// Hears nothing.
impl RequestObserver for () {
    fn answered(&self, _: Answered<'_>) {}
}
