use super::page::{cursor, limit};
use crate::input::{Patch, given};
use crate::problem::Problem;
use doorward_ports::Secret;
use doorward_ports::inbound;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    #[schema(format = Uuid)]
    id: String,
    email: String,
    /// Whether the owner has shown that the address is his.
    email_verified: bool,
    /// A second name to sign in with.
    #[schema(required = true, pattern = "^[a-z0-9][a-z0-9._-]{1,62}$")]
    username: Option<String>,
    /// What people call the owner.
    #[schema(required = true)]
    full_name: Option<String>,
    /// The language the owner reads (BCP 47).
    #[schema(required = true, examples("en-GB"))]
    locale: Option<String>,
    /// A disabled account keeps its data and can do nothing.
    is_active: bool,
    /// The roles it holds, sorted.
    #[schema(examples(json!(["user"])))]
    roles: Vec<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    #[schema(required = true, format = DateTime)]
    last_sign_in_at: Option<String>,
    /// Its name in the system it was imported from.
    #[schema(required = true)]
    external_id: Option<String>,
}

impl From<&doorward_domain::User> for User {
    fn from(user: &doorward_domain::User) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            email_verified: user.email_verified,
            username: user.username.as_ref().map(ToString::to_string),
            full_name: user.full_name.as_ref().map(ToString::to_string),
            locale: user.locale.as_ref().map(ToString::to_string),
            is_active: user.is_active,
            roles: user.roles.iter().map(ToString::to_string).collect(),
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
            last_sign_in_at: user.last_sign_in_at.as_ref().map(ToString::to_string),
            external_id: user.external_id.as_ref().map(ToString::to_string),
        }
    }
}

impl From<doorward_domain::User> for User {
    fn from(user: doorward_domain::User) -> Self {
        Self::from(&user)
    }
}

/// What somebody who registers tells of himself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    #[schema(max_length = 254, examples("ann@example.com"))]
    email: String,
    /// 12 characters at least, unless the operator asks for another number; not easily guessed.
    #[schema(format = Password, min_length = 8, max_length = 128, write_only, examples("copper-violin-marsh-42"))]
    password: String,
    /// A second name to sign in with; folded to lower case.
    #[schema(min_length = 2, max_length = 63, examples("ann"))]
    username: Option<String>,
    /// What people call the owner.
    #[schema(min_length = 1, max_length = 200)]
    full_name: Option<String>,
    /// The language the owner reads (BCP 47).
    #[schema(min_length = 2, max_length = 35, examples("en-GB"))]
    locale: Option<String>,
}

impl From<Registration> for inbound::Registration {
    fn from(body: Registration) -> Self {
        Self {
            email: body.email,
            password: Secret::new(body.password),
            username: body.username,
            full_name: body.full_name,
            locale: body.locale,
        }
    }
}

/// An account that an administrator makes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    #[schema(max_length = 254, examples("bob@example.com"))]
    email: String,
    /// Whether the address is known to be the owner's.
    #[serde(default)]
    #[schema(default = false)]
    email_verified: bool,
    /// Without one, nobody can sign in by password until one is set.
    #[schema(format = Password, min_length = 8, max_length = 128, write_only)]
    password: Option<String>,
    /// A second name to sign in with; folded to lower case.
    #[schema(min_length = 2, max_length = 63)]
    username: Option<String>,
    /// What people call the owner.
    #[schema(min_length = 1, max_length = 200)]
    full_name: Option<String>,
    /// The language the owner reads (BCP 47).
    #[schema(min_length = 2, max_length = 35)]
    locale: Option<String>,
    /// Roles besides `user`, which everybody has.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    roles: Vec<String>,
    /// Whether it may sign in.
    #[serde(default = "enabled")]
    #[schema(default = true)]
    is_active: bool,
    /// Its name in another system.
    #[schema(min_length = 1, max_length = 200)]
    external_id: Option<String>,
}

const fn enabled() -> bool {
    true
}

impl From<NewAccount> for inbound::NewAccount {
    fn from(body: NewAccount) -> Self {
        Self {
            email: body.email,
            email_verified: body.email_verified,
            password: body.password.map(Secret::new),
            username: body.username,
            full_name: body.full_name,
            locale: body.locale,
            roles: body.roles,
            is_active: body.is_active,
            external_id: body.external_id,
        }
    }
}

/// What an owner changes of his account; what is absent stays, what is `null` becomes empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfilePatch {
    /// A second name to sign in with; folded to lower case.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 63)]
    username: Patch<String>,
    /// What people call the owner.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    full_name: Patch<String>,
    /// The language the owner reads (BCP 47).
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    locale: Patch<String>,
}

impl From<ProfilePatch> for inbound::ProfileChange {
    fn from(body: ProfilePatch) -> Self {
        Self { username: body.username.0, full_name: body.full_name.0, locale: body.locale.0 }
    }
}

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
    username: Patch<String>,
    /// What people call the owner.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    full_name: Patch<String>,
    /// The language the owner reads (BCP 47).
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    locale: Patch<String>,
    /// Its name in another system.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    external_id: Patch<String>,
}

impl From<AccountPatch> for inbound::AccountChange {
    fn from(body: AccountPatch) -> Self {
        Self {
            email: body.email,
            email_verified: body.email_verified,
            is_active: body.is_active,
            external_id: body.external_id.0,
            profile: inbound::ProfileChange {
                username: body.username.0,
                full_name: body.full_name.0,
                locale: body.locale.0,
            },
        }
    }
}

/// A change of one's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    #[schema(format = Password, max_length = 1024, write_only)]
    current_password: String,
    /// 12 characters at least, unless the operator asks for another number; not easily guessed.
    #[schema(format = Password, min_length = 8, max_length = 128, write_only)]
    new_password: String,
}

impl From<PasswordChange> for inbound::PasswordChange {
    fn from(body: PasswordChange) -> Self {
        Self { current: Secret::new(body.current_password), new: Secret::new(body.new_password) }
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
