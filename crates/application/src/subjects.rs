//! Rules about the target of an operation, in addition to the access table.
use crate::fields::{Fields, item_of};
use crate::services::Work;
use doorward_domain::{HELD_ROLES_BYTES, PermissionSet, RoleName, UserId};
use doorward_ports::outbound::Guard;
use doorward_ports::{Actor, Caller, Error, ErrorCode, Result, Versions};
use std::collections::BTreeSet;

/// Callers can't grant a permission that they lack, or change a role or an account that has one: otherwise everybody
/// who may change accounts could take over an administrator's. So nobody can extend their own permissions.
pub(crate) fn within_own(caller: &Caller, touched: &PermissionSet) -> Result<()> {
    let nothing = PermissionSet::new();
    let held = match &caller.actor {
        Actor::Operator => return Ok(()),
        actor => actor.permissions().unwrap_or(&nothing),
    };
    if held.covers(touched) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ExceedsOwnPermissions,
        "This needs permissions that you do not have yourself. Ask somebody who has them.",
    ))
}

/// [`within_own`] for an account.
pub(crate) async fn account_within_own(work: &mut Work<'_>, account: UserId) -> Result<()> {
    let held = work.roles().permissions_of(account).await?;
    within_own(work.caller, &held)
}

/// Refuses more roles than a token can list.
pub(crate) fn held_together(roles: &BTreeSet<RoleName>) -> Result<()> {
    if RoleName::can_be_held_together(roles) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::TooManyRoles,
        format!(
            "The names of these roles, with three characters added for each, have more than {HELD_ROLES_BYTES} characters, \
             which is the limit of a token. Revoke a role first, or combine several roles into one."
        ),
    ))
}

/// Refuses roles that do not exist (each by its position in the list), that have more permissions than the caller, or
/// that are too many. Locks the roles until the work ends.
pub(crate) async fn grantable(work: &mut Work<'_>, typed: &[String], roles: &BTreeSet<RoleName>) -> Result<()> {
    held_together(roles)?;
    let mut fields = Fields::default();
    for name in roles {
        match work.roles().lock(name).await? {
            Some(role) => within_own(work.caller, &role.permissions)?,
            None => {
                let pointer = item_of("/roles", typed, name.as_str());
                fields.refuse(&pointer, "role_not_found", &format!("{name} is not a role. Create it first."));
            }
        }
    }
    fields.finish()
}

/// Refuses the changes of this work if they leave no active administrator. Other calls with this check wait until this
/// work has ended: two administrators can't demote each other.
pub(crate) async fn an_admin_remains(work: &mut Work<'_>) -> Result<()> {
    work.guard(Guard::LastAdmin).await?;
    if work.users().active_holders(&RoleName::admin()).await? > 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::LastAdmin,
        "This is the last active administrator. Grant the role admin to another account first.",
    ))
}

/// Refuses the change if the resource has changed since the caller read it.
pub(crate) fn of_version(present: i64, meant: Option<&Versions>) -> Result<()> {
    match meant {
        Some(versions) if !versions.include(present) => Err(Error::new(
            ErrorCode::VersionMismatch,
            "The resource has changed since you read it. Read it again, then repeat your change.",
        )),
        _ => Ok(()),
    }
}
