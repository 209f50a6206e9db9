use super::values::TenantId;
use std::fmt;

/// Why a text does not say whose people may sign in with Microsoft Entra ID, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "This is not a tenant; write its directory id, as in 72f988bf-86f1-41af-91ab-2d7cd011db47, or organizations, consumers or \
     common."
)]
pub struct TenantError;

/// Whose people may sign in with Microsoft Entra ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tenant {
    /// Those of one tenant.
    Id(TenantId),
    /// Those of all tenants.
    Organizations,
    /// Those with personal accounts.
    Consumers,
    /// All of them.
    Common,
}

impl Tenant {
    const NAMED: [Self; 3] = [Self::Organizations, Self::Consumers, Self::Common];

    /// Reads the id of a tenant, or one of the three names.
    ///
    /// # Errors
    /// [`TenantError`], whose text shows an example.
    pub fn parse(text: &str) -> Result<Self, TenantError> {
        let named = Self::NAMED.into_iter().find(|tenant| tenant.to_string() == text);
        named.or_else(|| TenantId::parse(text).ok().map(Self::Id)).ok_or(TenantError)
    }

    /// Whether it is one tenant, so that a list of tenants has no effect.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        matches!(self, Self::Id(_) | Self::Consumers)
    }

    /// The issuer of its tokens, or the one that stands for all of its issuers.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("https://login.microsoftonline.com/{self}/v2.0")
    }

    /// The tenant whose issuer this is; none for a national cloud.
    #[must_use]
    pub fn of_issuer(issuer: &str) -> Option<Self> {
        let tenant = issuer.strip_prefix("https://login.microsoftonline.com/")?.strip_suffix("/v2.0")?;
        Self::parse(tenant).ok()
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id(id) => id.as_str(),
            Self::Organizations => "organizations",
            Self::Consumers => "consumers",
            Self::Common => "common",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tenant_is_an_id_or_one_of_three_names() {
        for text in ["organizations", "consumers", "common", "72f988bf-86f1-41af-91ab-2d7cd011db47"] {
            let tenant = Tenant::parse(text).unwrap();
            assert_eq!(tenant.to_string(), text);
            assert_eq!(Tenant::of_issuer(&tenant.issuer()), Some(tenant));
        }
        for text in ["", "Common", "contoso.onmicrosoft.com"] {
            assert_eq!(Tenant::parse(text), Err(TenantError), "{text:?}");
        }
        assert_eq!(Tenant::of_issuer("https://id.example.com/common/v2.0"), None);
    }

    #[test]
    fn one_tenant_and_the_personal_accounts_are_single() {
        let single = |text: &str| Tenant::parse(text).unwrap().is_single();
        assert!(single("consumers") && single("72f988bf-86f1-41af-91ab-2d7cd011db47"));
        assert!(!single("common") && !single("organizations"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,50}") {
            if let Ok(tenant) = Tenant::parse(&text) {
                prop_assert!(crate::Issuer::parse(&tenant.issuer()).is_ok());
            }
            let _ = Tenant::of_issuer(&text);
        }
    }
}
