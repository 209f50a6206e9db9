use super::page::{cursor, limit};
use crate::problem::Problem;
use doorward_ports::Personal;
use doorward_ports::inbound::{self, Change, given};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What an administrator may change of an account. An absent property does not change; `null` removes its value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPatch {
    /// The e-mail address. A new address is unverified, unless `email_verified` is sent too.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 254, nullable = false)]
    email: Option<Personal>,
    /// Whether the e-mail address is verified.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    email_verified: Option<bool>,
    /// Whether the account is enabled. `false` ends its sessions.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
    /// Whether the owner must choose another password: until then, sessions can do nothing else. The account must have a
    /// password.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    must_change_password: Option<bool>,
    /// The username, with which the owner can sign in instead of the e-mail address. It is folded to lower case.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 63)]
    username: Change<Personal>,
    /// The full name of the owner.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    full_name: Change<Personal>,
    /// The language of the owner (BCP 47).
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    locale: Change<String>,
    /// The id of the account in the system that it comes from.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    external_id: Change<Personal>,
}

impl From<AccountPatch> for inbound::AccountChange {
    fn from(body: AccountPatch) -> Self {
        Self {
            email: body.email,
            email_verified: body.email_verified,
            is_active: body.is_active,
            must_change_password: body.must_change_password,
            external_id: body.external_id,
            profile: inbound::ProfileChange { username: body.username, full_name: body.full_name, locale: body.locale },
        }
    }
}

/// The filters, the order and the page of a list of accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserFilter {
    /// List only the account with this e-mail address.
    #[param(value_type = Option<String>)]
    email: Option<Personal>,
    /// List only the account with this username.
    #[param(value_type = Option<String>)]
    username: Option<Personal>,
    /// List only accounts with a word in their full name, username or e-mail address that begins with this text. They
    /// are sorted by this word, and `sort` must be absent.
    #[param(value_type = Option<String>)]
    q: Option<Personal>,
    /// List only enabled accounts (`true`), or only disabled accounts (`false`).
    is_active: Option<bool>,
    /// List only accounts with this role.
    role: Option<String>,
    /// The order of the list. The default is the newest account first.
    #[param(pattern = "^-?(created_at|email)$")]
    sort: Option<String>,
    /// The largest number of items on the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Where the page begins: the `next_cursor` of the previous page.
    #[param(min_length = 1)]
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
