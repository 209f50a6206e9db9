//! What is shown. The values are those of `doorward-views`.
use super::connection::{PageInfo, connection};
use super::ids::{id, role_id};
use super::roles_of_page::RolesOfPage;
use super::scalars::DateTime;
use crate::context::Context;
use crate::refusal::Refusal;
use doorward_domain as domain;
use doorward_ports::Page;
use doorward_ports::inbound::FactorList;
use doorward_views as views;
use juniper::{GraphQLInterface, GraphQLObject, ID, graphql_object};
use std::sync::Arc;

/// Something that `node` finds by its id.
#[derive(GraphQLInterface)]
#[graphql(for = [User, Role], context = Context)]
pub(super) struct Node {
    /// The id, which nothing else has.
    id: ID,
}

/// An account.
pub(super) struct User {
    view: views::User,
    roles: Arc<RolesOfPage>,
}

impl User {
    /// The accounts of a page.
    pub(super) fn of_page(page: Page<domain::User>) -> Page<Self> {
        let roles = Arc::new(RolesOfPage::of(page.items.iter().flat_map(|user| &user.roles)));
        let user = |user: domain::User| Self { view: user.into(), roles: roles.clone() };
        Page { items: page.items.into_iter().map(user).collect(), next: page.next }
    }
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        let roles = Arc::new(RolesOfPage::of(user.roles.iter()));
        Self { view: user.into(), roles }
    }
}

#[graphql_object(context = Context, impl = NodeValue)]
impl User {
    /// The id of the account, as in REST and in the claim `sub` of tokens.
    fn id(&self) -> ID {
        id(self.view.id)
    }

    /// The e-mail address, with which the owner signs in.
    fn email(&self) -> &str {
        self.view.email.as_str()
    }

    /// Whether the e-mail address is verified.
    fn email_verified(&self) -> bool {
        self.view.email_verified
    }

    /// The username, with which the owner can sign in instead of the e-mail address.
    fn username(&self) -> Option<&str> {
        self.view.username.as_ref().map(domain::Username::as_str)
    }

    /// The full name of the owner.
    fn full_name(&self) -> Option<&str> {
        self.view.full_name.as_ref().map(domain::PersonName::as_str)
    }

    /// The language of the owner (BCP 47).
    fn locale(&self) -> Option<&str> {
        self.view.locale.as_ref().map(domain::Locale::as_str)
    }

    /// Whether the account is enabled. A disabled account keeps its data and can do nothing.
    fn is_active(&self) -> bool {
        self.view.is_active
    }

    /// The names of the roles of the account, sorted.
    fn role_names(&self) -> Vec<&str> {
        self.view.roles.iter().map(domain::RoleName::as_str).collect()
    }

    /// The roles of the account, sorted by name.
    async fn roles(&self, context: &Context) -> Result<Option<Vec<Role>>, Refusal> {
        let roles = self.roles.named(context, &self.view.roles).await?;
        Ok(Some(roles.into_iter().map(Role::from).collect()))
    }

    /// When the account was created.
    fn created_at(&self) -> DateTime {
        self.view.created_at.into()
    }

    /// When the account was last changed.
    fn updated_at(&self) -> DateTime {
        self.view.updated_at.into()
    }

    /// When the owner last signed in.
    fn last_sign_in_at(&self) -> Option<DateTime> {
        self.view.last_sign_in_at.map(DateTime::from)
    }

    /// The id of the account in the system that it comes from.
    fn external_id(&self) -> Option<&str> {
        self.view.external_id.as_ref().map(domain::ExternalId::as_str)
    }
}

/// A named set of permissions that can be granted to accounts and client apps.
#[derive(GraphQLObject)]
#[graphql(context = Context, impl = NodeValue)]
pub(super) struct Role {
    /// The id of the role: `role:` and its name.
    id: ID,
    /// The name of the role.
    name: String,
    /// The purpose of the role, for people.
    description: Option<String>,
    /// The names of the permissions of the role, sorted.
    permissions: Vec<String>,
    /// Whether the role belongs to Doorward itself, so that it can't be changed or deleted.
    is_system: bool,
    /// When the role was created.
    created_at: DateTime,
    /// When the role was last changed.
    updated_at: DateTime,
}

impl From<domain::Role> for Role {
    fn from(role: domain::Role) -> Self {
        let view = views::Role::from(role);
        Self {
            id: role_id(&view.name),
            name: view.name.to_string(),
            description: view.description.map(|description| description.to_string()),
            permissions: view.permissions.iter().map(ToString::to_string).collect(),
            is_system: view.is_system,
            created_at: view.created_at.into(),
            updated_at: view.updated_at.into(),
        }
    }
}

/// A permission that can be granted to roles.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct Permission {
    /// The name of the permission.
    name: String,
    /// What the permission allows, for people.
    description: Option<String>,
    /// Whether the permission belongs to Doorward itself, so that it can't be deleted.
    is_system: bool,
    /// When the permission was created.
    created_at: DateTime,
}

impl From<domain::PermissionEntry> for Permission {
    fn from(entry: domain::PermissionEntry) -> Self {
        let view = views::Permission::from(entry);
        Self {
            name: view.name.to_string(),
            description: view.description.map(|description| description.to_string()),
            is_system: view.is_system,
            created_at: view.created_at.into(),
        }
    }
}

/// A live session of an account.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct Session {
    /// The id of the session.
    id: ID,
    /// A name of the device for people, derived from the user agent.
    device: String,
    /// The `User-Agent` of the device.
    user_agent: Option<String>,
    /// The IP address of the sign-in.
    address: Option<String>,
    /// When the session began.
    created_at: DateTime,
    /// When the session was last used.
    last_seen_at: DateTime,
    /// When the session ends, unless it is refreshed or used before.
    expires_at: DateTime,
    /// Whether it is the session of this request.
    current: bool,
}

