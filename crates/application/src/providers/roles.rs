//! The roles that the groups of a provider give.
use super::Proven;
use crate::services::{Subject, Work};
use crate::subjects;
use doorward_domain::{AuditAction, Provider, RoleName, User};
use doorward_ports::Result;
use doorward_ports::outbound::Guard;
use serde_json::json;

/// Gives and takes the roles of the provider's map, and no other. The account is locked. What can't be done is recorded, and
/// keeps nobody from signing in.
pub(super) async fn follow(work: &mut Work<'_>, user: User, (provider, proven): (&Provider, &Proven)) -> Result<User> {
    if provider.roles.is_empty() {
        return Ok(user);
    }
    let mut following = Following { work, user, provider };
    let Some(groups) = &proven.groups else {
        following.record(AuditAction::RoleGranted, None, Some("groups_withheld")).await?;
        return Ok(following.user);
    };
    let changes = provider.roles.changes(&following.user.roles, groups);
    if changes.grant.is_empty() && changes.revoke.is_empty() {
        return Ok(following.user);
    }
    // Before the guard of the last administrator, in the order of their names, as everywhere else.
    let mut granted = Vec::new();
    for role in changes.grant {
        granted.push((role, following.work.roles().lock(role).await?.is_some()));
    }
    for role in changes.revoke {
        following.revoke(role).await?;
    }
    for (role, exists) in granted {
        following.grant(role, exists).await?;
    }
    following.read_again().await
}

/// Takes all roles of the provider's map from somebody whose identity there is forgotten: they were given to whoever had it.
pub(crate) async fn withdraw(work: &mut Work<'_>, user: User, provider: &Provider) -> Result<User> {
    let mapped = provider.roles.roles();
    let held: Vec<_> = user.roles.iter().filter(|role| mapped.contains(role)).cloned().collect();
    if held.is_empty() {
        return Ok(user);
    }
    let mut following = Following { work, user, provider };
    for role in &held {
        following.revoke(role).await?;
    }
    following.read_again().await
}

struct Following<'a, 'w> {
    work: &'a mut Work<'w>,
    user: User,
    provider: &'a Provider,
}

impl Following<'_, '_> {
    async fn grant(&mut self, role: &RoleName, exists: bool) -> Result<()> {
        let mut roles = self.user.roles.clone();
        roles.insert(role.clone());
        let refused = if !exists {
            Some("role_not_found")
        } else if subjects::held_together(&roles).is_err() {
            Some("too_many_roles")
        } else {
            None
        };
        if refused.is_none() {
            let now = self.work.now;
            self.work.users().grant(self.user.id, role, now).await?;
            self.user.roles = roles;
        }
        self.record(AuditAction::RoleGranted, Some(role), refused).await
    }

    async fn revoke(&mut self, role: &RoleName) -> Result<()> {
        if *role == RoleName::admin() && self.is_the_last_admin().await? {
            return self.record(AuditAction::RoleRevoked, Some(role), Some("last_admin")).await;
        }
        let now = self.work.now;
        self.work.users().revoke(self.user.id, role, now).await?;
        self.user.roles.remove(role);
        self.record(AuditAction::RoleRevoked, Some(role), None).await
    }

    /// Of somebody who is signing in, and so is active.
    async fn is_the_last_admin(&mut self) -> Result<bool> {
        self.work.guard(Guard::LastAdmin).await?;
        Ok(self.work.users().active_holders(&RoleName::admin()).await? <= 1)
    }

    async fn record(&mut self, action: AuditAction, role: Option<&RoleName>, refused: Option<&str>) -> Result<()> {
        let mut details = json!({ "provider": self.provider.name });
        if let Some(role) = role {
            details["role"] = role.as_str().into();
        }
        let subject = Subject::User(self.user.id);
        match refused {
            None => self.work.audit_with(action, subject, details).await?,
            Some(reason) => {
                details["reason"] = reason.into();
                self.work.audit_refusal_with(action, subject, details).await?;
            }
        }
        Ok(())
    }

    /// With the version that the changes have made.
    async fn read_again(self) -> Result<User> {
        Ok(self.work.users().by_id(self.user.id).await?.unwrap_or(self.user))
    }
}
