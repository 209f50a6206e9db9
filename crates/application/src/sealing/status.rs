//! Which key has sealed what.
use super::stored::{self, Moment};
use crate::services::Act;
use doorward_domain::SealingKeyId;
use doorward_ports::Result;
use doorward_ports::inbound::{SealedValuesView, SealingKeyView, SealingStatus};
use doorward_ports::outbound::SealedCount;
use std::collections::BTreeSet;

pub(super) async fn status(act: &Act<'_>) -> Result<SealingStatus> {
    let Moment { stored, nodes } = stored::read_with_nodes(act).await?;
    // What can't be learned is shown as unknown.
    let _ = act.tools().sealing_ring.refresh(&stored.wrapped).await;
    let (known, format) = (act.tools().sealing_ring.known(), act.tools().sealing_ring.head().format);
    let counts = counts(act).await?;
    let of_key = |id: SealingKeyId| counts.iter().filter(move |count| count.head.is_some_and(|head| head.key == id));
    let keys: Vec<SealingKeyView> = stored
        .ring
        .keys()
        .iter()
        .map(|record| SealingKeyView {
            record: *record,
            state: stored.ring.state(record),
            known: known.contains(&record.id),
            values: of_key(record.id).map(|count| count.rows).sum(),
        })
        .collect();
    let named: BTreeSet<SealingKeyId> = counts.iter().filter_map(|count| Some(count.head?.key)).collect();
    let strangers = named.into_iter().filter(|id| stored.ring.get(*id).is_none()).collect();
    let view = |count: &SealedCount| SealedValuesView {
        column: count.column,
        key: count.head.map(|head| head.key),
        is_current_format: count.head.is_some_and(|head| head.format == format),
        values: count.rows,
    };
    Ok(SealingStatus { keys, strangers, values: counts.iter().map(view).collect(), nodes })
}

/// All sealed values.
pub(super) async fn counts(act: &Act<'_>) -> Result<Vec<SealedCount>> {
    let mut page = act.snapshot().await?;
    let mut counts = Vec::new();
    for &column in page.sealed_values().columns() {
        counts.extend(page.sealed_values().count(column).await?);
    }
    Ok(counts)
}
