use doorward_domain::{self as domain, Email, ExternalId, Locale, PersonName, RoleName, Timestamp, UserId, Username};
use serde::Serialize;
use std::collections::BTreeSet;

/// An account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account's id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Uuid))]
    pub id: UserId,
    /// The e-mail address; people sign in with it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub email: Email,
    /// Whether the owner has shown that the address is his.
    pub email_verified: bool,
    /// A second name to sign in with.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, pattern = "^[a-z0-9][a-z0-9._-]{1,62}$"))]
    pub username: Option<Username>,
    /// What people call the owner.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true))]
    pub full_name: Option<PersonName>,
    /// The language the owner reads (BCP 47).
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = true, examples("en-GB")))]
    pub locale: Option<Locale>,
    /// A disabled account keeps its data and can do nothing.
    pub is_active: bool,
    /// The roles it holds, sorted.
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
    /// Its name in the system it was imported from.
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
            roles: user.roles,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_sign_in_at: user.last_sign_in_at,
            external_id: user.external_id,
        }
    }
}
