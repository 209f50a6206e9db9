use super::{NO_QUIRKS, OPENID, Preset};

/// Auth0: each tenant has an issuer of its own, which ends in a slash.
pub const PRESET: Preset = Preset {
    name: "auth0",
    display_name: "Auth0",
    issuer: None,
    scopes: OPENID,
    claims: &[("username", "nickname")],
    quirks: NO_QUIRKS,
};
