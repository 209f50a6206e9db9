use doorward_domain::{SessionId, Timestamp};

/// The use of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// The session.
    pub session: SessionId,
    /// The time.
    pub at: Timestamp,
}

/// Collects the uses of sessions until they are recorded. It is called on every request, so it is fast: it uses nothing
/// outside the process, and never fails. The collected uses are lost with the process: at most one minute of the use of
/// a session.
pub trait Sightings: Send + Sync {
    /// Notes that the session is used, unless it has noted this within the last minute. If there are too many, it drops
    /// some.
    fn note(&self, session: SessionId, at: Timestamp);

    /// Returns the sessions that were noted since the last call, each once.
    fn take(&self) -> Vec<Sighting>;
}

/// Notes nothing.
impl Sightings for () {
    fn note(&self, _: SessionId, _: Timestamp) {}

    fn take(&self) -> Vec<Sighting> {
        Vec::new()
    }
}
