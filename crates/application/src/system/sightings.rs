use crate::services::Act;
use doorward_domain::{SEEN_EVERY, SessionId};
use doorward_ports::Result;
use doorward_ports::outbound::{Seen, Sighting};

/// How many sessions are recorded at once, so that no lock is held for long.
const AT_ONCE: usize = 500;
/// Uses within this many seconds are recorded with one time.
const TOGETHER: i64 = 5;

pub(super) async fn record(mut act: Act<'_>) -> Result<usize> {
    let mut sightings = act.tools().sightings.take();
    sightings.sort_by_key(|sighting| sighting.at);
    let moment = |sighting: &Sighting| sighting.at.as_seconds().div_euclid(TOGETHER);
    let together = sightings.chunk_by(|one, next| moment(one) == moment(next));
    let mut recorded = 0;
    for batch in together.flat_map(|together| together.chunks(AT_ONCE)) {
        recorded += record_batch(&mut act, batch).await?;
    }
    Ok(recorded)
}

/// The time of the first of them: each session was live at its own time, and so at that time.
async fn record_batch(act: &mut Act<'_>, batch: &[Sighting]) -> Result<usize> {
    let Some(&Sighting { at, .. }) = batch.first() else { return Ok(0) };
    let ids: Vec<SessionId> = batch.iter().map(|sighting| sighting.session).collect();
    let idle_ends_at = act.policies.lifetimes.idle_ends_at(at);
    let mut work = act.begin().await?;
    let seen = Seen { at, last_seen_by: at.minus(SEEN_EVERY), idle_ends_at };
    let recorded = work.sessions().saw(&ids, &seen).await?;
    work.commit().await?;
    Ok(recorded)
}
