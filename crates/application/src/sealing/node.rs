//! The keys of this process: which one seals, and what it says to the others.
use super::announced::Announced;
use super::stored::{self, RingWork, Stored, mismatch, not_ready};
use crate::services::Act;
use doorward_domain::{SealingKeyId, SealingKeyRing, hex};
use doorward_ports::Result;
use doorward_ports::outbound::{NoSealingKey, SealingNode};
use std::time::Duration;

/// A node says what it does at least this often, and is forgotten when it has said nothing for three times as long.
const SAY_EVERY: Duration = Duration::from_hours(1);

pub(super) async fn prepare(mut act: Act<'_>) -> Result<()> {
    let mut stored = stored::read(&act).await?;
    if stored.ring.current().is_none() {
        adopt_first(&mut act).await?;
        stored = stored::read(&act).await?;
    }
    select(&act, &stored).await.map(drop)
}

/// Of many processes at once, one adds its key as the first.
async fn adopt_first(act: &mut Act<'_>) -> Result<()> {
    let first = act.tools().sealing_ring.create(&[]).await.map_err(|error| not_ready(error.0))?;
    let mut work = RingWork::begin(act).await?;
    if work.ring.keys().is_empty() {
        let record = SealingKeyRing::first(first.id, work.now());
        work.add(record, first.wrapped).await?;
        work.commit().await?;
    }
    Ok(())
}

/// Learns what is new, and seals with the current key.
async fn select(act: &Act<'_>, stored: &Stored) -> Result<SealingKeyId> {
    let ring = &act.tools().sealing_ring;
    let refreshed = ring.refresh(&stored.wrapped).await;
    let current = stored.ring.current().map_or_else(|| ring.head().key, |key| key.id);
    if ring.select(current) { Ok(current) } else { Err(mismatch(current, refreshed.err())) }
}

pub(super) async fn load(mut act: Act<'_>, announced: &Announced) -> Result<()> {
    let stored = stored::read(&act).await?;
    let selected = select(&act, &stored).await;
    let (last, asked) = (announced.last(), stored.ring.upcoming().map(|key| key.id));
    let said = SealingNode {
        node: last.as_ref().map_or_else(|| hex::encode(&act.draw::<8>()), |last| last.node.clone()),
        seen_at: act.now(),
        current: act.tools().sealing_ring.head().key,
        asked,
        knows: asked.is_some_and(|id| act.tools().sealing_ring.known().contains(&id)),
    };
    if !is_said(last.as_ref(), &said) {
        say(&mut act, &said).await?;
        announced.set(Some(said));
    }
    selected.map(drop)
}

fn is_said(last: Option<&SealingNode>, now: &SealingNode) -> bool {
    last.is_some_and(|last| {
        let as_last = SealingNode { seen_at: last.seen_at, ..now.clone() };
        *last == as_last && now.seen_at < last.seen_at.plus(SAY_EVERY)
    })
}

async fn say(act: &mut Act<'_>, said: &SealingNode) -> Result<()> {
    let mut work = act.begin().await?;
    let long_ago = work.now.minus(3 * SAY_EVERY);
    work.sealing_keys().note_node(said).await?;
    work.sealing_keys().forget_nodes(long_ago).await?;
    Ok(work.commit().await?)
}

pub(super) async fn stop(mut act: Act<'_>, announced: &Announced) -> Result<()> {
    let Some(last) = announced.last() else { return Ok(()) };
    let mut work = act.begin().await?;
    work.sealing_keys().forget_node(&last.node).await?;
    work.commit().await?;
    announced.set(None);
    Ok(())
}

/// What could not be learned, if this process lacks the key.
pub(super) async fn learn(act: &Act<'_>, stored: &Stored, id: SealingKeyId) -> Result<()> {
    let refreshed: Option<NoSealingKey> = act.tools().sealing_ring.refresh(&stored.wrapped).await.err();
    if act.tools().sealing_ring.known().contains(&id) { Ok(()) } else { Err(mismatch(id, refreshed)) }
}
