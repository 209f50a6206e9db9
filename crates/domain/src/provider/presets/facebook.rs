use super::{NO_QUIRKS, Preset, Quirks};

/// Facebook, by its flow for ID tokens. It does not state whether an address is verified, so none is.
pub const PRESET: Preset = Preset {
    name: "facebook",
    display_name: "Facebook",
    issuer: Some("https://www.facebook.com"),
    scopes: &["openid", "email", "public_profile"],
    claims: &[],
    quirks: Quirks {
        token_endpoint: Some("https://graph.facebook.com/v21.0/oauth/access_token"),
        no_groups: true,
        ..NO_QUIRKS
    },
};
