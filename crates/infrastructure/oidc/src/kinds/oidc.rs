use super::Kind;

/// Any provider that is described completely by its discovery document.
pub struct Oidc;

impl Kind for Oidc {}
