use super::{NO_QUIRKS, Preset, Quirks};

/// Sign in with Apple. It states the name of a person only once, in the answer to the browser, which is not believed.
pub const PRESET: Preset = Preset {
    name: "apple",
    display_name: "Apple",
    issuer: Some("https://appleid.apple.com"),
    scopes: &["openid", "email", "name"],
    claims: &[],
    quirks: Quirks {
        // It requires this for the scopes `email` and `name`.
        parameters: &[("response_mode", "form_post")],
        signed_secret: true,
        no_groups: true,
        ..NO_QUIRKS
    },
};
