use super::{NO_QUIRKS, OPENID, Preset};

/// Keycloak: the issuer is the one of a realm, `https://HOST/realms/NAME`.
pub const PRESET: Preset =
    Preset { name: "keycloak", display_name: "Keycloak", issuer: None, scopes: OPENID, claims: &[], quirks: NO_QUIRKS };
