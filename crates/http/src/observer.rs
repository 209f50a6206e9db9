use doorward_ports::trace::{CallerTrace, Trace};
use std::time::Duration;

/// An answered request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered<'a> {
    /// The method as it was sent, which may be any text.
    pub method: &'a str,
    /// The pattern of the route, if the path belongs to one. Never the path itself.
    pub route: Option<&'a str>,
    /// The status of the answer.
    pub status: u16,
    /// From the parsed head of the request to the finished head of the answer.
    pub took: Duration,
}

/// Receives every request, for traces and metrics. It never waits and never fails.
pub trait RequestObserver: Send + Sync {
    /// Receives a request that begins. Returns its trace, if it is to be recorded.
    fn begun(&self, _: CallerTrace<'_>) -> Option<Trace> {
        None
    }

    /// Receives an answered request.
    fn answered(&self, request: Answered<'_>);
}

/// Ignores all requests.
impl RequestObserver for () {
    fn answered(&self, _: Answered<'_>) {}
}
