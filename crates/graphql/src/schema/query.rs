use super::connection::page;
use super::ids;
use super::inputs::{AuditFilter, UserFilter, UserOrder};
use super::types::{
    AuditEvent, AuditEventConnection, Factors, Identity, NodeValue, Permission, PermissionConnection, Role,
    RoleConnection, Session, SessionConnection, SignInProvider, User, UserConnection,
};
use crate::context::Context;
use crate::refusal::Refusal;
use doorward_ports::ErrorCode;
use doorward_ports::access::Operation;
use doorward_ports::inbound::UserQuery;
use juniper::{ID, graphql_object};
use std::sync::Arc;

/// A value, or null and an error.
type Answer<T> = Result<Option<T>, Refusal>;

/// What can be read.
pub(crate) struct Query;

#[graphql_object(context = Context)]
impl Query {
    /// Your own account.
    async fn me(context: &Context) -> Answer<User> {
        let caller = context.admit(Operation::ReadOwnAccount).await?;
        let user = context.told(context.ports.accounts.own(&caller).await)?;
        Ok(Some(Arc::unwrap_or_clone(user).into()))
    }

    /// The account with this id.
    async fn user(context: &Context, id: ID) -> Answer<User> {
        user(context, &id).await
    }

    /// Accounts, the newest first unless another order is asked for.
    async fn users(
        context: &Context,
        first: Option<i32>,
        after: Option<String>,
        filter: Option<UserFilter>,
        order_by: Option<UserOrder>,
    ) -> Answer<UserConnection> {
        let caller = context.admit(Operation::ListUsers).await?;
        let (cursor, limit) = context.told(page(first, after))?;
        let sort = order_by.map(|order| order.as_str().to_owned());
        let query = UserQuery { cursor, limit, sort, ..filter.unwrap_or_default().into() };
        let page = context.told(context.ports.accounts.list(&caller, query).await)?;
        Ok(Some(UserConnection::of(User::of_page(page), |user| user)))
    }

    /// Roles, by name.
    async fn roles(context: &Context, first: Option<i32>, after: Option<String>) -> Answer<RoleConnection> {
        let caller = context.admit(Operation::ListRoles).await?;
        let (cursor, limit) = context.told(page(first, after))?;
        let page = context.told(context.ports.roles.list(&caller, cursor, limit).await)?;
        Ok(Some(RoleConnection::of(page, Role::from)))
    }

    /// Permissions, by name.
    async fn permissions(context: &Context, first: Option<i32>, after: Option<String>) -> Answer<PermissionConnection> {
        let caller = context.admit(Operation::ListPermissions).await?;
        let (cursor, limit) = context.told(page(first, after))?;
        let page = context.told(context.ports.roles.list_permissions(&caller, cursor, limit).await)?;
        Ok(Some(PermissionConnection::of(page, Permission::from)))
    }

    /// Your own sessions, the newest first.
    async fn sessions(context: &Context, first: Option<i32>, after: Option<String>) -> Answer<SessionConnection> {
        let caller = context.admit(Operation::ListOwnSessions).await?;
        let (cursor, limit) = context.told(page(first, after))?;
        let page = context.told(context.ports.sessions.own(&caller, cursor, limit).await)?;
        Ok(Some(SessionConnection::of(page, Session::from)))
    }

    /// The sessions of an account, the newest first.
    async fn user_sessions(
        context: &Context,
        user_id: ID,
        first: Option<i32>,
        after: Option<String>,
    ) -> Answer<SessionConnection> {
        let caller = context.admit(Operation::ListUserSessions).await?;
        let user = context.told(ids::parse(&user_id, ErrorCode::UserNotFound))?;
        let (cursor, limit) = context.told(page(first, after))?;
        let page = context.told(context.ports.sessions.of_user(&caller, user, cursor, limit).await)?;
        Ok(Some(SessionConnection::of(page, Session::from)))
    }

    /// The identities at providers that sign in to your account, oldest first.
    async fn identities(context: &Context) -> Answer<Vec<Identity>> {
        let caller = context.admit(Operation::ListOwnIdentities).await?;
        let identities = context.told(context.ports.identities.own(&caller).await)?;
        Ok(Some(identities.into_iter().map(Identity::from).collect()))
    }

    /// The ways to sign in: the password first, and then the providers, in the order in which pages show them.
    async fn providers(context: &Context) -> Answer<Vec<SignInProvider>> {
        let caller = context.admit(Operation::ListSignInProviders).await?;
        let offered = context.told(context.ports.providers.offered(&caller).await)?;
        Ok(Some(offered.into_iter().map(SignInProvider::from).collect()))
    }

    /// Your own second factors.
    async fn factors(context: &Context) -> Answer<Factors> {
        let caller = context.admit(Operation::ListOwnFactors).await?;
        let list = context.told(context.ports.second_factors.own(&caller).await)?;
        Ok(Some(list.into()))
    }

    /// Lines of the audit log, the newest first.
    async fn audit_events(
        context: &Context,
        first: Option<i32>,
        after: Option<String>,
        filter: Option<AuditFilter>,
    ) -> Answer<AuditEventConnection> {
        let caller = context.admit(Operation::ListAuditEvents).await?;
        let (cursor, limit) = context.told(page(first, after))?;
        let query = filter.unwrap_or_default().into();
        let page = context.told(context.ports.audit_trail.list(&caller, query, cursor, limit).await)?;
        Ok(Some(AuditEventConnection::of(page, AuditEvent::from)))
    }

    /// The account or the role with this id.
    async fn node(context: &Context, id: ID) -> Answer<NodeValue> {
        match ids::role_name(&id) {
            Some(name) => role(context, name).await.map(|role| role.map(NodeValue::from)),
            None => user(context, &id).await.map(|user| user.map(NodeValue::from)),
        }
    }
}

async fn user(context: &Context, id: &ID) -> Answer<User> {
    let caller = context.admit(Operation::ReadUser).await?;
    let id = context.told(ids::parse(id, ErrorCode::UserNotFound))?;
    let user = context.told(context.ports.accounts.get(&caller, id).await)?;
    Ok(Some(Arc::unwrap_or_clone(user).into()))
}

async fn role(context: &Context, name: &str) -> Answer<Role> {
    let caller = context.admit(Operation::ReadRole).await?;
    let role = context.told(context.ports.roles.get(&caller, name).await)?;
    Ok(Some(role.into()))
}
