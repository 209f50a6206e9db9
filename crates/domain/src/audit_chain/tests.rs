//! An attacker who can write anything to the database, but can't sign.
use super::*;
use crate::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

/// A log as a database contains it.
#[derive(Debug, Clone, Default)]
struct Log {
    anchor: Option<AuditAnchor>,
    seals: Vec<AuditSeal>,
    lines: Vec<SealedLine>,
}

/// Stands for a signature that nobody else can make.
fn signature(statement: &[u8]) -> Vec<u8> {
    AuditHash::of(&[b"a private key", statement]).as_bytes().to_vec()
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn line(n: usize) -> AuditLine {
    let personal = |n: usize| AuditPersonal {
        salt: n.to_be_bytes().to_vec(),
        address: Some(format!("203.0.113.{n}")),
        ..AuditPersonal::default()
    };
    AuditLine {
        id: format!("id {n}"),
        action: "session.sign_in".to_owned(),
        subject: (!n.is_multiple_of(3)).then(|| format!("user:{n}")),
        personal: (!n.is_multiple_of(2)).then(|| personal(n)),
        ..AuditLine::default()
    }
}

impl Log {
    /// With one seal for each batch.
    fn of(batches: &[usize]) -> Self {
        let mut log = Self::default();
        for &size in batches {
            let first = log.lines.len();
            log.append((first..first + size).map(line).collect(), batches.len());
        }
        log
    }

    fn head(&self) -> Option<&AuditHead> {
        self.seals.last().map(|seal| &seal.head)
    }

    /// As the service does it.
    fn append(&mut self, lines: Vec<AuditLine>, at: usize) {
        let (last, link) = self.head().map_or((0, AuditHash::ORIGIN), |head| (head.seq, head.link));
        let mut chain = AuditChain::ending(last, link);
        for line in lines {
            let ChainedLine { seq, link, personal_digest, .. } = chain.append(line.clone());
            self.lines.push(SealedLine { seq, link, personal_digest, line });
        }
        let sealed_at = moment(i64::try_from(at + self.seals.len()).unwrap());
        let head = AuditHead { seq: chain.last_seq(), link: chain.link(), sealed_at, key_id: "key".to_owned() };
        let signature = signature(&head.statement());
        self.seals.push(AuditSeal { first_seq: last + 1, head, signature });
    }

    /// Deletes what this seal and those before it confirm, as the service does it.
    fn prune(&mut self, seal: usize) {
        let AuditHead { seq, link, .. } = self.seals[seal].head.clone();
        let mut anchor =
            AuditAnchor { seq, link, pruned_at: moment(99), key_id: "key".to_owned(), signature: Vec::new() };
        anchor.signature = signature(&anchor.statement());
        self.anchor = Some(anchor);
        self.lines.retain(|line| line.seq > seq);
        self.seals.retain(|seal| seal.head.seq >= seq);
    }

    fn verify(&self, saved: Option<&AuditHead>) -> Result<Verified, BadLine> {
        let anchor = self.anchor.as_ref().map(|anchor| (anchor, anchor.signature == signature(&anchor.statement())));
        let mut verification = Verification::begin(anchor, saved.cloned())?;
        let mut lines = self.lines.clone();
        lines.sort_by_key(|line| line.seq);
        let outside = |line: &SealedLine| (line.seq, line.line.id.clone());
        if let Some((seq, id)) = lines.first().map(outside).filter(|(seq, _)| *seq < verification.next_seq()) {
            return Err(verification.outside(seq, id));
        }
        let begin = verification.next_seq();
        for seal in self.seals.iter().filter(|seal| seal.head.seq >= begin) {
            verification.seal(seal.clone(), seal.signature == signature(&seal.head.statement()))?;
            let covered = seal.first_seq..=seal.head.seq;
            lines.iter().filter(|line| covered.contains(&line.seq)).try_for_each(|line| verification.line(line))?;
        }
        match lines.last().map(outside).filter(|(seq, _)| *seq > verification.sealed_to()) {
            Some(_) if verification.next_seq() <= verification.sealed_to() => verification.end(),
            Some(_) => {
                let (seq, id) = lines.iter().map(outside).find(|(seq, _)| *seq > verification.sealed_to()).unwrap();
                Err(verification.outside(seq, id))
            }
            None => verification.end(),
        }
    }

    /// The seal that covers this line.
    fn seal_of(&self, at: usize) -> usize {
        self.seals.iter().position(|seal| seal.head.seq >= self.lines[at].seq).unwrap()
    }

    /// Computes the links from this line to the last line of that seal, so that they fit again.
    fn link_again(&mut self, at: usize, to: usize) {
        let (last, link) = match at.checked_sub(1) {
            Some(before) => (self.lines[before].seq, self.lines[before].link),
            None => self.anchor.as_ref().map_or((0, AuditHash::ORIGIN), |anchor| (anchor.seq, anchor.link)),
        };
        let mut chain = AuditChain::ending(last, link);
        let end = self.seals[to].head.seq;
        for stored in self.lines[at..].iter_mut().filter(|line| line.seq <= end) {
            let chained = chain.append(stored.line.clone());
            (stored.link, stored.personal_digest) = (chained.link, chained.personal_digest);
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Tampering {
    Change(u8),
    Link,
    Personal,
    Delete,
    DeleteFromHere,
    Insert,
    Twice,
    Below,
    Swap(prop::sample::Index),
    Renumber,
    Recompute { all: bool },
    RecomputeWithSeals,
    EditSeal(u8),
    DeleteSeal,
}

fn tampering() -> impl Strategy<Value = Tampering> {
    use Tampering::*;
    prop_oneof![
        (0..9_u8).prop_map(Change),
        Just(Link),
        Just(Personal),
        Just(Delete),
        Just(DeleteFromHere),
        Just(Insert),
        Just(Twice),
        Just(Below),
        any::<prop::sample::Index>().prop_map(Swap),
        Just(Renumber),
        any::<bool>().prop_map(|all| Recompute { all }),
        Just(RecomputeWithSeals),
        (0..5_u8).prop_map(EditSeal),
        Just(DeleteSeal),
    ]
}

fn change(line: &mut AuditLine, field: u8) {
    match field {
        0 => line.id.push('x'),
        1 => line.occurred_at.push('x'),
        2 => line.actor.push('x'),
        3 => line.action.push('x'),
        4 => line.subject = if line.subject.is_some() { None } else { Some(String::new()) },
        5 => line.account_id = Some("x".to_owned()),
        6 => line.outcome.push('x'),
        7 => line.correlation_id.push('x'),
        _ => line.details.push('x'),
    }
}

fn edit(seal: &mut AuditSeal, field: u8) {
    match field {
        0 => seal.first_seq += 1,
        1 => seal.head.link = AuditHash::of(&[b"x"]),
        2 => seal.head.sealed_at = moment(-1),
        3 => seal.head.key_id.push('x'),
        _ => seal.signature.push(0),
    }
}

/// Tampers with this line or its seal. Returns the number that verification must name, and with what fault.
fn tamper(log: &mut Log, at: usize, tampering: Tampering) -> (i64, Vec<AuditFault>) {
    use AuditFault::*;
    let (seq, seal) = (log.lines[at].seq, log.seal_of(at));
    let begin = log.seals[seal].first_seq;
    match tampering {
        Tampering::Change(field) => change(&mut log.lines[at].line, field),
        Tampering::Link => log.lines[at].link = AuditHash::of(&[b"x"]),
        Tampering::Personal => {
            log.lines[at].line.personal = Some(AuditPersonal::default());
            return (seq, vec![PersonalChanged]);
        }
        Tampering::Delete => {
            log.lines.remove(at);
            return (seq, vec![Missing]);
        }
        Tampering::DeleteFromHere => {
            log.lines.truncate(at);
            return (seq, vec![Missing]);
        }
        Tampering::Insert => {
            log.lines[at..].iter_mut().for_each(|line| line.seq += 1);
            let inserted = SealedLine { seq, link: AuditHash::of(&[b"x"]), personal_digest: None, line: line(99) };
            log.lines.insert(at, inserted);
        }
        Tampering::Twice => {
            let twin = SealedLine { line: line(99), ..log.lines[at].clone() };
            log.lines.insert(at + 1, twin);
            return (seq, vec![Inserted]);
        }
        Tampering::Below => {
            let seq = log.anchor.as_ref().map_or(0, |anchor| anchor.seq);
            log.lines.insert(0, SealedLine { seq, ..log.lines[at].clone() });
            return (seq, vec![Inserted]);
        }
        Tampering::Swap(other) => {
            let other = (at + 1 + other.index(log.lines.len() - 1)) % log.lines.len();
            let (first, second) = (at.min(other), at.max(other));
            let (one, two) = (log.lines[first].seq, log.lines[second].seq);
            (log.lines[first].seq, log.lines[second].seq) = (two, one);
            return (one, vec![Changed]);
        }
        Tampering::Renumber => {
            log.lines[at].seq = 1_000;
            return (seq, vec![Missing]);
        }
        Tampering::Recompute { all } => {
            change(&mut log.lines[at].line, 2);
            let to = if all { log.seals.len() - 1 } else { seal };
            log.link_again(at, to);
            return (begin, vec![SealMismatch]);
        }
        Tampering::RecomputeWithSeals => {
            change(&mut log.lines[at].line, 2);
            log.link_again(at, log.seals.len() - 1);
            for seal in &mut log.seals[seal..] {
                let end = log.lines.iter().find(|line| line.seq == seal.head.seq).unwrap();
                seal.head.link = end.link;
            }
            return (begin, vec![SealForged]);
        }
        Tampering::EditSeal(field) => {
            edit(&mut log.seals[seal], field);
            return (begin, vec![if field == 0 { SealMissing } else { SealForged }]);
        }
        Tampering::DeleteSeal => {
            log.seals.remove(seal);
            return (begin, vec![SealMissing, Inserted]);
        }
    }
    (seq, vec![Changed])
}

fn batches() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..6_usize, 2..8)
}

proptest! {
    #[test]
    fn an_untouched_log_is_verified_pruned_or_not(sizes in batches(), pruned in any::<Option<prop::sample::Index>>()) {
        let mut log = Log::of(&sizes);
        let heads: Vec<AuditHead> = log.seals.iter().map(|seal| seal.head.clone()).collect();
        let pruned_to = pruned.map_or(0, |seal| {
            let seal = seal.index(sizes.len());
            log.prune(seal);
            heads[seal].seq
        });
        let expected = Verified { pruned_to, last_seq: heads[heads.len() - 1].seq };
        prop_assert_eq!(log.verify(None), Ok(expected));
        for head in heads {
            let verified = log.verify(Some(&head));
            if head.seq < pruned_to {
                prop_assert_eq!(verified.unwrap_err().fault, AuditFault::HeadPruned);
            } else {
                prop_assert_eq!(verified, Ok(expected));
            }
        }
    }

    #[test]
    fn the_first_bad_line_is_named_whatever_was_tampered_with(
        sizes in batches(), at: prop::sample::Index, pruned in any::<bool>(), tampering in tampering(),
    ) {
        let mut log = Log::of(&sizes);
        if pruned {
            log.prune(0);
        }
        let at = at.index(log.lines.len());
        prop_assume!(log.lines.len() > 1);
        let (seq, faults) = tamper(&mut log, at, tampering);
        let bad = log.verify(None).unwrap_err();
        prop_assert_eq!(bad.seq, seq, "{:?}", bad);
        prop_assert!(faults.contains(&bad.fault), "{:?}", bad);
        prop_assert!(bad.intact_to < seq || matches!(tampering, Tampering::Below | Tampering::Twice), "{:?}", bad);
    }

    /// An attacker who computes only some links again moves the place, but not out of the seal.
    #[test]
    fn a_line_with_its_link_computed_again_is_found_in_its_seal(sizes in batches(), at: prop::sample::Index) {
        let mut log = Log::of(&sizes);
        let at = at.index(log.lines.len());
        let seal = log.seals[log.seal_of(at)].clone();
        let after = log.lines[at + 1..].to_vec();
        change(&mut log.lines[at].line, 2);
        log.link_again(at, sizes.len() - 1);
        log.lines.truncate(at + 1);
        log.lines.extend(after);
        let bad = log.verify(None).unwrap_err();
        prop_assert!((seal.first_seq..=log.lines[at].seq + 1).contains(&bad.seq), "{:?}", bad);
        prop_assert_eq!(bad.intact_to, seal.first_seq - 1);
    }

    #[test]
    fn two_tamperings_are_no_better_hidden_than_the_first(
        sizes in batches(), one: prop::sample::Index, other: prop::sample::Index, fields in any::<[u8; 2]>(),
    ) {
        let mut log = Log::of(&sizes);
        let (one, other) = (one.index(log.lines.len()), other.index(log.lines.len()));
        change(&mut log.lines[one].line, fields[0] % 9);
        log.lines[other].link = AuditHash::of(&[&fields]);
        prop_assert_eq!(log.verify(None).unwrap_err().seq, log.lines[one.min(other)].seq);
    }

    /// The service itself continues the log after its end was cut off.
    #[test]
    fn a_tail_that_was_cut_off_shows_against_a_saved_head(
        sizes in batches(), keep: prop::sample::Index, again in prop::collection::vec(1..6_usize, 0..8),
    ) {
        let mut log = Log::of(&sizes);
        let saved = log.head().unwrap().clone();
        log.seals.truncate(keep.index(sizes.len()));
        let end = log.head().map_or(0, |head| head.seq);
        log.lines.retain(|line| line.seq <= end);
        for size in &again {
            log.append((50..50 + size).map(line).collect(), 50);
        }
        prop_assert!(log.verify(None).is_ok());
        let bad = log.verify(Some(&saved)).unwrap_err();
        let fault = if again.is_empty() { AuditFault::TailCut } else { AuditFault::HeadMismatch };
        prop_assert_eq!((bad.seq, bad.fault), (end + 1, fault));
    }

    /// The data is erased with its salt, and its digest stays.
    #[test]
    fn an_erasure_keeps_the_log_whole(sizes in batches(), erased in any::<Vec<bool>>()) {
        let mut log = Log::of(&sizes);
        for (line, erased) in log.lines.iter_mut().zip(erased) {
            line.line.personal = line.line.personal.take().filter(|_| !erased);
        }
        prop_assert!(log.verify(log.head()).is_ok());
    }

    #[test]
    fn a_deletion_that_the_operator_did_not_sign_is_a_fault(sizes in batches(), at: prop::sample::Index, replayed: bool) {
        let mut log = Log::of(&sizes);
        let seal = at.index(sizes.len() - 1) + 1;
        if replayed {
            log.prune(0);
        }
        let signed = log.anchor.take();
        let pruned_to = signed.as_ref().map_or(0, |anchor| anchor.seq);
        log.prune(if replayed { seal } else { seal - 1 });
        log.anchor.as_mut().unwrap().signature = vec![0; 64];
        let forged = log.verify(None).unwrap_err();
        prop_assert_eq!((forged.seq, forged.fault), (1, AuditFault::AnchorForged));
        log.anchor = signed;
        prop_assert_eq!(log.verify(None).unwrap_err().seq, pruned_to + 1);
    }
}

#[test]
fn seals_never_grow_younger_backwards_so_a_late_seal_of_early_lines_shows() {
    let log = Log::of(&[2, 2]);
    let mut saved = log.head().unwrap().clone();
    saved.sealed_at = log.seals[0].head.sealed_at.minus(Duration::from_micros(1));
    let bad = log.verify(Some(&saved)).unwrap_err();
    assert_eq!((bad.seq, bad.fault), (1, AuditFault::HeadMismatch));
}

#[test]
fn an_empty_log_is_verified() {
    assert_eq!(Log::default().verify(None), Ok(Verified { pruned_to: 0, last_seq: 0 }));
}
