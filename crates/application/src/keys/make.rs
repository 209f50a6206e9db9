use super::load;
use super::stored::{self, KeyWork};
use crate::services::Act;
use doorward_domain::{KeyRing, Timestamp};
use doorward_ports::inbound::{Begins, KeyView};
use doorward_ports::outbound::{KeyPair, NoKeyPair, StoredKey};
use doorward_ports::{Error, ErrorCode, Result};
use std::time::Duration;

/// Twice the time that every node needs to learn about a key.
const EVERY_NODE_KNOWS: Duration = Duration::from_secs(2);

pub(super) async fn rotate(mut act: Act<'_>, begins: Begins) -> Result<KeyView> {
    if act.tools().keys.given().is_some() {
        return Err(given());
    }
    let ahead = match begins {
        Begins::Published => act.policies.keys.publish_ahead,
        Begins::AtOnce => EVERY_NODE_KNOWS,
    };
    let pair = generate(&act).await?;
    let made = add(&mut act, pair, ahead, |_, _| true).await?;
    Ok(made.expect("it was wanted whatever the ring is"))
}

fn given() -> Error {
    Error::new(
        ErrorCode::SigningKeyGiven,
        "Only the key in the setting tokens.signing_key signs. Change or remove the setting.",
    )
}

pub(super) async fn prepare(mut act: Act<'_>) -> Result<()> {
    if act.tools().keys.given().is_none() {
        let stored = stored::all(&act).await?;
        if none_signs(&stored::ring(&stored), act.now()) {
            let pair = first(&act, &stored).await?;
            add(&mut act, pair, Duration::ZERO, none_signs).await?;
        }
        adopt_algorithm(&mut act).await?;
    }
    load::load(&act).await
}

fn none_signs(ring: &KeyRing, now: Timestamp) -> bool {
    ring.signing(now).is_none()
}

/// The key of an earlier version stays in use, so that its tokens stay valid.
async fn first(act: &Act<'_>, stored: &[StoredKey]) -> Result<KeyPair> {
    if stored.is_empty()
        && let Some(inherited) = act.tools().key_pairs.inherited().await.map_err(no_pair)?
    {
        return Ok(inherited);
    }
    generate(act).await
}

/// The setting may have changed since the newest key was created.
async fn adopt_algorithm(act: &mut Act<'_>) -> Result<()> {
    let wanted = act.policies.keys.algorithm;
    let differs = |ring: &KeyRing, now| ring.newest(now).is_none_or(|key| key.algorithm != wanted);
    if differs(&stored::ring(&stored::all(act).await?), act.now()) {
        let pair = generate(act).await?;
        let ahead = act.policies.keys.publish_ahead;
        add(act, pair, ahead, differs).await?;
    }
    Ok(())
}

pub(super) async fn rotate_when_due(mut act: Act<'_>) -> Result<Option<KeyView>> {
    let Some(every) = act.policies.keys.rotate_every else { return Ok(None) };
    let due = |ring: &KeyRing, now| ring.newest(now).is_none_or(|key| key.created_at.plus(every) <= now);
    if act.tools().keys.given().is_some() || !due(&stored::ring(&stored::all(&act).await?), act.now()) {
        return Ok(None);
    }
    let pair = generate(&act).await?;
    let ahead = act.policies.keys.publish_ahead;
    add(&mut act, pair, ahead, due).await
}

pub(super) async fn generate(act: &Act<'_>) -> Result<KeyPair> {
    act.tools().key_pairs.generate(act.policies.keys.algorithm).await.map_err(no_pair)
}

/// Adds the key if it is still wanted while no other process can add one: of many at once, one succeeds.
async fn add(
    act: &mut Act<'_>,
    pair: KeyPair,
    ahead: Duration,
    wanted: impl Fn(&KeyRing, Timestamp) -> bool,
) -> Result<Option<KeyView>> {
    let mut work = KeyWork::begin(act).await?;
    let (ring, now) = (work.ring(), work.now());
    if !wanted(&ring, now) {
        return Ok(None);
    }
    let id = pair.id.clone();
    let after = ring.rotate(id.clone(), pair.algorithm, now, ahead);
    work.add(pair, &after).await?;
    work.save(&after).await?;
    work.commit().await?;
    Ok(after.get(&id).map(|key| stored::view(act, &after, key)))
}

/// The text is passed on unchanged, because only the operator requests a key.
fn no_pair(why: NoKeyPair) -> Error {
    Error::new(ErrorCode::Internal, why.0)
}
