use super::hash::AuditHash;
use super::line::{AuditChain, SealedLine};
use super::seal::{AuditAnchor, AuditHead, AuditSeal};
use std::fmt;

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident = $name:literal: $text:literal),* $(,)?) => {
        /// What is wrong at a line. The names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditFault {
            $($(#[$doc])* $variant),*
        }

        impl AuditFault {
            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }

        impl fmt::Display for AuditFault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $text),* })
            }
        }
    };
}

faults! {
    /// Its contents or its link were changed, or it stands in the place of another line.
    Changed = "changed": "the line does not match its link: it was changed, or put in the place of another line",
    /// Its personal data was changed or added, not erased.
    PersonalChanged = "personal_changed": "the personal data of the line does not match its digest: it was changed or added",
    /// There is no line with this number.
    Missing = "missing": "the line is missing: it was removed, and not by `doorward audit prune`",
    /// A line with a number that the chain does not have.
    Inserted = "inserted": "no seal covers the line: it was inserted, or its seal was removed",
    /// A line without a seal, although there are seals of later lines.
    SealMissing = "seal_missing": "no seal covers the line, and there are seals of later lines: its seal was removed or changed",
    /// The seal that begins with this line.
    SealForged = "seal_forged":
        "the seal that begins with this line is not signed by an audit key of this service: it was changed or replaced",
    /// The lines of the seal that begins with this line.
    SealMismatch = "seal_mismatch":
        "the lines of the seal that begins with this line do not lead to it: one of them was changed, with all later links",
    /// The lines before were removed, without a valid statement.
    AnchorForged = "anchor_forged": "the first lines are missing, and the statement that they were pruned is not signed by an \
         audit key of this service",
    /// The chain ends before the saved head.
    TailCut = "tail_cut": "the chain ends before this line, but the saved head confirms it: the end of the log was cut off",
    /// The chain has other lines than the saved head.
    HeadMismatch = "head_mismatch": "the saved head confirms other lines than the log contains from here on: they were replaced",
    /// The line of the saved head was pruned.
    HeadPruned = "head_pruned": "the line of the saved head was pruned: the log can't be compared with it",
}

/// The first line where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number.
    pub seq: i64,
    /// Its id, if there is such a line.
    pub id: Option<String>,
    /// What is wrong.
    pub fault: AuditFault,
    /// The last line that a genuine seal confirms. An attacker who computes links again can make a later line of the same
    /// seal look like the first bad one, but nothing up to this line is changed.
    pub intact_to: i64,
}

/// A chain without a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// The last pruned line; 0 if none was pruned.
    pub pruned_to: i64,
    /// The last line.
    pub last_seq: i64,
}

/// Checks a chain, seal by seal and line by line, with little memory: for each seal in their order, [`Self::seal`] and then
/// [`Self::line`] for each line that the seal covers. The first fault ends it.
#[derive(Debug, Clone)]
pub struct Verification {
    pruned_to: i64,
    chain: AuditChain,
    /// The last seal, and whether all its lines were checked.
    seal: Option<AuditSeal>,
    /// The last line of the last seal whose lines were checked.
    intact_to: i64,
    /// The saved head, until the chain has reached it.
    saved: Option<AuditHead>,
}

impl Verification {
    /// Begins after the last pruned line; `genuine` is whether an audit key of this service has signed the anchor.
    ///
    /// # Errors
    /// [`BadLine`] if the anchor is not genuine, or does not fit the saved head.
    pub fn begin(anchor: Option<(&AuditAnchor, bool)>, saved: Option<AuditHead>) -> Result<Self, BadLine> {
        let (pruned_to, link) = anchor.map_or((0, AuditHash::ORIGIN), |(anchor, _)| (anchor.seq, anchor.link));
        let begun = Self {
            pruned_to,
            chain: AuditChain::ending(pruned_to, link),
            seal: None,
            intact_to: pruned_to,
            saved: saved.filter(|head| head.seq > pruned_to || head.link != link),
        };
        if anchor.is_some_and(|(_, genuine)| !genuine) {
            return Err(BadLine { seq: 1, id: None, fault: AuditFault::AnchorForged, intact_to: 0 });
        }
        match &begun.saved {
            Some(head) if head.seq < pruned_to => Err(begun.bad(head.seq, None, AuditFault::HeadPruned)),
            Some(head) if head.seq == pruned_to => Err(begun.bad(head.seq, None, AuditFault::HeadMismatch)),
            _ => Ok(begun),
        }
    }

