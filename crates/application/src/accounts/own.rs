use super::change::save;
use super::details::apply_profile;
use super::user_not_found;
use crate::fields::Fields;
use crate::services::OwnAct;
use crate::subjects;
use doorward_domain::User;
use doorward_ports::inbound::ProfileChange;
use doorward_ports::{Result, Versions};
use std::sync::Arc;

pub(super) async fn read(own: OwnAct<'_>) -> Result<Arc<User>> {
    own.act.tools().users.find(&own.owner.user).await?.ok_or_else(user_not_found)
}

pub(super) async fn change(
    OwnAct { mut act, owner }: OwnAct<'_>,
    change: ProfileChange,
    versions: Option<Versions>,
) -> Result<User> {
    let mut work = act.begin().await?;
    let before = work.users().lock(owner.user).await?.ok_or_else(user_not_found)?;
    subjects::of_version(before.version, versions.as_ref())?;
    let mut fields = Fields::default();
    let mut after = before.clone();
    apply_profile(&mut after, &change, &mut fields);
    fields.finish()?;
    let after = save(&mut work, &before, after).await?;
    work.commit().await?;
    Ok(after)
}
