//! Reads seals and lines, and has the rules of the domain judge them.
use super::keys::AuditKeys;
use crate::services::Act;
use doorward_domain::{AuditAnchor, AuditHead, AuditSeal, BadLine, SealedLine, Verification, Verified};
use doorward_ports::inbound::VerifiedTo;
use doorward_ports::outbound::{ReadWork, StoreError};
use std::future::poll_fn;
use std::ops::RangeInclusive;
use std::pin::pin;
use std::task::Poll;

/// How many lines are read at once.
pub(super) const LINES: i64 = 1_000;

/// Why a walk ends early.
pub(super) enum Stop {
    Bad(BadLine),
    Failed(StoreError),
    /// Lines were pruned meanwhile: the walk begins again.
    Pruned,
}

impl From<BadLine> for Stop {
    fn from(bad: BadLine) -> Self {
        Self::Bad(bad)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// What every walk needs.
pub(super) struct Guide<'a> {
    pub act: &'a Act<'a>,
    pub keys: &'a AuditKeys,
    pub to: VerifiedTo<'a>,
}

/// A verification in progress.
pub(super) struct Walk<'a> {
    guide: &'a Guide<'a>,
    verification: Verification,
    /// The seals whose turn comes next.
    seals: std::vec::IntoIter<AuditSeal>,
}

impl<'a> Walk<'a> {
    /// Begins after the last pruned line.
    pub(super) async fn begin(
        guide: &'a Guide<'a>,
        page: &mut dyn ReadWork,
        anchor: Option<&AuditAnchor>,
        saved: Option<AuditHead>,
    ) -> Result<Self, Stop> {
        let Guide { act, keys, .. } = guide;
        let signed =
            |anchor: &AuditAnchor| keys.have_signed(act, &anchor.key_id, &anchor.statement(), &anchor.signature);
        let verification = Verification::begin(anchor.map(|anchor| (anchor, signed(anchor))), saved)?;
        match page.audit_chain().outside(verification.next_seq()..=i64::MAX).await? {
            Some((seq, id)) => Err(verification.outside(seq, id).into()),
            None => Ok(Self { guide, verification, seals: Vec::new().into_iter() }),
        }
    }

    /// The last line of the last seal.
    pub(super) fn sealed_to(&self) -> i64 {
        self.verification.sealed_to()
    }

    /// Checks the next seals and their lines. While it checks some lines, the database reads the next ones.
    pub(super) async fn check(&mut self, page: &mut dyn ReadWork, seals: Vec<AuditSeal>) -> Result<(), Stop> {
        let Some(end) = seals.last().map(|seal| seal.head.seq) else { return Ok(()) };
        self.seals = seals.into_iter();
        let mut numbers = part(self.verification.next_seq(), end);
        let mut lines = page.audit_chain().lines(numbers.clone()).await?;
        loop {
            let last = *numbers.end();
            if last >= end {
                return Ok(self.judge(&lines, last)?);
            }
            numbers = part(last + 1, end);
            let (read, judged) =
                meanwhile(page.audit_chain().lines(numbers.clone()), || self.judge(&lines, last)).await;
            judged?;
            lines = read?;
        }
    }

    /// Judges all lines up to this number that were not judged before.
    fn judge(&mut self, lines: &[SealedLine], last: i64) -> Result<(), BadLine> {
        for line in lines {
            while line.seq > self.sealed_to() && self.next_seal()? {}
            self.verification.line(line)?;
            if self.verification.intact_to() == line.seq {
                (self.guide.to)(line.seq);
            }
        }
        while self.sealed_to() < last && self.next_seal()? {}
        Ok(())
    }

    /// Whether there was one.
    fn next_seal(&mut self) -> Result<bool, BadLine> {
        let Some(seal) = self.seals.next() else { return Ok(false) };
        let genuine = self.guide.keys.have_sealed(self.guide.act, &seal);
        self.verification.seal(seal, genuine).map(|()| true)
    }

    /// Ends after the last seal of the log.
    pub(super) async fn end(self, page: &mut dyn ReadWork) -> Result<Verified, Stop> {
        let verification = self.verification;
        match page.audit_chain().outside(i64::MIN..=verification.sealed_to()).await? {
            Some((seq, id)) if verification.next_seq() > verification.sealed_to() => {
                Err(verification.outside(seq, id).into())
            }
            _ => Ok(verification.end()?),
        }
    }

    /// Ends before the end of the log.
    pub(super) fn end_here(self) -> Result<(), BadLine> {
        self.verification.end().map(|_| ())
    }
}

fn part(first: i64, end: i64) -> RangeInclusive<i64> {
    first..=end.min(first.saturating_add(LINES - 1))
}

/// Starts the reading, works meanwhile, and then waits for what was read.
async fn meanwhile<T, U>(reading: impl Future<Output = T>, work: impl FnOnce() -> U) -> (T, U) {
    let mut reading = pin!(reading);
    let started = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
    let done = work();
    match started {
        Poll::Ready(read) => (read, done),
        Poll::Pending => (reading.await, done),
    }
}
