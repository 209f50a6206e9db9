//! Accounts, roles and sessions as programs read them, and the columns that people see. The JSON is the same that REST
//! answers with; a test compares the two.

use std::collections::BTreeSet;
use std::net::IpAddr;

use doorward_domain::{
    ClientApp, ClientId, Description, DeviceName, Email, ExternalId, KeyAlgorithm, KeyId, Locale, Permission,
    PermissionEntry, PermissionSet, PersonName, RedirectUri, Role, RoleName, Session, SessionId, Timestamp, User,
    UserId, Username, WebOrigin,
};
use doorward_ports::inbound::{KeyView, SessionView, WithSecret};
use serde::Serialize;

use super::table::Column;

/// An account.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    pub(super) id: UserId,
    pub(super) email: Email,
    email_verified: bool,
    username: Option<Username>,
    full_name: Option<PersonName>,
    locale: Option<Locale>,
    is_active: bool,
    roles: BTreeSet<RoleName>,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_sign_in_at: Option<Timestamp>,
    external_id: Option<ExternalId>,
}

impl From<User> for Account {
    fn from(user: User) -> Self {
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

impl Account {
    /// What a list shows.
    pub(super) const LISTED: &[Column<Self>] = &[
        ("email", |account| account.email.to_string()),
        ("username", |account| text(account.username.as_ref())),
        ("roles", |account| joined(&account.roles, ",")),
        ("active", |account| yes_or_no(account.is_active)),
        ("created", |account| moment(account.created_at)),
        ("last sign-in", |account| account.last_sign_in_at.map(moment).unwrap_or_default()),
        ("id", |account| account.id.to_string()),
    ];

    /// What is shown of one alone.
    pub(super) const SHOWN: &[Column<Self>] = &[
        ("id", |account| account.id.to_string()),
        ("email", |account| account.email.to_string()),
        ("email verified", |account| yes_or_no(account.email_verified)),
        ("username", |account| text(account.username.as_ref())),
        ("full name", |account| text(account.full_name.as_ref())),
        ("locale", |account| text(account.locale.as_ref())),
        ("active", |account| yes_or_no(account.is_active)),
        ("roles", |account| joined(&account.roles, ", ")),
        ("created", |account| moment(account.created_at)),
        ("updated", |account| moment(account.updated_at)),
        ("last sign-in", |account| account.last_sign_in_at.map(moment).unwrap_or_default()),
        ("external id", |account| text(account.external_id.as_ref())),
    ];
}

/// A role.
#[derive(Debug, Serialize)]
pub(super) struct NamedRole {
    pub(super) name: RoleName,
    description: Option<Description>,
    permissions: PermissionSet,
    is_system: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Role> for NamedRole {
    fn from(role: Role) -> Self {
        Self {
            is_system: role.name.is_system(),
            name: role.name,
            description: role.description,
            permissions: role.permissions,
            created_at: role.created_at,
            updated_at: role.updated_at,
        }
    }
}

impl NamedRole {
    /// What a list shows.
    pub(super) const LISTED: &[Column<Self>] = &[
        ("name", |role| role.name.to_string()),
        ("system", |role| yes_or_no(role.is_system)),
        ("permissions", |role| role.permissions.len().to_string()),
        ("description", |role| text(role.description.as_ref())),
    ];

    /// What is shown of one alone.
    pub(super) const SHOWN: &[Column<Self>] = &[
        ("name", |role| role.name.to_string()),
        ("description", |role| text(role.description.as_ref())),
        ("system", |role| yes_or_no(role.is_system)),
        ("permissions", |role| joined(role.permissions.iter(), ", ")),
        ("created", |role| moment(role.created_at)),
        ("updated", |role| moment(role.updated_at)),
    ];
}

/// A permission that roles can hold.
#[derive(Debug, Serialize)]
pub(super) struct CataloguedPermission {
    name: Permission,
    description: Option<Description>,
    is_system: bool,
    created_at: Timestamp,
}

impl From<PermissionEntry> for CataloguedPermission {
    fn from(entry: PermissionEntry) -> Self {
        Self {
            is_system: entry.name.is_system(),
            name: entry.name,
            description: entry.description,
            created_at: entry.created_at,
        }
    }
}

impl CataloguedPermission {
    /// What a list shows.
    pub(super) const LISTED: &[Column<Self>] = &[
        ("name", |permission| permission.name.to_string()),
        ("system", |permission| yes_or_no(permission.is_system)),
        ("description", |permission| text(permission.description.as_ref())),
    ];
}

/// A client app.
#[derive(Debug, Serialize)]
pub(super) struct ListedClientApp {
    id: ClientId,
    name: Description,
    kind: &'static str,
    redirect_uris: BTreeSet<RedirectUri>,
    origins: BTreeSet<WebOrigin>,
    roles: BTreeSet<RoleName>,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<ClientApp> for ListedClientApp {
    fn from(app: ClientApp) -> Self {
        Self {
            id: app.id,
            name: app.name,
            kind: app.kind.as_str(),
            redirect_uris: app.redirect_uris,
            origins: app.origins,
            roles: app.roles,
            is_active: app.is_active,
            created_at: app.created_at,
            updated_at: app.updated_at,
        }
    }
}

impl ListedClientApp {
    /// What a list shows.
    pub(super) const LISTED: &[Column<Self>] = &[
        ("id", |app| app.id.to_string()),
        ("kind", |app| app.kind.to_owned()),
        ("roles", |app| joined(&app.roles, ",")),
        ("active", |app| yes_or_no(app.is_active)),
        ("created", |app| moment(app.created_at)),
        ("name", |app| app.name.to_string()),
    ];

    /// What is shown of one alone.
    pub(super) const SHOWN: &[Column<Self>] = &[
        ("id", |app| app.id.to_string()),
        ("name", |app| app.name.to_string()),
        ("kind", |app| app.kind.to_owned()),
        ("active", |app| yes_or_no(app.is_active)),
        ("roles", |app| joined(&app.roles, ", ")),
        ("redirect URIs", |app| joined(&app.redirect_uris, ", ")),
        ("origins", |app| joined(&app.origins, ", ")),
        ("created", |app| moment(app.created_at)),
        ("updated", |app| moment(app.updated_at)),
    ];
}

/// A client app and the secret that it was just given.
#[derive(Serialize)]
pub(super) struct MadeClientApp {
    #[serde(flatten)]
    app: ListedClientApp,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl From<WithSecret> for MadeClientApp {
    fn from(made: WithSecret) -> Self {
        Self { app: made.app.into(), client_secret: made.secret.map(|secret| secret.expose().to_owned()) }
    }
}

impl MadeClientApp {
    /// What is shown of it, this once.
    pub(super) const SHOWN: &[Column<Self>] = &[
        ("client id", |made| made.app.id.to_string()),
        ("client secret", |made| made.client_secret.clone().unwrap_or_else(|| "(a public app has none)".to_owned())),
    ];
}

/// Somewhere an account is signed in.
#[derive(Debug, Serialize)]
pub(super) struct LiveSession {
    id: SessionId,
    device: DeviceName,
    user_agent: Option<String>,
    address: Option<IpAddr>,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    current: bool,
}

impl From<SessionView> for LiveSession {
    fn from(SessionView { session, current }: SessionView) -> Self {
        let expires_at = session.expires_at();
        let Session { id, device, user_agent, address, created_at, last_seen_at, .. } = session;
        Self { id, device, user_agent, address, created_at, last_seen_at, expires_at, current }
    }
}

impl LiveSession {
    /// What a list shows.
    pub(super) const LISTED: &[Column<Self>] = &[
        ("id", |session| session.id.to_string()),
        ("device", |session| session.device.to_string()),
        ("address", |session| text(session.address.as_ref())),
        ("created", |session| moment(session.created_at)),
        ("last seen", |session| moment(session.last_seen_at)),
        ("expires", |session| moment(session.expires_at)),
    ];
}

/// A key that tokens are signed with.
#[derive(Debug, Serialize)]
pub(super) struct SigningKey {
    pub(super) kid: KeyId,
    pub(super) algorithm: KeyAlgorithm,
    state: &'static str,
    created_at: Timestamp,
    signs_from: Timestamp,
    retired_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    accepted_until: Option<Timestamp>,
}

impl From<KeyView> for SigningKey {
    fn from(KeyView { record, state, accepted_until }: KeyView) -> Self {
        Self {
            kid: record.id,
            algorithm: record.algorithm,
            state: state.as_str(),
            created_at: record.created_at,
            signs_from: record.signs_from,
            retired_at: record.retired_at,
            revoked_at: record.revoked_at,
            accepted_until,
        }
    }
}

impl SigningKey {
    /// What a list shows.
    pub(super) const LISTED: &[Column<Self>] = &[
        ("kid", |key| key.kid.to_string()),
        ("algorithm", |key| key.algorithm.to_string()),
        ("state", |key| key.state.to_owned()),
        ("created", |key| moment(key.created_at)),
        ("signs from", |key| moment(key.signs_from)),
        ("retired", |key| key.retired_at.map(moment).unwrap_or_default()),
        ("accepted until", |key| key.accepted_until.map(moment).unwrap_or_default()),
    ];

    pub(super) fn begins(&self) -> String {
        moment(self.signs_from)
    }

    pub(super) fn ends(&self) -> String {
        self.accepted_until.map(moment).unwrap_or_default()
    }
}

fn text(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn yes_or_no(value: bool) -> String {
    (if value { "yes" } else { "no" }).to_owned()
}

/// In a list without blanks, so that a column stays one to `awk`.
fn joined<'a, T: ToString + 'a>(values: impl IntoIterator<Item = &'a T>, separator: &str) -> String {
    values.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

/// To the second: more only widens the table.
fn moment(at: Timestamp) -> String {
    let exact = at.to_string();
    exact.split_once('.').map_or_else(|| exact.clone(), |(second, _)| format!("{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_to_the_second() {
        assert_eq!(moment(Timestamp::from_micros(1_700_000_000_000_001)), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn values_are_joined_in_their_order() {
        assert_eq!(joined(&BTreeSet::from([RoleName::user(), RoleName::admin()]), ","), "admin,user");
    }
}
