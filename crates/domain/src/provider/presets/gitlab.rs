use super::{NO_QUIRKS, OPENID, Preset};

/// GitLab in the cloud; for a server of one's own, set its URL as the issuer.
pub const PRESET: Preset = Preset {
    name: "gitlab",
    display_name: "GitLab",
    issuer: Some("https://gitlab.com"),
    scopes: OPENID,
    claims: &[],
    quirks: NO_QUIRKS,
};
