use doorward_domain::{self as domain, FactorId, FactorName, Timestamp};
use serde::Serialize;

/// A second factor of an account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Factor {
    /// The id of the factor.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: FactorId,
    /// The kind of the factor.
    #[cfg_attr(feature = "openapi", schema(pattern = "^totp$"))]
    pub kind: &'static str,
    /// The name that its owner has given it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 64))]
    pub name: FactorName,
    /// When it was enrolled.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When a code of it was last accepted.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required = true))]
    pub last_used_at: Option<Timestamp>,
}

impl From<domain::Factor> for Factor {
    fn from(factor: domain::Factor) -> Self {
        Self {
            id: factor.id,
            kind: factor.kind.as_str(),
            name: factor.name,
            created_at: factor.created_at,
            last_used_at: factor.last_used_at,
        }
    }
}

/// A second factor that a sign-in asks for.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfferedFactor {
    /// The id of the factor.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: FactorId,
    /// The kind of the factor.
    #[cfg_attr(feature = "openapi", schema(pattern = "^totp$"))]
    pub kind: &'static str,
    /// The name that its owner has given it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 64))]
    pub name: FactorName,
}

impl From<&domain::Factor> for OfferedFactor {
    fn from(factor: &domain::Factor) -> Self {
        Self { id: factor.id, kind: factor.kind.as_str(), name: factor.name.clone() }
    }
}
