//! Deletes the oldest lines, whole seals at a time. A signed anchor takes their place, from which the chain continues.
use super::keys::{self, AuditKeys};
use super::ship;
use super::walk::{Guide, LINES, Stop, Walk};
use crate::fields::Fields;
use crate::services::{Act, Subject};
use doorward_domain::{AuditAction, AuditAnchor, AuditHead, AuditSeal, BadLine, Timestamp};
use doorward_ports::inbound::Pruned;
use doorward_ports::outbound::Guard;
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;

/// How many seals are read at once.
const SEALS: usize = 1_000;

pub(super) async fn prune(act: Act<'_>, before: &str) -> Result<Pruned> {
    let mut fields = Fields::default();
    let before = fields.take("/before", "invalid_time", before.parse::<Timestamp>());
    if before.is_some_and(|before| before > act.now()) {
        fields.refuse("/before", "invalid_time", &"must not be in the future");
    }
    sealed_before(act, fields.finish_with(before)?).await
}

pub(super) async fn prune_expired(act: Act<'_>) -> Result<Pruned> {
    match act.policies.audit_retention {
        Some(kept_for) => {
            let before = act.now().minus(kept_for);
            sealed_before(act, before).await
        }
        None => Ok(Pruned::default()),
    }
}

async fn sealed_before(mut act: Act<'_>, before: Timestamp) -> Result<Pruned> {
    let keys = keys::all(&act).await?;
    let mut lines = 0;
    loop {
        let (anchor, seals) = oldest(&act, before).await?;
        let Some(end) = seals.last().map(|seal| seal.head.clone()) else {
            return Ok(Pruned { to: anchor.map_or(0, |anchor| anchor.seq), lines });
        };
        let part = Part { before, anchor, end };
        // Also so that another sealing key is not taken for a tampering.
        let next = part.signed(&act, &keys)?;
        part.verify(&act, &keys, seals).await?;
        lines += part.delete(&mut act, &next).await?;
    }
}

/// The anchor, and the seals after it whose lines are deleted together: they are old, were read by all who read the log, and
/// have few lines.
async fn oldest(act: &Act<'_>, before: Timestamp) -> Result<(Option<AuditAnchor>, Vec<AuditSeal>)> {
    let read_to = ship::read_to(act).await?.unwrap_or(i64::MAX);
    let mut page = act.snapshot().await?;
    let anchor = page.audit_chain().anchor().await?;
    let after = anchor.as_ref().map_or(0, |anchor| anchor.seq);
    let mut seals = page.audit_chain().seals(after, SEALS).await?;
    let few = |index: usize, seal: &AuditSeal| index == 0 || seal.head.seq - after <= LINES;
    let is_done = |seal: &AuditSeal| seal.head.sealed_at < before && seal.head.seq <= read_to;
    let old = seals.iter().enumerate().take_while(|(index, seal)| is_done(seal) && few(*index, seal));
    let old = old.count();
    seals.truncate(old);
    Ok((anchor, seals))
}

/// Lines that one unit of work deletes: few, so that no lock is held for long.
struct Part {
    before: Timestamp,
    /// The anchor before them.
    anchor: Option<AuditAnchor>,
    /// The head of their last seal.
    end: AuditHead,
}

impl Part {
    /// The anchor after them.
    fn signed(&self, act: &Act<'_>, keys: &AuditKeys) -> Result<AuditAnchor> {
        let key = keys.newest()?;
        let (seq, link, pruned_at) = (self.end.seq, self.end.link, act.now());
        let mut anchor = AuditAnchor { seq, link, pruned_at, key_id: key.id.clone(), signature: Vec::new() };
        let signature = act.tools().audit_signer.sign(&key.private, &anchor.statement());
        anchor.signature = signature.expect("the key was opened, and matches its public half");
        Ok(anchor)
    }

    /// An anchor confirms the link at which the chain continues, so this link must be right.
    async fn verify(&self, act: &Act<'_>, keys: &AuditKeys, seals: Vec<AuditSeal>) -> Result<()> {
        let guide = Guide { act, keys, to: &|_| () };
        match self.walked(&guide, seals).await {
            Err(Stop::Bad(bad)) => Err(damaged(&bad)),
            Err(Stop::Failed(error)) => Err(error.into()),
            Ok(()) | Err(Stop::Pruned) => Ok(()),
        }
    }

    /// What another process deletes meanwhile, [`Self::delete`] notices.
    async fn walked(&self, guide: &Guide<'_>, seals: Vec<AuditSeal>) -> std::result::Result<(), Stop> {
        let mut page = guide.act.tools().store.snapshot().await?;
        if page.audit_chain().anchor().await? != self.anchor {
            return Err(Stop::Pruned);
        }
        let mut walk = Walk::begin(guide, &mut *page, self.anchor.as_ref(), None).await?;
        walk.check(&mut *page, seals).await?;
        Ok(walk.end_here()?)
    }

    /// How many were deleted: none if another process has deleted some of them meanwhile.
    async fn delete(&self, act: &mut Act<'_>, next: &AuditAnchor) -> Result<i64> {
        let mut work = act.begin().await?;
        work.guard(Guard::AuditChain).await?;
        if work.audit_chain().anchor().await? != self.anchor {
            return Ok(0);
        }
        let after = self.anchor.as_ref().map_or(0, |anchor| anchor.seq);
        work.audit_chain().prune(next).await?;
        let details = json!({ "before": self.before.to_string(), "from": after + 1, "to": next.seq });
        work.audit_with(AuditAction::AuditPruned, Subject::AuditLog, details).await?;
        work.commit().await?;
        Ok(next.seq - after)
    }
}

fn damaged(bad: &BadLine) -> Error {
    Error::new(
        ErrorCode::AuditLogDamaged,
        format!(
            "Line {} of the audit log is bad: {}. This line and all later ones were kept: see `doorward audit verify`.",
            bad.seq, bad.fault
        ),
    )
}
