//! The sessions of accounts.
pub(crate) mod end;
mod list;

use crate::Services;
use crate::services::Subject;
use async_trait::async_trait;
use doorward_domain::{SessionId, UserId};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{SessionView, Sessions};
use doorward_ports::{Caller, Cursor, Limit, Page, Result};

#[async_trait]
impl Sessions for Services {
    async fn own(&self, caller: &Caller, cursor: Option<Cursor>, limit: Limit) -> Result<Page<SessionView>> {
        list::own(self.authorize_own(caller, Operation::ListOwnSessions)?, cursor, limit).await
    }

    async fn end_own(&self, caller: &Caller, id: SessionId) -> Result<()> {
        end::own(self.authorize_own(caller, Operation::EndOwnSession)?, id).await
    }

    async fn end_own_others(&self, caller: &Caller) -> Result<()> {
        end::own_others(self.authorize_own(caller, Operation::EndOwnOtherSessions)?).await
    }

    async fn of_user(
        &self,
        caller: &Caller,
        user: UserId,
        cursor: Option<Cursor>,
        limit: Limit,
    ) -> Result<Page<SessionView>> {
        list::of_user(self.authorize(caller, Operation::ListUserSessions)?, user, cursor, limit).await
    }

    async fn end_of_user(&self, caller: &Caller, user: UserId) -> Result<()> {
        let done = end::of_user(self.authorize(caller, Operation::EndUserSessions)?, user).await;
        self.unless_denied(caller, (Operation::EndUserSessions, Subject::User(user)), done).await
    }
}
