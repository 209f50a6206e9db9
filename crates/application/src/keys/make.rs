use super::load;
use super::stored::{self, KeyWork};
use crate::Services;
use doorward_domain::{KeyRing, Timestamp};
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::{Begins, KeyView};
use doorward_ports::outbound::{KeyPair, NoKeyPair, StoredKey};
use doorward_ports::{Caller, Error, ErrorCode, Result};
use std::time::Duration;

/// Twice what every node of ours needs to know of a key.
const EVERY_NODE_KNOWS: Duration = Duration::from_secs(2);

pub(super) async fn rotate(services: &Services, caller: &Caller, begins: Begins) -> Result<KeyView> {
    access::authorize(caller, Operation::RotateKeys)?;
    if services.tools.keys.given().is_some() {
        return Err(given());
    }
    let ahead = match begins {
        Begins::Published => services.policies.keys.publish_ahead,
        Begins::AtOnce => EVERY_NODE_KNOWS,
    };
    let pair = generate(services).await?;
    let made = add(services, caller, pair, ahead, |_, _| true).await?;
    Ok(made.expect("it was wanted whatever the ring is"))
}

fn given() -> Error {
    Error::new(
        ErrorCode::SigningKeyGiven,
        "The key of the setting tokens.signing_key signs, and no other: change it there, or remove the setting.",
    )
}

pub(super) async fn prepare(services: &Services, caller: &Caller) -> Result<()> {
    access::authorize(caller, Operation::RotateKeys)?;
    if services.tools.keys.given().is_none() {
        let stored = all(services).await?;
        if none_signs(&stored::ring(&stored), services.now()) {
            let pair = first(services, &stored).await?;
            add(services, caller, pair, Duration::ZERO, none_signs).await?;
        }
        adopt_algorithm(services, caller).await?;
    }
    load::load(services).await
}

async fn all(services: &Services) -> Result<Vec<StoredKey>> {
    Ok(services.tools.store.read().await?.signing_keys().all().await?)
}

fn none_signs(ring: &KeyRing, now: Timestamp) -> bool {
    ring.signing(now).is_none()
}

/// The key of an earlier version goes on, so that its tokens stay valid.
async fn first(services: &Services, stored: &[StoredKey]) -> Result<KeyPair> {
    if stored.is_empty()
        && let Some(inherited) = services.tools.key_pairs.inherited().await.map_err(no_pair)?
    {
        return Ok(inherited);
    }
    generate(services).await
}

/// The setting may have changed since the newest key was made.
async fn adopt_algorithm(services: &Services, caller: &Caller) -> Result<()> {
    let wanted = services.policies.keys.algorithm;
    let differs = |ring: &KeyRing, now| ring.newest(now).is_none_or(|key| key.algorithm != wanted);
    if differs(&stored::ring(&all(services).await?), services.now()) {
        let pair = generate(services).await?;
        add(services, caller, pair, services.policies.keys.publish_ahead, differs).await?;
    }
    Ok(())
}

pub(super) async fn rotate_when_due(services: &Services, caller: &Caller) -> Result<Option<KeyView>> {
    access::authorize(caller, Operation::RotateKeys)?;
    let Some(every) = services.policies.keys.rotate_every else { return Ok(None) };
    let due = |ring: &KeyRing, now| ring.newest(now).is_none_or(|key| key.created_at.plus(every) <= now);
    if services.tools.keys.given().is_some() || !due(&stored::ring(&all(services).await?), services.now()) {
        return Ok(None);
    }
    let pair = generate(services).await?;
    add(services, caller, pair, services.policies.keys.publish_ahead, due).await
}

pub(super) async fn generate(services: &Services) -> Result<KeyPair> {
    services.tools.key_pairs.generate(services.policies.keys.algorithm).await.map_err(no_pair)
}

/// Adds the key if that is still wanted once nobody else can add one: of many at once, one does.
async fn add(
    services: &Services,
    caller: &Caller,
    pair: KeyPair,
    ahead: Duration,
    wanted: impl Fn(&KeyRing, Timestamp) -> bool,
) -> Result<Option<KeyView>> {
    let mut work = KeyWork::begin(services).await?;
    let (ring, now) = (work.ring(), services.now());
    if !wanted(&ring, now) {
        return Ok(None);
    }
    let id = pair.id.clone();
    let after = ring.rotate(id.clone(), pair.algorithm, now, ahead);
    work.add(services, caller, pair, &after).await?;
    work.save(&after, now, services).await?;
    work.commit().await?;
    Ok(after.get(&id).map(|key| stored::view(services, &after, key)))
}

/// Told as it is: whoever asks for a key is the operator.
fn no_pair(why: NoKeyPair) -> Error {
    Error::new(ErrorCode::Internal, why.0)
}
