use super::page::{cursor, limit};
use crate::problem::Problem;
use doorward_ports::inbound::{self, Change, given};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What an administrator changes of an account; what is absent stays, what is `null` becomes empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPatch {
    /// A new one counts as unverified unless said otherwise.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 254, nullable = false)]
    email: Option<String>,
    /// Whether the address is known to be the owner's.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    email_verified: Option<bool>,
    /// Whether the account may sign in; `false` ends its sessions.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
    /// A second name to sign in with; folded to lower case.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 63)]
    username: Change<String>,
    /// What people call the owner.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    full_name: Change<String>,
    /// The language the owner reads (BCP 47).
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    locale: Change<String>,
    /// Its name in another system.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    external_id: Change<String>,
}

impl From<AccountPatch> for inbound::AccountChange {
    fn from(body: AccountPatch) -> Self {
        Self {
            email: body.email,
            email_verified: body.email_verified,
            is_active: body.is_active,
            external_id: body.external_id,
            profile: inbound::ProfileChange { username: body.username, full_name: body.full_name, locale: body.locale },
        }
    }
}

/// Which accounts, in which order, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserFilter {
    /// Of this address.
    email: Option<String>,
    /// Of this username.
    username: Option<String>,
    /// Of whose name, username or address a word begins so. What is found comes in the order of these words, without `sort`.
    q: Option<String>,
    /// Enabled, or disabled.
    is_active: Option<bool>,
    /// Who hold this role.
    role: Option<String>,
    /// The order; newest first unless said otherwise.
    #[param(pattern = "^-?(created_at|email)$")]
    sort: Option<String>,
    /// How many items.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins: `next_cursor` of the one before.
    cursor: Option<String>,
}

impl TryFrom<UserFilter> for inbound::UserQuery {
    type Error = Problem;

    fn try_from(filter: UserFilter) -> Result<Self, Problem> {
        Ok(Self {
            email: filter.email,
            username: filter.username,
            search: filter.q,
            is_active: filter.is_active,
            role: filter.role,
            sort: filter.sort,
            cursor: cursor(filter.cursor)?,
            limit: limit(filter.limit)?,
        })
    }
}
