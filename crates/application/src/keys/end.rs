use super::make::generate;
use super::stored::{self, KeyWork, named, not_found};
use crate::services::Act;
use doorward_domain::{AuditAction, KeyId, KeyRefusal, KeyRing};
use doorward_ports::inbound::{KeyRevoked, KeyView};
use doorward_ports::{Error, ErrorCode, Result};
use std::time::Duration;

pub(super) async fn retire(mut act: Act<'_>, kid: &str) -> Result<KeyView> {
    let id = known(&act, kid)?;
    let mut work = KeyWork::begin(&mut act).await?;
    let before = work.ring();
    let after = before.retire(&id, work.now()).map_err(refusal)?;
    if after != before {
        work.save(&after).await?;
        work.audit(AuditAction::KeyRetired, &id).await?;
    }
    work.commit().await?;
    viewed(&act, &after, &id)
}

/// Without a key to follow it a new one is made: one that every node has to learn first, since there is nothing better.
pub(super) async fn revoke(mut act: Act<'_>, kid: &str) -> Result<KeyRevoked> {
    let id = known(&act, kid)?;
    let spare = generate(&act).await?;
    let spare_id = spare.id.clone();
    let given = act.tools().keys.given();
    let mut work = KeyWork::begin(&mut act).await?;
    let (before, now) = (work.ring(), work.now());
    let mut after = before.revoke(&id, now).map_err(refusal)?;
    let orphaned = after.signing(now).is_none() && given.is_none();
    if orphaned {
        after = after.rotate(spare.id.clone(), spare.algorithm, now, Duration::ZERO);
        work.add(spare, &after).await?;
    }
    if after != before {
        work.save(&after).await?;
        work.audit(AuditAction::KeyRevoked, &id).await?;
    }
    work.commit().await?;
    let successor = if orphaned { Some(viewed(&act, &after, &spare_id)?) } else { None };
    Ok(KeyRevoked { key: viewed(&act, &after, &id)?, successor })
}

/// The key of the settings is not in the store, and nothing here reaches it.
fn known(act: &Act<'_>, kid: &str) -> Result<KeyId> {
    let id = named(kid)?;
    if act.tools().keys.given().as_ref() == Some(&id) {
        return Err(Error::new(
            ErrorCode::SigningKeyGiven,
            "This key comes from the setting tokens.signing_key: change or remove it there, and restart every node.",
        ));
    }
    Ok(id)
}

fn refusal(refusal: KeyRefusal) -> Error {
    match refusal {
        KeyRefusal::Unknown => not_found(),
        KeyRefusal::OnlySigner => Error::new(
            ErrorCode::OnlySigningKey,
            "No other key could sign in its place. Make the next one first, by `doorward keys rotate`.",
        ),
    }
}

fn viewed(act: &Act<'_>, ring: &KeyRing, id: &KeyId) -> Result<KeyView> {
    ring.get(id).map(|key| stored::view(act, ring, key)).ok_or_else(not_found)
}
