use std::net::IpAddr;

/// Why a connection was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// A request did not come to its end in time.
    SlowRequest,
    /// More came after an early answer than is read.
    EarlyAnswer,
    /// The peer read nothing of an answer that waited for it.
    WriteTimeout,
    /// The peer read an answer very slowly, for long.
    TooSlow,
    /// All peers together left too much unread, and this one has read nothing for the longest time.
    UnsentBytes,
}

impl Cut {
    /// All reasons.
    pub const ALL: [Self; 5] =
        [Self::SlowRequest, Self::EarlyAnswer, Self::WriteTimeout, Self::TooSlow, Self::UnsentBytes];

    /// The stable name, used as the value of a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SlowRequest => "slow_request",
            Self::EarlyAnswer => "early_answer",
            Self::WriteTimeout => "write_timeout",
            Self::TooSlow => "too_slow",
            Self::UnsentBytes => "unsent_bytes",
        }
    }
}

/// Receives what happens to connections, from all workers at once. It never waits and never fails.
pub trait Observer: Send + Sync {
    /// A connection was accepted; [`Self::closed`] follows.
    fn opened(&self) {}

    /// An accepted connection has ended, for whatever reason.
    fn closed(&self) {}

    /// A connection was closed at once, because its IP address has too many.
    fn refused(&self, _address: IpAddr) {}

    /// A connection was cut. The end of an idle connection is no cut.
    fn cut(&self, _why: Cut) {}

    /// So many more bytes of answers wait for their peers, or fewer if it is negative.
    fn unsent(&self, _more: i64) {}
}

/// Ignores everything.
impl Observer for () {}
