//! The audit keys. Only a key whose private half this service can open is trusted, so that nobody who can only write to the
//! database adds one of their own.
use crate::services::Act;
use doorward_domain::{AuditSeal, Timestamp};
use doorward_ports::outbound::{AuditKey, Guard, SealedPlace, SealingError};
use doorward_ports::{Error, ErrorCode, Result};
use zeroize::Zeroizing;

/// A key that this service has created.
pub(super) struct TrustedKey {
    pub id: String,
    pub public: Vec<u8>,
    pub private: Zeroizing<Vec<u8>>,
}

/// All keys of the store.
pub(super) struct AuditKeys {
    trusted: Vec<TrustedKey>,
    stored: usize,
    /// Why the newest key that can't be opened can't be.
    refused: Option<SealingError>,
}

impl AuditKeys {
    /// The public key with this name, if it is trusted.
    fn public_of(&self, id: &str) -> Option<&[u8]> {
        self.trusted.iter().find(|key| key.id == id).map(|key| &*key.public)
    }

    /// The key that signs: the newest one that is trusted.
    pub(super) fn newest(&self) -> Result<&TrustedKey> {
        self.trusted.last().ok_or_else(|| unusable(self.refused))
    }

    /// The public key that has signed the seal.
    pub(super) fn signer_of(&self, act: &Act<'_>, seal: &AuditSeal) -> Result<&[u8]> {
        match (self.public_of(&seal.head.key_id), self.refused) {
            (Some(public), _) if self.have_sealed(act, seal) => Ok(public),
            (None, Some(SealingError::OtherKey)) => Err(unusable(self.refused)),
            _ => Err(Error::new(
                ErrorCode::AuditLogDamaged,
                "The newest seal of the audit log is not signed by an audit key of this service: see `doorward audit verify`.",
            )),
        }
    }

    /// Whether a trusted key has signed the seal.
    pub(super) fn have_sealed(&self, act: &Act<'_>, seal: &AuditSeal) -> bool {
        self.have_signed(act, &seal.head.key_id, &seal.head.statement(), &seal.signature)
    }

    /// Whether the key with this name is trusted, and has signed the statement.
    pub(super) fn have_signed(&self, act: &Act<'_>, id: &str, statement: &[u8], signature: &[u8]) -> bool {
        let signer = &act.tools().audit_signer;
        self.public_of(id).is_some_and(|public| signer.has_signed(public, statement, signature))
    }
}

fn place(id: &str) -> SealedPlace<'_> {
    SealedPlace { table: "audit_keys", row: id, column: "sealed_private" }
}

pub(super) async fn all(act: &Act<'_>) -> Result<AuditKeys> {
    let stored = act.read().await?.audit_chain().keys().await?;
    let mut keys = AuditKeys { trusted: Vec::new(), stored: stored.len(), refused: None };
    for key in stored {
        match act.tools().sealer.open(&place(&key.id), &key.sealed) {
            Ok(private) => {
                let halves = act.tools().audit_signer.public_half(&private);
                if halves.is_some_and(|(id, public)| id == key.id && public == key.public) {
                    keys.trusted.push(TrustedKey { id: key.id, public: key.public, private });
                }
            }
            Err(error) => keys.refused = Some(error),
        }
    }
    Ok(keys)
}

/// The key that signs: the newest one that is trusted. The first one is created.
pub(super) async fn signing(act: &mut Act<'_>) -> Result<TrustedKey> {
    let mut keys = all(act).await?;
    if keys.stored == 0 {
        create(act).await?;
        keys = all(act).await?;
    }
    keys.trusted.pop().ok_or_else(|| unusable(keys.refused))
}

fn unusable(refused: Option<SealingError>) -> Error {
    match refused {
        Some(error @ SealingError::OtherKey) => Error {
            source: Some(Box::new(error)),
            ..Error::new(
                ErrorCode::SealingKeyMismatch,
                "The audit key was sealed with a different sealing key. All nodes need the same sealing key: copy sealing.key \
                 from the data folder of a node that works, or set secrets.sealing_key.",
            )
        },
        Some(error) => Error::internal(error),
        None => Error::internal("no audit key has a private half that matches its public half"),
    }
}

/// Of many processes at once, one creates it.
async fn create(act: &mut Act<'_>) -> Result<()> {
    let private = Zeroizing::new(act.draw::<32>());
    let halves = act.tools().audit_signer.public_half(&*private);
    let (id, public) = halves.expect("any 32 bytes are a private key (RFC 8032 §5.1.5)");
    let sealed = act.tools().sealer.seal(&place(&id), &*private);
    let created_at: Timestamp = act.now();
    let mut work = act.begin().await?;
    work.guard(Guard::AuditChain).await?;
    if work.audit_chain().keys().await?.is_empty() {
        work.audit_chain().add_key(&AuditKey { id, created_at, public, sealed }).await?;
        work.commit().await?;
    }
    Ok(())
}
