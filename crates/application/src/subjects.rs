//! Rules about whom and what an operation touches, beside the table of who may do it at all.
use crate::fields::{Fields, item_of};
use crate::services::Work;
use doorward_domain::{HELD_ROLES_BYTES, PermissionSet, RoleName, UserId};
use doorward_ports::outbound::Guard;
use doorward_ports::{Actor, Caller, Error, ErrorCode, Result, Versions};
use std::collections::BTreeSet;

/// Nobody grants, or edits a role or an account that holds, a permission they lack: else whoever may edit accounts could
/// take over an administrator's. Nobody can widen their own permissions, which would be to grant what they lack.
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
        "This touches permissions that you do not hold yourself. Ask somebody who does.",
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
            "The names of these roles, each with three characters more, are longer than {HELD_ROLES_BYTES} together, which \
             is what a token can list. Take a role away first, or make one role of several."
        ),
    ))
}

/// Refuses roles that do not exist, each by its place in the list that was typed, that hold more than the caller does, or
/// that are too many. Keeps them from change until the work ends.
pub(crate) async fn grantable(work: &mut Work<'_>, typed: &[String], roles: &BTreeSet<RoleName>) -> Result<()> {
    held_together(roles)?;
    let mut fields = Fields::default();
    for name in roles {
        match work.roles().lock(name).await? {
            Some(role) => within_own(work.caller, &role.permissions)?,
            None => {
                let pointer = item_of("/roles", typed, name.as_str());
                fields.refuse(&pointer, "role_not_found", &format!("{name} is no role. Make it first."));
            }
        }
    }
    fields.finish()
}

/// Refuses what this work has done so far if it leaves nobody who administers. Others who ask the same wait until this
/// work has ended: two administrators cannot demote each other.
pub(crate) async fn an_admin_remains(work: &mut Work<'_>) -> Result<()> {
    work.guard(Guard::LastAdmin).await?;
    if work.users().active_holders(&RoleName::admin()).await? > 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::LastAdmin,
        "This is the last active administrator. Give somebody else the role admin first.",
    ))
}

/// Refuses when the thing has changed since the caller read it.
pub(crate) fn of_version(present: i64, meant: Option<&Versions>) -> Result<()> {
    match meant {
        Some(versions) if !versions.include(present) => Err(Error::new(
            ErrorCode::VersionMismatch,
            "It has been changed since you read it. Read it again, then repeat the change.",
        )),
        _ => Ok(()),
    }
}
