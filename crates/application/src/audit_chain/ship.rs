//! Ships sealed lines to where the operator wants them, from the place where the last run stopped.
use crate::services::Act;
use doorward_ports::outbound::AuditStep;
use doorward_ports::{Error, Result};

/// The name of this reader of the log. It is the same for every destination: a new one continues where the old one ended.
const READER: &str = "ship";
/// How many lines are delivered at once.
const AT_ONCE: usize = 500;

/// The number of the last line that readers have dealt with: what comes later must not be deleted yet. None if nobody reads.
pub(super) async fn read_to(act: &Act<'_>) -> Result<Option<i64>> {
    match act.tools().audit_destination {
        Some(_) => Ok(Some(act.tools().audit_readers.place(READER).await?)),
        None => Ok(None),
    }
}

/// How many sealed lines are waiting. Deleted ones are not waiting any more.
pub(super) async fn unshipped(act: &Act<'_>) -> Result<i64> {
    let Some(place) = read_to(act).await? else { return Ok(0) };
    let mut snapshot = act.snapshot().await?;
    let Some(head) = snapshot.audit_chain().head().await? else { return Ok(0) };
    let deleted_to = snapshot.audit_chain().anchor().await?.map_or(0, |anchor| anchor.seq);
    Ok(head.head.seq.saturating_sub(place.max(deleted_to)).max(0))
}

/// First the lines are delivered, then the place is moved: what happens in between is repeated, and nothing is lost.
pub(super) async fn ship(act: &Act<'_>) -> Result<i64> {
    let tools = act.tools();
    let Some(destination) = &tools.audit_destination else { return Ok(0) };
    let mut place = tools.audit_readers.place(READER).await?;
    let mut shipped = 0;
    loop {
        let lines = act.read().await?.audit().sealed_after(place, AT_ONCE).await?;
        let Some(to) = lines.last().map(|line| line.seq) else { return Ok(shipped) };
        destination.deliver(&lines).await.map_err(Error::internal)?;
        // Another process may have delivered the same lines: it goes on from there.
        if !tools.audit_readers.advance(READER, AuditStep { from: place, to, at: act.now() }).await? {
            return Ok(shipped);
        }
        shipped += to - place;
        place = to;
    }
}
