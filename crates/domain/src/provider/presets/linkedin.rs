use super::{NO_QUIRKS, OPENID, Preset, Quirks};

/// `LinkedIn`, by its product for OpenID Connect.
pub const PRESET: Preset = Preset {
    name: "linkedin",
    display_name: "LinkedIn",
    issuer: Some("https://www.linkedin.com/oauth"),
    scopes: OPENID,
    claims: &[],
    // So its codes are bound to an attempt by `state` alone.
    quirks: Quirks { omits_nonce: true, refuses_pkce: true, secret_in_body: true, no_groups: true, ..NO_QUIRKS },
};
