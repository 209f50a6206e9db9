/// Writes an enum whose values have one stable name each, for the store, the settings and the protocol.
macro_rules! named {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name in the store, in settings and in answers.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

/// The kind of a provider: what it does differently from OpenID Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ProviderKind {
    /// Any OpenID Connect provider, as its discovery document describes it.
    Oidc,
    /// Microsoft Entra ID.
    Entra,
    /// Okta, with an organization's or a custom authorization server.
    Okta,
    /// Google.
    Google,
    /// GitHub: OAuth 2, and its own API in place of ID tokens.
    Github,
}

named!(ProviderKind { Oidc = "oidc", Entra = "entra", Okta = "okta", Google = "google", Github = "github" });

impl ProviderKind {
    /// The issuer, if all customers of this provider share one.
    #[must_use]
    pub const fn usual_issuer(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("https://accounts.google.com"),
            Self::Github => Some("https://github.com"),
            Self::Oidc | Self::Entra | Self::Okta => None,
        }
    }

    /// The scopes that are asked for, unless the configuration names others.
    #[must_use]
    pub const fn usual_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Github => &["read:user", "user:email"],
            Self::Oidc | Self::Entra | Self::Okta | Self::Google => &["openid", "email", "profile"],
        }
    }

    /// Whether it speaks OpenID Connect, so that the scope `openid` is required.
    #[must_use]
    pub const fn is_openid(self) -> bool {
        !matches!(self, Self::Github)
    }
}

/// Whether a person who comes from a provider for the first time can be connected with an account that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum LinkingPolicy {
    /// Only the signed-in owner can link an identity.
    Never,
    /// An account with the same e-mail address is linked at once, if both the provider and Doorward have verified it.
    VerifiedEmail,
    /// The owner of the account with the same e-mail address is asked to sign in to it first.
    #[default]
    Ask,
}

named!(LinkingPolicy { Never = "never", VerifiedEmail = "verified_email", Ask = "ask" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_its_name_which_is_also_its_name_in_json() {
        for kind in ProviderKind::ALL {
            assert_eq!(ProviderKind::from_name(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for policy in LinkingPolicy::ALL {
            assert_eq!(LinkingPolicy::from_name(policy.as_str()), Some(*policy));
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
        }
        assert_eq!((ProviderKind::from_name("Oidc"), LinkingPolicy::from_name("")), (None, None));
        assert_eq!(LinkingPolicy::default(), LinkingPolicy::Ask);
    }

    #[test]
    fn openid_connect_is_asked_for_where_it_is_spoken() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.usual_scopes().contains(&"openid"), kind.is_openid(), "{kind}");
        }
    }
}
