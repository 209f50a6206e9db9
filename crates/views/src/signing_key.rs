use doorward_domain::{KeyAlgorithm, KeyId, Timestamp};
use doorward_ports::inbound::KeyView;
use serde::Serialize;

/// A key that tokens are signed with. No part of the key itself is told.
#[derive(Debug, Serialize)]
pub struct SigningKey {
    /// Its `kid`.
    pub kid: KeyId,
    /// How it signs.
    pub algorithm: KeyAlgorithm,
    /// What it is good for now.
    pub state: &'static str,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it begins to sign.
    pub signs_from: Timestamp,
    /// When it stopped signing.
    pub retired_at: Option<Timestamp>,
    /// Since when all that it has signed is refused.
    pub revoked_at: Option<Timestamp>,
    /// Until when what it signs may be valid.
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
