//! Converts between the rules of keys and the rows of the store.
use super::longest_token_life;
use crate::changes::Changes;
use crate::services::{Act, Subject, Work};
use doorward_domain::{AuditAction, KeyId, KeyRecord, KeyRing, Timestamp};
use doorward_ports::inbound::KeyView;
use doorward_ports::outbound::{Guard, KeyPair, PrivateKey, SealedPlace, SealingError, SecretSealer, StoredKey};
use doorward_ports::{Error, ErrorCode, Result};
use serde_json::json;

pub(super) fn ring(stored: &[StoredKey]) -> KeyRing {
    KeyRing::of(stored.iter().map(|key| key.record.clone()).collect())
}

pub(super) async fn all(act: &Act<'_>) -> Result<Vec<StoredKey>> {
    Ok(act.read().await?.signing_keys().all().await?)
}

pub(super) fn view(act: &Act<'_>, ring: &KeyRing, key: &KeyRecord) -> KeyView {
    let life = longest_token_life(act.policies);
    KeyView { record: key.clone(), state: ring.state(key, act.now(), life), accepted_until: key.accepted_until(life) }
}

fn place(id: &KeyId) -> SealedPlace<'_> {
    SealedPlace { table: "signing_keys", row: id.as_str(), column: "sealed_private" }
}

pub(super) fn opened(sealer: &dyn SecretSealer, id: &KeyId, sealed: &[u8]) -> Result<PrivateKey> {
    sealer.open(&place(id), sealed).map(PrivateKey).map_err(|error| match error {
        SealingError::OtherKey => Error {
            source: Some(Box::new(error)),
            ..Error::new(
                ErrorCode::SealingKeyMismatch,
                format!(
                    "The signing key {id} was sealed with a different sealing key. All nodes need the same sealing key: \
                     copy sealing.key from the data folder of a node that works, or set secrets.sealing_key."
                ),
            )
        },
        SealingError::Broken => Error::internal(error),
    })
}

/// The keys in one unit of work, while no other process can change them.
pub(super) struct KeyWork<'a> {
    work: Work<'a>,
    stored: Vec<StoredKey>,
}

impl<'a> KeyWork<'a> {
    pub(super) async fn begin(act: &'a mut Act<'_>) -> Result<Self> {
        let mut work = act.begin().await?;
        work.guard(Guard::SigningKeys).await?;
        let stored = work.signing_keys().all().await?;
        Ok(Self { work, stored })
    }

    pub(super) fn ring(&self) -> KeyRing {
        ring(&self.stored)
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.work.now
    }

    /// Seals the new key and adds it. A process with a different sealing key is refused first, because no other node
    /// could open the key.
    pub(super) async fn add(&mut self, pair: KeyPair, after: &KeyRing) -> Result<()> {
        let sealer = self.work.sealer();
        if let Some((id, sealed)) =
            self.stored.iter().rev().find_map(|key| Some((&key.record.id, key.sealed.as_ref()?)))
        {
            opened(sealer, id, sealed)?;
        }
        let record = after.get(&pair.id).expect("the ring was rotated to this key").clone();
        let sealed = sealer.seal(&place(&pair.id), &pair.private.0);
        let key = StoredKey { record, public: pair.public, sealed: Some(sealed) };
        self.work.signing_keys().insert(&key).await?;
        let details = json!({ "algorithm": key.record.algorithm, "signs_from": key.record.signs_from });
        Ok(self.work.audit_with(AuditAction::KeyRotated, Subject::Key(&pair.id), details).await?)
    }

    /// Saves the changes to existing keys. Deletes the private key of a key that is no longer accepted.
    pub(super) async fn save(&mut self, after: &KeyRing) -> Result<()> {
        let life = longest_token_life(self.work.policies);
        for key in &self.stored {
            let record = after.get(&key.record.id).expect("no rule takes a key out of its ring").clone();
            let useless = !record.is_accepted(self.work.now, life);
            let sealed = key.sealed.clone().filter(|_| !useless);
            let changed = StoredKey { record, public: key.public.clone(), sealed };
            if changed != *key {
                self.work.signing_keys().save(&changed).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn audit(&mut self, action: AuditAction, id: &KeyId, changes: Changes) -> Result<()> {
        Ok(self.work.audit_with(action, Subject::Key(id), changes.into_details()).await?)
    }

    pub(super) async fn commit(self) -> Result<()> {
        Ok(self.work.commit().await?)
    }
}

/// The key with this name, if the text can be a name.
pub(super) fn named(kid: &str) -> Result<KeyId> {
    KeyId::parse(kid).map_err(|_| not_found())
}

pub(super) fn not_found() -> Error {
    Error::new(ErrorCode::KeyNotFound, "There is no signing key with this kid. `doorward keys list` lists the keys.")
}
