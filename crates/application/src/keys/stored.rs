//! Between the rules of keys and the rows that the store keeps.
use crate::Services;
use crate::audit::Subject;
use doorward_domain::{AuditAction, KeyId, KeyRecord, KeyRing, Timestamp};
use doorward_ports::inbound::KeyView;
use doorward_ports::outbound::{Guard, KeyPair, PrivateKey, SealedPlace, SealingError, StoredKey, WriteWork};
use doorward_ports::{Caller, Error, ErrorCode, Result};

pub(super) fn ring(stored: &[StoredKey]) -> KeyRing {
    KeyRing::of(stored.iter().map(|key| key.record.clone()).collect())
}

pub(super) fn view(services: &Services, ring: &KeyRing, key: &KeyRecord) -> KeyView {
    let life = services.longest_token_life();
    KeyView {
        record: key.clone(),
        state: ring.state(key, services.now(), life),
        accepted_until: key.accepted_until(life),
    }
}

fn place(id: &KeyId) -> SealedPlace<'_> {
    SealedPlace { table: "signing_keys", row: id.as_str(), column: "sealed_private" }
}

pub(super) fn opened(services: &Services, id: &KeyId, sealed: &[u8]) -> Result<PrivateKey> {
    services.tools.sealer.open(&place(id), sealed).map(PrivateKey).map_err(|error| match error {
        SealingError::OtherKey => Error {
            source: Some(Box::new(error)),
            ..Error::new(
                ErrorCode::SealingKeyMismatch,
                format!(
                    "The signing key {id} was sealed with another sealing key than the one here. Every node needs the \
                     same: copy sealing.key from the data folder of a node that works, or set secrets.sealing_key."
                ),
            )
        },
        SealingError::Broken => Error::internal(error),
    })
}

/// The keys as one unit of work sees and changes them, with nobody else changing them meanwhile.
pub(super) struct KeyWork {
    work: Box<dyn WriteWork>,
    stored: Vec<StoredKey>,
}

impl KeyWork {
    pub(super) async fn begin(services: &Services) -> Result<Self> {
        let mut work = services.tools.store.write().await?;
        work.guard(Guard::SigningKeys).await?;
        let stored = work.signing_keys().all().await?;
        Ok(Self { work, stored })
    }

    pub(super) fn ring(&self) -> KeyRing {
        ring(&self.stored)
    }

    /// Seals the new key and adds it. A process with another sealing key would seal what no other could open: it is
    /// refused first.
    pub(super) async fn add(
        &mut self,
        services: &Services,
        caller: &Caller,
        pair: KeyPair,
        after: &KeyRing,
    ) -> Result<()> {
        if let Some((id, sealed)) =
            self.stored.iter().rev().find_map(|key| Some((&key.record.id, key.sealed.as_ref()?)))
        {
            opened(services, id, sealed)?;
        }
        let record = after.get(&pair.id).expect("the ring was rotated to this key").clone();
        let sealed = services.tools.sealer.seal(&place(&pair.id), &pair.private.0);
        let key = StoredKey { record, public: pair.public, sealed: Some(sealed) };
        self.work.signing_keys().insert(&key).await?;
        let details = serde_json::json!({ "algorithm": key.record.algorithm, "signs_from": key.record.signs_from });
        self.tell(services, caller, AuditAction::KeyRotated, &pair.id, details).await
    }

    /// Saves what the rules have changed of the keys that were there. The private half of a key that counts no more goes.
    pub(super) async fn save(&mut self, after: &KeyRing, now: Timestamp, services: &Services) -> Result<()> {
        for key in &self.stored {
            let record = after.get(&key.record.id).expect("no rule takes a key out of its ring").clone();
            let useless = !record.is_accepted(now, services.longest_token_life());
            let sealed = key.sealed.clone().filter(|_| !useless);
            let changed = StoredKey { record, public: key.public.clone(), sealed };
            if changed != *key {
                self.work.signing_keys().save(&changed).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn tell(
        &mut self,
        services: &Services,
        caller: &Caller,
        action: AuditAction,
        id: &KeyId,
        details: serde_json::Value,
    ) -> Result<()> {
        let mut line = services.audit_line(caller, action, &Subject::Key(id), services.now());
        line.details = details;
        Ok(self.work.audit().append(&line).await?)
    }

    pub(super) async fn commit(self) -> Result<()> {
        Ok(self.work.commit().await?)
    }
}

/// The key of that name, if it has the form of one.
pub(super) fn named(kid: &str) -> Result<KeyId> {
    KeyId::parse(kid).map_err(|_| not_found())
}

pub(super) fn not_found() -> Error {
    Error::new(ErrorCode::KeyNotFound, "There is no such key; `doorward keys list` shows them.")
}