    /// The number of the next line.
    #[must_use]
    pub const fn next_seq(&self) -> i64 {
        self.chain.last_seq() + 1
    }

    /// The last line that a genuine seal confirms.
    #[must_use]
    pub const fn intact_to(&self) -> i64 {
        self.intact_to
    }

    /// The last line that the last seal covers.
    #[must_use]
    pub fn sealed_to(&self) -> i64 {
        self.seal.as_ref().map_or(self.pruned_to, |seal| seal.head.seq)
    }

    /// Continues with the next seal; `genuine` is whether an audit key of this service has signed it.
    ///
    /// # Errors
    /// [`BadLine`] if a line of the seal before is missing, or this seal is wrong.
    pub fn seal(&mut self, seal: AuditSeal, genuine: bool) -> Result<(), BadLine> {
        self.complete()?;
        let next = self.next_seq();
        if !genuine {
            return Err(self.bad(next, None, AuditFault::SealForged));
        }
        if seal.first_seq != next || seal.head.seq < next {
            return Err(self.bad(next, None, AuditFault::SealMissing));
        }
        self.compare(&seal)?;
        self.seal = Some(seal);
        Ok(())
    }

    /// Compares with the saved head. A head is always the head of a seal, and no seal before it is younger: so a younger
    /// seal of older lines was made when the end of the log had been cut off.
    fn compare(&mut self, seal: &AuditSeal) -> Result<(), BadLine> {
        let Some(saved) = &self.saved else { return Ok(()) };
        let fits = match seal.head.seq.cmp(&saved.seq) {
            std::cmp::Ordering::Less => seal.head.sealed_at <= saved.sealed_at,
            std::cmp::Ordering::Equal => seal.head.link == saved.link,
            std::cmp::Ordering::Greater => false,
        };
        if !fits {
            return Err(self.bad(seal.first_seq, None, AuditFault::HeadMismatch));
        }
        if seal.head.seq == saved.seq {
            self.saved = None;
        }
        Ok(())
    }

    /// Continues with the next line.
    ///
    /// # Errors
    /// [`BadLine`] if it is not the one that the chain and its seal confirm.
    pub fn line(&mut self, stored: &SealedLine) -> Result<(), BadLine> {
        let next = self.next_seq();
        if stored.seq > next && next <= self.sealed_to() {
            return Err(self.bad(next, None, AuditFault::Missing));
        }
        let id = || Some(stored.line.id.clone());
        if stored.seq != next || next > self.sealed_to() {
            return Err(self.bad(stored.seq, id(), AuditFault::Inserted));
        }
        self.chain.extend(&stored.line, stored.personal_digest);
        if self.chain.link() != stored.link {
            return Err(self.bad(next, id(), AuditFault::Changed));
        }
        if let Some(personal) = &stored.line.personal
            && stored.personal_digest != Some(self.chain.digest(personal))
        {
            return Err(self.bad(next, id(), AuditFault::PersonalChanged));
        }
        self.confirm()
    }

    /// With its last line, a seal confirms all its lines.
    fn confirm(&mut self) -> Result<(), BadLine> {
        let Some(seal) = &self.seal else { return Ok(()) };
        if seal.head.seq != self.chain.last_seq() {
            return Ok(());
        }
        if seal.head.link != self.chain.link() {
            return Err(self.bad(seal.first_seq, None, AuditFault::SealMismatch));
        }
        self.intact_to = seal.head.seq;
        Ok(())
    }

    /// Reports a line with a number outside the chain: below [`Self::next_seq`] before the first line, or above
    /// [`Self::sealed_to`] after the last seal.
    #[must_use]
    pub fn outside(&self, seq: i64, id: String) -> BadLine {
        self.bad(seq, Some(id), AuditFault::Inserted)
    }

    /// Ends after the last seal.
    ///
    /// # Errors
    /// [`BadLine`] if a line of the last seal is missing, or the chain ends before the saved head.
    pub fn end(self) -> Result<Verified, BadLine> {
        self.complete()?;
        if self.saved.is_some() {
            return Err(self.bad(self.next_seq(), None, AuditFault::TailCut));
        }
        Ok(Verified { pruned_to: self.pruned_to, last_seq: self.chain.last_seq() })
    }

    fn complete(&self) -> Result<(), BadLine> {
        if self.next_seq() > self.sealed_to() {
            return Ok(());
        }
        Err(self.bad(self.next_seq(), None, AuditFault::Missing))
    }

    fn bad(&self, seq: i64, id: Option<String>, fault: AuditFault) -> BadLine {
        BadLine { seq, id, fault, intact_to: self.intact_to }
    }
}
