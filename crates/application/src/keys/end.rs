use super::make::generate;
use super::stored::{self, KeyWork, named, not_found};
use crate::Services;
use doorward_domain::{AuditAction, KeyId, KeyRefusal, KeyRing};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{KeyRevoked, KeyView};
use doorward_ports::{Caller, Error, ErrorCode, Result};
use std::time::Duration;

pub(super) async fn retire(services: &Services, caller: &Caller, kid: &str) -> Result<KeyView> {
    access::authorize(caller, Operation::RetireKey)?;
    let id = known(services, kid)?;
    let mut work = KeyWork::begin(services).await?;
    let (before, now) = (work.ring(), services.now());
    let after = before.retire(&id, now).map_err(refusal)?;
    if after != before {
        work.save(&after, now, services).await?;
        work.tell(services, caller, AuditAction::KeyRetired, &id, serde_json::json!({})).await?;
        work.commit().await?;
    }
    viewed(services, &after, &id)
}

/// Without a key to follow it a new one is made: one that every node has to learn first, since there is nothing better.
pub(super) async fn revoke(services: &Services, caller: &Caller, kid: &str) -> Result<KeyRevoked> {
    access::authorize(caller, Operation::RevokeKey)?;
    let id = known(services, kid)?;
    let spare = generate(services).await?;
    let spare_id = spare.id.clone();
    let mut work = KeyWork::begin(services).await?;
    let (before, now) = (work.ring(), services.now());
    let mut after = before.revoke(&id, now).map_err(refusal)?;
    let orphaned = after.signing(now).is_none() && services.tools.keys.given().is_none();
    if orphaned {
        after = after.rotate(spare.id.clone(), spare.algorithm, now, Duration::ZERO);
        work.add(services, caller, spare, &after).await?;
    }
    if after != before {
        work.save(&after, now, services).await?;
        work.tell(services, caller, AuditAction::KeyRevoked, &id, serde_json::json!({})).await?;
        work.commit().await?;
    }
    let successor = if orphaned { Some(viewed(services, &after, &spare_id)?) } else { None };
    Ok(KeyRevoked { key: viewed(services, &after, &id)?, successor })
}

/// The key of the settings is not in the store, and nothing here reaches it.
fn known(services: &Services, kid: &str) -> Result<KeyId> {
    let id = named(kid)?;
    if services.tools.keys.given().as_ref() == Some(&id) {
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

fn viewed(services: &Services, ring: &KeyRing, id: &KeyId) -> Result<KeyView> {
    ring.get(id).map(|key| stored::view(services, ring, key)).ok_or_else(not_found)
}
