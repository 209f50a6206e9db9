use super::make::generate;
use super::stored::{self, KeyWork, named, not_found};
use crate::changes::Changes;
use crate::services::Act;
use doorward_domain::{AuditAction, KeyId, KeyRefusal, KeyRing};
use doorward_ports::inbound::{KeyRevoked, KeyView};
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;
use std::time::Duration;

pub(super) async fn retire(mut act: Act<'_>, kid: &str) -> Result<KeyView> {
    let id = known(&act, kid)?;
    let mut work = KeyWork::begin(&mut act).await?;
    let before = work.ring();
    let after = before.retire(&id, work.now()).map_err(refusal)?;
    if after != before {
        work.save(&after).await?;
        let changes = changes(&before, &after, &id);
        work.audit(AuditAction::KeyRetired, &id, changes).await?;
    }
    work.commit().await?;
    viewed(&act, &after, &id)
}

/// If no key follows, a new one is created, although every node must learn it first.
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
        let changes = changes(&before, &after, &id);
        work.audit(AuditAction::KeyRevoked, &id, changes).await?;
    }
    work.commit().await?;
    let successor = if orphaned { Some(viewed(&act, &after, &spare_id)?) } else { None };
    Ok(KeyRevoked { key: viewed(&act, &after, &id)?, successor })
}

fn changes(before: &KeyRing, after: &KeyRing, id: &KeyId) -> Changes {
    let times = |ring: &KeyRing| ring.get(id).map(|key| (key.retired_at, key.revoked_at)).unwrap_or_default();
    let ((was_retired, was_revoked), (retired, revoked)) = (times(before), times(after));
    Changes::default().shown("retired_at", json!(was_retired), json!(retired)).shown(
        "revoked_at",
        json!(was_revoked),
        json!(revoked),
    )
}

/// The key from the settings is not in the store, and can't be changed here.
fn known(act: &Act<'_>, kid: &str) -> Result<KeyId> {
    let id = named(kid)?;
    if act.tools().keys.given().as_ref() == Some(&id) {
        return Err(Error::new(
            ErrorCode::SigningKeyGiven,
            "This key comes from the setting tokens.signing_key. Change or remove the setting, and restart all nodes.",
        ));
    }
    Ok(id)
}

fn refusal(refusal: KeyRefusal) -> Error {
    match refusal {
        KeyRefusal::Unknown => not_found(),
        KeyRefusal::OnlySigner => Error::new(
            ErrorCode::OnlySigningKey,
            "No other key can sign in its place. Create the next key first, with `doorward keys rotate`.",
        ),
    }
}

fn viewed(act: &Act<'_>, ring: &KeyRing, id: &KeyId) -> Result<KeyView> {
    ring.get(id).map(|key| stored::view(act, ring, key)).ok_or_else(not_found)
}
