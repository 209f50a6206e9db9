use super::{longest_token_life, stored};
use crate::services::Act;
use doorward_domain::Timestamp;
use doorward_ports::Result;
use doorward_ports::outbound::{KeysInUse, PrivateKey, StoredKey, UsableKey};

pub(super) async fn load(act: &Act<'_>) -> Result<()> {
    let stored = stored::all(act).await?;
    let (ring, now, life) = (stored::ring(&stored), act.now(), longest_token_life(act.policies));
    let mut trouble = Ok(());
    let mut in_use = KeysInUse { signing: ring.signing(now).map(|key| key.id.clone()), ..KeysInUse::default() };
    for key in &stored {
        if key.record.revoked_at.is_some() {
            in_use.revoked.push(key.record.id.clone());
        } else if key.record.is_accepted(now, life) {
            let private = private(act, key, now).unwrap_or_else(|error| {
                trouble = Err(error);
                None
            });
            in_use.accepted.push(usable(key, private));
        }
    }
    act.tools().keys.replace(in_use);
    trouble
}

fn usable(key: &StoredKey, private: Option<PrivateKey>) -> UsableKey {
    let record = &key.record;
    UsableKey { id: record.id.clone(), algorithm: record.algorithm, public: key.public.clone(), private }
}

/// A private key is opened only if the key may have to sign, and only once.
fn private(act: &Act<'_>, key: &StoredKey, now: Timestamp) -> Result<Option<PrivateKey>> {
    let keys = &act.tools().keys;
    let id = &key.record.id;
    let needed = key.record.retired_at.is_none_or(|at| now < at) && keys.given().is_none() && !keys.can_sign(id);
    match key.sealed.as_ref().filter(|_| needed) {
        Some(sealed) => stored::opened(&*act.tools().sealer, id, sealed).map(Some),
        None => Ok(None),
    }
}
