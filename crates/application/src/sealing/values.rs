//! Seals values again with the current key.
use crate::services::Act;
use doorward_domain::SealedHead;
use doorward_ports::Result;
use doorward_ports::inbound::UnopenedValue;
use doorward_ports::outbound::{SealedColumn, SealedPlace, SealedValue, SecretSealer};

/// How many values one unit of work replaces: few, so that no lock is held for long.
const BATCH: usize = 200;

/// What became of a batch.
pub(super) struct Batch {
    /// The last row; none if the column has no more.
    pub last: Option<String>,
    pub resealed: i64,
    pub unopened: Vec<UnopenedValue>,
}

/// Seals the next values of a column again. A value that somebody has changed meanwhile is left: whoever changed it has sealed
/// it with the current key, or the next count finds it.
pub(super) async fn reseal(act: &mut Act<'_>, column: SealedColumn, after: Option<&str>) -> Result<Batch> {
    let (sealer, head) = (act.tools().sealer.clone(), act.tools().sealing_ring.head());
    let values = act.read().await?.sealed_values().not_headed(column, head, after, BATCH).await?;
    let last = if values.len() < BATCH { None } else { values.last().map(|value| value.row.clone()) };
    let resealed: Vec<_> = values.iter().map(|value| (value, sealed_again(&*sealer, column, value))).collect();
    let mut batch = Batch { last, resealed: 0, unopened: Vec::new() };
    if values.is_empty() {
        return Ok(batch);
    }
    let mut work = act.begin().await?;
    for (value, sealed) in resealed {
        match sealed {
            Some(sealed) => batch.resealed += i64::from(work.sealed_values().replace(column, value, &sealed).await?),
            None => batch.unopened.push(UnopenedValue { column, row: value.row.clone() }),
        }
    }
    work.commit().await?;
    Ok(batch)
}

fn sealed_again(sealer: &dyn SecretSealer, column: SealedColumn, value: &SealedValue) -> Option<Vec<u8>> {
    let place = SealedPlace { table: column.table, row: &value.row, column: column.column };
    sealer.open(&place, &value.sealed).ok().map(|secret| sealer.seal(&place, &secret))
}

/// All values of a column, and how many of them have other heads than this.
pub(super) async fn others(act: &Act<'_>, head: SealedHead) -> Result<i64> {
    let mut page = act.snapshot().await?;
    let mut others = 0;
    for &column in page.sealed_values().columns() {
        let counts = page.sealed_values().count(column).await?;
        others += counts.iter().filter(|count| count.head != Some(head)).map(|count| count.rows).sum::<i64>();
    }
    Ok(others)
}
