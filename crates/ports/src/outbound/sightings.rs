use doorward_domain::{SessionId, Timestamp};

/// That a session was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// Which.
    pub session: SessionId,
    /// When.
    pub at: Timestamp,
}

/// Keeps in mind which sessions were used until that is recorded. Told on every request, so it is quick: it asks nobody and
/// never fails. What it has in mind is lost with the process: a minute of a session's use at most.
pub trait Sightings: Send + Sync {
    /// Notes that the session is used, unless it has noted so within the minute before. When there is more than it can keep
    /// in mind, it forgets.
    fn note(&self, session: SessionId, at: Timestamp);

    /// What was noted since this was last asked, each session once.
    fn take(&self) -> Vec<Sighting>;
}

/// Notes nothing.
impl Sightings for () {
    fn note(&self, _: SessionId, _: Timestamp) {}

    fn take(&self) -> Vec<Sighting> {
        Vec::new()
    }
}