impl From<doorward_ports::inbound::SessionView> for Session {
    fn from(session: doorward_ports::inbound::SessionView) -> Self {
        let view = views::Session::from(session);
        Self {
            id: id(view.id),
            device: view.device.to_string(),
            user_agent: view.user_agent,
            address: view.address.map(|address| address.to_string()),
            created_at: view.created_at.into(),
            last_seen_at: view.last_seen_at.into(),
            expires_at: view.expires_at.into(),
            current: view.current,
        }
    }
}

/// A person at a provider who signs in to the account.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct Identity {
    /// The id of the identity.
    id: ID,
    /// The name of the provider.
    provider: String,
    /// The issuer of the provider.
    issuer: String,
    /// The subject that the provider gives to this person only.
    subject: String,
    /// When the identity was linked to the account.
    linked_at: DateTime,
    /// When somebody last signed in with it.
    last_used_at: Option<DateTime>,
}

impl From<domain::Identity> for Identity {
    fn from(identity: domain::Identity) -> Self {
        let view = views::Identity::from(identity);
        Self {
            id: id(view.id),
            provider: view.provider.to_string(),
            issuer: view.issuer,
            subject: view.subject,
            linked_at: view.linked_at.into(),
            last_used_at: view.last_used_at.map(DateTime::from),
        }
    }
}

/// A way to sign in.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct SignInProvider {
    /// The name of the provider in requests; `local` is the password.
    name: String,
    /// The name of the provider for people.
    display_name: String,
    /// The kind of the provider; `local` for the password.
    kind: String,
    /// The icon of the provider, if it has one.
    icon: Option<String>,
    /// Whether the provider could be used at the last check.
    available: bool,
    /// Since when that is so; null if it was never checked.
    since: Option<DateTime>,
}

impl From<doorward_ports::inbound::OfferedProvider> for SignInProvider {
    fn from(offered: doorward_ports::inbound::OfferedProvider) -> Self {
        let view = views::SignInProvider::from(offered);
        Self {
            name: view.name,
            display_name: view.display_name,
            kind: view.kind.to_owned(),
            icon: view.icon,
            available: view.available,
            since: view.since.map(DateTime::from),
        }
    }
}

/// A second factor of an account.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct Factor {
    /// The id of the factor.
    id: ID,
    /// The kind of the factor.
    kind: String,
    /// The name that its owner has given it.
    name: String,
    /// When it was enrolled.
    created_at: DateTime,
    /// When a code of it was last accepted.
    last_used_at: Option<DateTime>,
}

impl From<domain::Factor> for Factor {
    fn from(factor: domain::Factor) -> Self {
        let view = views::Factor::from(factor);
        Self {
            id: id(view.id),
            kind: view.kind.to_owned(),
            name: view.name.to_string(),
            created_at: view.created_at.into(),
            last_used_at: view.last_used_at.map(DateTime::from),
        }
    }
}

/// The second factors of an account.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct Factors {
    /// The factors that a sign-in asks for, oldest first.
    factors: Vec<Factor>,
    /// The number of recovery codes that are not used.
    recovery_codes_left: i32,
}

impl From<FactorList> for Factors {
    fn from(list: FactorList) -> Self {
        Self {
            factors: list.factors.into_iter().map(Factor::from).collect(),
            recovery_codes_left: i32::try_from(list.recovery_codes_left).unwrap_or(i32::MAX),
        }
    }
}

/// A line of the audit log.
#[derive(GraphQLObject)]
#[graphql(context = Context)]
pub(super) struct AuditEvent {
    /// The id of the line.
    id: ID,
    /// The number of the line in the order of the log, in decimal digits. It is null until the line has one.
    seq: Option<String>,
    /// When it happened.
    occurred_at: DateTime,
    /// Who acted: `anonymous`, `operator`, `user:ID` or `client:ID`.
    actor: String,
    /// The action.
    action: String,
    /// The target of the action, such as `user:ID`, `session:ID` or `role:NAME`. It is null for a name without an account.
    subject: Option<String>,
    /// The id of the account that the line concerns, if it concerns one.
    account_id: Option<ID>,
    /// Whether the action was done (`success`), or tried and refused (`failure`).
    outcome: String,
    /// The correlation id of the request.
    correlation_id: String,
    /// The IP address of the caller, until the account that it belongs to is deleted.
    address: Option<String>,
    /// The `User-Agent` of the caller, likewise.
    user_agent: Option<String>,
    /// Further data, depending on the action: an object in JSON.
    details: String,
}

impl From<doorward_ports::inbound::ListedEvent> for AuditEvent {
    fn from(event: doorward_ports::inbound::ListedEvent) -> Self {
        let view = views::AuditEvent::from(event);
        Self {
            id: id(view.id),
            seq: view.seq.map(|seq| seq.to_string()),
            occurred_at: view.occurred_at.into(),
            actor: view.actor,
            action: view.action.to_owned(),
            subject: view.subject,
            account_id: view.account_id.map(id),
            outcome: view.outcome.to_owned(),
            correlation_id: view.correlation_id,
            address: view.address.map(|address| address.to_string()),
            user_agent: view.user_agent,
            details: view.details.to_string(),
        }
    }
}

connection!(
    /// A page of accounts.
    UserConnection, UserEdge, User
);
connection!(
    /// A page of roles.
    RoleConnection, RoleEdge, Role
);
connection!(
    /// A page of permissions.
    PermissionConnection, PermissionEdge, Permission
);
connection!(
    /// A page of sessions.
    SessionConnection, SessionEdge, Session
);
connection!(
    /// A page of lines of the audit log.
    AuditEventConnection, AuditEventEdge, AuditEvent
);
