use super::Kind;

/// Okta. Both of its authorization servers, of the organization (`https://NAME.okta.com`) and custom
/// (`https://NAME.okta.com/oauth2/ID`), are described by their discovery documents. Groups are in the claim that the
/// claim map names, if a claim is defined for them there.
pub struct Okta;

impl Kind for Okta {}
