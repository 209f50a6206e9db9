use super::change::save;
use super::details::apply_profile;
use super::user_not_found;
use crate::Services;
use crate::fields::Fields;
use crate::subjects;
use doorward_domain::User;
use doorward_ports::access::{self, Operation};
use doorward_ports::inbound::ProfileChange;
use doorward_ports::{Caller, Result};
use std::sync::Arc;

pub(super) async fn read(services: &Services, caller: &Caller) -> Result<Arc<User>> {
    let signed_in = access::authorize_own(caller, Operation::ReadOwnAccount)?;
    services.tools.users.user(signed_in.user).await?.ok_or_else(user_not_found)
}

pub(super) async fn change(
    services: &Services,
    caller: &Caller,
    change: ProfileChange,
    version: Option<i64>,
) -> Result<User> {
    let signed_in = access::authorize_own(caller, Operation::ChangeOwnAccount)?;
    let mut work = services.tools.store.write().await?;
    let before = work.users().lock(signed_in.user).await?.ok_or_else(user_not_found)?;
    subjects::of_version(before.version, version)?;
    let mut fields = Fields::default();
    let mut after = before.clone();
    apply_profile(&mut after, &change, &mut fields);
    fields.finish()?;
    let after = save(services, caller, &mut *work, &before, after).await?;
    work.commit().await?;
    Ok(after)
}
