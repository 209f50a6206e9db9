use super::{NO_QUIRKS, OPENID, Preset, Quirks};

/// Slack: the subject is the person within all workspaces of an organization.
pub const PRESET: Preset = Preset {
    name: "slack",
    display_name: "Slack",
    issuer: Some("https://slack.com"),
    scopes: OPENID,
    claims: &[],
    quirks: Quirks { no_groups: true, ..NO_QUIRKS },
};
