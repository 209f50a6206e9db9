//! A new key takes the place of the current one, step by step, while nodes run.
use super::node::learn;
use super::stored::{self, Moment, RingWork, Stored, not_found, not_ready};
use super::values::{self, Batch};
use crate::services::Act;
use doorward_domain::{
    AuditAction, SealedHead, SealingKeyId, SealingKeyRecord, SealingKeyRing, SealingKeyState, Timestamp,
};
use doorward_ports::Result;
use doorward_ports::inbound::{Rotation, RotationStep};
use doorward_ports::outbound::SealingNode;
use serde_json::json;
use std::time::Duration;

/// How long running nodes may take to learn a key, or to seal with it: they look every half second.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn begin(mut act: Act<'_>) -> Result<Rotation> {
    let Moment { stored, nodes } = stored::read_with_nodes(&act).await?;
    let (record, resumed) = match stored.ring.unfinished() {
        Some(record) => (*record, true),
        None => announce(&mut act, &stored).await?,
    };
    learn(&act, &stored::read(&act).await?, record.id).await?;
    let head = SealedHead { key: record.id, ..act.tools().sealing_ring.head() };
    let total = values::others(&act, head).await?;
    Ok(Rotation {
        key: record.id,
        resumed,
        begun_at: act.now(),
        step: RotationStep::Waiting(nodes.len()),
        total,
        resealed: 0,
        unopened: Vec::new(),
    })
}

/// Adds the next key, unless another process has just done so.
async fn announce(act: &mut Act<'_>, stored: &Stored) -> Result<(SealingKeyRecord, bool)> {
    let used: Vec<SealingKeyId> = stored.ring.keys().iter().map(|key| key.id).collect();
    let next = act.tools().sealing_ring.create(&used).await.map_err(|error| not_ready(error.0))?;
    let mut work = RingWork::begin(act).await?;
    if let Some(record) = work.ring.unfinished() {
        return Ok((*record, true));
    }
    let record = SealingKeyRing::next(next.id, work.now());
    work.add(record, next.wrapped).await?;
    work.commit().await?;
    Ok((record, false))
}

pub(super) async fn advance(mut act: Act<'_>, mut rotation: Rotation) -> Result<Rotation> {
    let now = stored::read_with_nodes(&act).await?;
    let record = *now.stored.ring.get(rotation.key).ok_or_else(not_found)?;
    rotation.step = match (now.stored.ring.state(&record), &rotation.step) {
        (SealingKeyState::Upcoming, _) => {
            match behind(&mut act, &now, rotation.begun_at, |node| knows(node, record.id)).await? {
                0 => promote(&mut act, record.id).await?,
                nodes => RotationStep::Waiting(nodes),
            }
        }
        (SealingKeyState::Current, RotationStep::Sealing(column, after)) => {
            let (column, after) = (*column, after.clone());
            seal(&mut act, &mut rotation, column, after.as_deref()).await?
        }
        (SealingKeyState::Current, _) => {
            act.tools().sealing_ring.select(record.id);
            let since = rotation.begun_at.max(record.seals_from.unwrap_or(rotation.begun_at));
            match behind(&mut act, &now, since, |node| node.current == record.id).await? {
                0 => RotationStep::Sealing(0, None),
                nodes => RotationStep::Waiting(nodes),
            }
        }
        // Another process has finished, and rotated again.
        (SealingKeyState::Previous | SealingKeyState::Retired, _) => RotationStep::Done,
    };
    Ok(rotation)
}

fn knows(node: &SealingNode, upcoming: SealingKeyId) -> bool {
    node.asked == Some(upcoming) && node.knows
}

/// How many nodes have not come so far. When the time is up, a node that has answered and lacks the key is an error; one that
/// has said nothing has ended, and is forgotten.
async fn behind(
    act: &mut Act<'_>,
    now: &Moment,
    since: Timestamp,
    is_there: impl Fn(&SealingNode) -> bool,
) -> Result<usize> {
    let behind: Vec<&SealingNode> = now.nodes.iter().filter(|node| !is_there(node)).collect();
    if behind.is_empty() || act.now() < since.plus(PATIENCE) {
        return Ok(behind.len());
    }
    if let Some(upcoming) = now.stored.ring.upcoming()
        && let Some(node) = behind.iter().find(|node| node.asked == Some(upcoming.id))
    {
        return Err(unknown_to(&node.node, upcoming.id));
    }
    let mut work = act.begin().await?;
    for node in &behind {
        work.sealing_keys().forget_node(&node.node).await?;
    }
    work.commit().await?;
    Ok(behind.len())
}

fn unknown_to(node: &str, key: SealingKeyId) -> doorward_ports::Error {
    not_ready(format!(
        "The running node {node} does not know the sealing key {key}, so nothing was sealed with it. Copy its file \
         (sealing-{key}.key) into the data folder of every node, or add the key to secrets.sealing_key of every node; then \
         run `doorward secrets rotate` again."
    ))
}

/// From now on, the key seals; unless a node has started meanwhile, and does not know it.
async fn promote(act: &mut Act<'_>, id: SealingKeyId) -> Result<RotationStep> {
    let mut work = RingWork::begin(act).await?;
    let strangers = work.nodes().await?.iter().filter(|node| !knows(node, id)).count();
    if strangers > 0 {
        return Ok(RotationStep::Waiting(strangers));
    }
    let before = work.ring.current().map(|key| key.id.to_string());
    let promoted = work.ring.promoted(work.now()).filter(|key| key.id == id);
    if let Some(record) = promoted {
        work.save(&record).await?;
        work.audit(AuditAction::SealingKeyRotated, id, json!({ "before": before })).await?;
        work.commit().await?;
    }
    Ok(RotationStep::Waiting(0))
}

async fn seal(act: &mut Act<'_>, rotation: &mut Rotation, n: usize, after: Option<&str>) -> Result<RotationStep> {
    let column = act.read().await?.sealed_values().columns().get(n).copied();
    let Some(column) = column else { return complete(act, rotation).await };
    let Batch { last, resealed, unopened } = values::reseal(act, column, after).await?;
    rotation.resealed += resealed;
    rotation.unopened.extend(unopened);
    Ok(match last {
        Some(row) => RotationStep::Sealing(n, Some(row)),
        None => RotationStep::Sealing(n + 1, None),
    })
}

async fn complete(act: &mut Act<'_>, rotation: &Rotation) -> Result<RotationStep> {
    let mut work = RingWork::begin(act).await?;
    let record = *work.ring.get(rotation.key).ok_or_else(not_found)?;
    if record.completed_at.is_none() {
        let now = work.now();
        work.save(&SealingKeyRecord { completed_at: Some(now), ..record }).await?;
        let details = json!({ "values": rotation.resealed, "unopened": rotation.unopened.len() });
        work.audit(AuditAction::SecretsResealed, rotation.key, details).await?;
        work.commit().await?;
    }
    Ok(RotationStep::Done)
}
