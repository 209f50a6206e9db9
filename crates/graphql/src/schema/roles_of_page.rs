use crate::context::Context;
use crate::refusal::Refusal;
use doorward_domain::{Role, RoleName};
use doorward_ports::access::Operation;
use std::collections::{BTreeSet, HashMap};
use tokio::sync::OnceCell;

/// The roles of all accounts of a page. They are read together, when the first account is asked for its roles.
pub(super) struct RolesOfPage {
    names: BTreeSet<RoleName>,
    /// The refusal is kept too: it is one question, whatever its answer.
    read: OnceCell<Result<HashMap<RoleName, Role>, Refusal>>,
}

impl RolesOfPage {
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a RoleName>) -> Self {
        Self { names: names.cloned().collect(), read: OnceCell::new() }
    }

    /// Those with these names. One that was deleted meanwhile is absent.
    pub(super) async fn named(&self, context: &Context, names: &BTreeSet<RoleName>) -> Result<Vec<Role>, Refusal> {
        let read = self.read.get_or_init(|| self.read(context)).await.as_ref().map_err(Refusal::clone)?;
        Ok(names.iter().filter_map(|name| read.get(name).cloned()).collect())
    }

    async fn read(&self, context: &Context) -> Result<HashMap<RoleName, Role>, Refusal> {
        let caller = context.admit(Operation::ReadRole).await?;
        let names: Vec<RoleName> = self.names.iter().cloned().collect();
        let roles = context.told(context.ports.roles.get_many(&caller, &names).await)?;
        Ok(roles.into_iter().map(|role| (role.name.clone(), role)).collect())
    }
}
