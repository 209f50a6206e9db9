//! Providers that many people use, as data. One file says what one of them does differently from any other that speaks OpenID
//! Connect; to add one, write its file, and name it twice below.
mod apple;
mod auth0;
mod discord;
mod facebook;
mod gitlab;
mod keycloak;
mod linkedin;
mod slack;

use crate::{ClaimMap, ClaimName};

/// A provider that many people use.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name in settings; also the name of its icon.
    pub name: &'static str,
    /// Its name on sign-in pages.
    pub display_name: &'static str,
    /// Its issuer, if all its customers share one.
    pub issuer: Option<&'static str>,
    /// The scopes that are asked for, unless the configuration names others.
    pub scopes: &'static [&'static str],
    /// The claims that have other names than usual, by the members of [`ClaimMap`].
    pub claims: &'static [(&'static str, &'static str)],
    /// What it does differently from the specifications.
    pub quirks: Quirks,
}

/// What a provider does differently from OpenID Connect.
#[derive(Debug, PartialEq, Eq)]
pub struct Quirks {
    /// Further parameters of its authorization requests.
    pub parameters: &'static [(&'static str, &'static str)],
    /// Its ID tokens have no `nonce`; one that has it, must have the right one.
    pub omits_nonce: bool,
    /// It refuses a code that is redeemed with a code verifier (PKCE), so none is sent.
    pub refuses_pkce: bool,
    /// It expects the client secret in the body, and does not publish that.
    pub secret_in_body: bool,
    /// It never states groups: a map of roles would take the roles of everybody at each sign-in.
    pub no_groups: bool,
    /// The token endpoint that its discovery document lacks.
    pub token_endpoint: Option<&'static str>,
    /// In place of a client secret, it expects a JWT that the client has signed with its own key.
    pub signed_secret: bool,
    /// It speaks OAuth 2 without ID tokens and discovery, at these endpoints.
    pub oauth: Option<OauthEndpoints>,
}

/// The endpoints of a provider that speaks OAuth 2 without discovery.
#[derive(Debug, PartialEq, Eq)]
pub struct OauthEndpoints {
    /// Where people sign in, below the issuer.
    pub authorization: &'static str,
    /// Where codes are exchanged, below the issuer.
    pub token: &'static str,
    /// Where it tells the bearer of an access token who the person is, below the issuer.
    pub user_info: &'static str,
    /// The member of its answer which is the subject.
    pub subject: &'static str,
}

const OPENID: &[&str] = &["openid", "email", "profile"];

/// Nothing differs.
pub(super) const NO_QUIRKS: Quirks = Quirks {
    parameters: &[],
    omits_nonce: false,
    refuses_pkce: false,
    secret_in_body: false,
    no_groups: false,
    token_endpoint: None,
    signed_secret: false,
    oauth: None,
};

macro_rules! presets {
    ($($file:ident),+ $(,)?) => {
        impl Preset {
            /// Every preset, in the order of the documentation.
            pub const ALL: &'static [&'static Self] = &[$(&$file::PRESET),+];

            /// The names of all presets, as the end of a sentence that begins with "write".
            pub const NAMES: &'static [&'static str] = &[$(stringify!($file)),+];
        }
    };
}

presets![apple, auth0, discord, facebook, gitlab, keycloak, linkedin, slack];

impl Preset {
    /// The claims in which it states what Doorward keeps.
    #[must_use]
    pub fn claim_map(&self) -> ClaimMap {
        let mut map = ClaimMap::default();
        for (member, claim) in self.claims {
            if let (Some(member), Ok(claim)) = (map.member(member), ClaimName::parse(claim)) {
                *member = claim;
            }
        }
        map
    }

    /// The preset with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|preset| preset.name == name)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Preset {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for &'static Preset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <String as serde::Deserialize>::deserialize(deserializer)?;
        Preset::named(&name).ok_or_else(|| serde::de::Error::custom("an unknown preset"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Description, Issuer, ProviderIcon, Scope};

    #[test]
    fn a_preset_is_known_by_the_name_of_its_file_and_everything_in_it_is_well_formed() {
        assert_eq!(Preset::ALL.iter().map(|preset| preset.name).collect::<Vec<_>>(), Preset::NAMES);
        assert_eq!(Preset::named("GitLab"), None);
        for preset in Preset::ALL {
            assert_eq!(Preset::named(preset.name), Some(*preset));
            assert!(Description::parse(preset.display_name).is_ok() && ProviderIcon::parse(preset.name).is_ok());
            assert!(preset.issuer.is_none_or(|issuer| Issuer::parse(issuer).is_ok()), "{}", preset.name);
            assert!(preset.scopes.iter().all(|scope| Scope::parse(scope).is_ok()), "{}", preset.name);
            for (member, claim) in preset.claims {
                assert_eq!(preset.claim_map().member(member).unwrap().as_str(), *claim, "{}", preset.name);
            }
            assert_eq!(preset.scopes.contains(&"openid"), preset.quirks.oauth.is_none(), "{}", preset.name);
        }
    }
}
