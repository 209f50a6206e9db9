use doorward_domain::{KeyAlgorithm, KeyId, Timestamp};
use doorward_ports::inbound::KeyView;
use serde::Serialize;

/// A signing key, without the key itself.
#[derive(Debug, Serialize)]
pub struct SigningKey {
    /// The `kid` of the key.
    pub kid: KeyId,
    /// The algorithm of the key.
    pub algorithm: KeyAlgorithm,
    /// The current state of the key.
    pub state: &'static str,
    /// When the key was created.
    pub created_at: Timestamp,
    /// When the key begins to sign.
    pub signs_from: Timestamp,
    /// When the key stopped signing.
    pub retired_at: Option<Timestamp>,
    /// When the key was revoked, with all tokens that it has signed.
    pub revoked_at: Option<Timestamp>,
    /// Until when tokens of the key may be valid.
    pub accepted_until: Option<Timestamp>,
}

impl From<KeyView> for SigningKey {
    fn from(KeyView { record, state, accepted_until }: KeyView) -> Self {
        Self {
            kid: record.id,
            algorithm: record.algorithm,
            state: state.as_str(),
            created_at: record.created_at,
            signs_from: record.signs_from,
            retired_at: record.retired_at,
            revoked_at: record.revoked_at,
            accepted_until,
        }
    }
}
