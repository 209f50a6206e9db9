//! The end of a sealing key.
use super::stored::{self, Moment, RingWork, not_found, not_ready};
use super::{status, values};
use crate::services::Act;
use doorward_domain::{AuditAction, SealingKeyId, SealingKeyRefusal};
use doorward_ports::inbound::SealingKeyView;
use doorward_ports::outbound::SealingNode;
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;

pub(super) async fn retire(mut act: Act<'_>, id: &str) -> Result<SealingKeyView> {
    let id = SealingKeyId::parse(id).map_err(|_| not_found())?;
    let Moment { stored, nodes } = stored::read_with_nodes(&act).await?;
    stored.ring.retired(id, act.now()).map_err(refusal)?;
    refuse_while_a_node_seals(&nodes, id)?;
    seal_leftovers_again(&mut act, id).await?;
    refuse_while_values_name_it(&act, id).await?;
    mark(&mut act, id).await?;
    act.tools().sealing_ring.delete(id).await.map_err(|error| not_ready(error.0))?;
    let status = status::status(&act).await?;
    status.keys.into_iter().find(|key| key.record.id == id).ok_or_else(not_found)
}

async fn mark(act: &mut Act<'_>, id: SealingKeyId) -> Result<()> {
    let mut work = RingWork::begin(act).await?;
    let retired = work.ring.retired(id, work.now()).map_err(refusal)?;
    if work.ring.get(id) != Some(&retired) {
        work.save(&retired).await?;
        work.audit(AuditAction::SealingKeyRetired, id, json!({})).await?;
        work.commit().await?;
    }
    Ok(())
}

fn refuse_while_a_node_seals(nodes: &[SealingNode], id: SealingKeyId) -> Result<()> {
    match nodes.iter().find(|node| node.current == id) {
        Some(node) => Err(in_use(format!("The running node {} still seals with this key. Wait a minute.", node.node))),
        None => Ok(()),
    }
}

/// A node may have sealed a value with it just before it learned of the rotation.
async fn seal_leftovers_again(act: &mut Act<'_>, id: SealingKeyId) -> Result<()> {
    let left = status::counts(act).await?;
    let named = left.iter().filter(|count| count.head.is_some_and(|head| head.key == id));
    for column in named.map(|count| count.column) {
        let mut after = None;
        loop {
            after = values::reseal(act, column, after.as_deref()).await?.last;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn refuse_while_values_name_it(act: &Act<'_>, id: SealingKeyId) -> Result<()> {
    let counts = status::counts(act).await?;
    match counts.iter().find(|count| count.head.is_some_and(|head| head.key == id)) {
        Some(count) => Err(in_use(format!(
            "{} values of {}.{} are sealed with this key and can't be opened: see `doorward secrets status`.",
            count.rows, count.column.table, count.column.column
        ))),
        None => Ok(()),
    }
}

fn refusal(refusal: SealingKeyRefusal) -> Error {
    match refusal {
        SealingKeyRefusal::Unknown => not_found(),
        SealingKeyRefusal::InUse => {
            in_use("This key seals secrets. Another key takes its place with `doorward secrets rotate`.".to_owned())
        }
    }
}

fn in_use(detail: String) -> Error {
    Error::new(ErrorCode::SealingKeyInUse, detail)
}
