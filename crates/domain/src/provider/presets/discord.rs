use super::{NO_QUIRKS, OauthEndpoints, Preset, Quirks};

/// Discord: OAuth 2, and its API in place of ID tokens.
pub const PRESET: Preset = Preset {
    name: "discord",
    display_name: "Discord",
    issuer: Some("https://discord.com"),
    scopes: &["identify", "email"],
    claims: &[("email_verified", "verified"), ("full_name", "global_name"), ("username", "username")],
    quirks: Quirks {
        oauth: Some(OauthEndpoints {
            authorization: "/oauth2/authorize",
            token: "/api/oauth2/token",
            user_info: "/api/v10/users/@me",
            // A snowflake, which is given to nobody else; usernames change.
            subject: "id",
        }),
        no_groups: true,
        ..NO_QUIRKS
    },
};
