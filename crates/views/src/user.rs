use doorward_domain::{self as domain, Email, ExternalId, Locale, PersonName, RoleName, Timestamp, UserId, Username};
use serde::Serialize;
use std::collections::BTreeSet;

/// An account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The id of the account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: UserId,
    /// The e-mail address, with which the owner signs in.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub email: Email,
    /// Whether the e-mail address is verified.
    pub email_verified: bool,
    /// The username, with which the owner can sign in instead of the e-mail address.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, pattern = "^[a-z0-9][a-z0-9._-]{1,62}$"))]
    pub username: Option<Username>,
    /// The full name of the owner.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub full_name: Option<PersonName>,
    /// The language of the owner (BCP 47).
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, examples("en-GB")))]
    pub locale: Option<Locale>,
    /// Whether the account is enabled. A disabled account keeps its data and can do nothing.
    pub is_active: bool,
    /// Whether the owner must choose another password before anything else; absent if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_change_password: bool,
    /// The roles of the account, sorted.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, examples(json!(["user"]))))]
    pub roles: BTreeSet<RoleName>,
    /// When the account was created.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When the account was last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    /// When the owner last signed in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, format = DateTime))]
    pub last_sign_in_at: Option<Timestamp>,
    /// The id of the account in the system that it comes from.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub external_id: Option<ExternalId>,
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            email_verified: user.email_verified,
            username: user.username,
            full_name: user.full_name,
            locale: user.locale,
            is_active: user.is_active,
            must_change_password: user.must_change_password,
            roles: user.roles,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_sign_in_at: user.last_sign_in_at,
            external_id: user.external_id,
        }
    }
}
