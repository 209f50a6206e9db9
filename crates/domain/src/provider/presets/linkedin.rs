use super::{NO_QUIRKS, OPENID, Preset, Quirks};

/// `LinkedIn`, by its product for OpenID Connect.
pub const PRESET: Preset = Preset {
    name: "linkedin",
    display_name: "LinkedIn",
    issuer: Some("https://www.linkedin.com/oauth"),
    scopes: OPENID,
    claims: &[],
    // The code is bound to the attempt by PKCE and state all the same.
    quirks: Quirks { omits_nonce: true, ..NO_QUIRKS },
};
