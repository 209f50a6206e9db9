//! Accounts: creating, reading, changing, deleting.
mod change;
mod create;
mod delete;
mod details;
mod export;
mod invite;
mod own;
mod passwords;
mod query;
mod register;
mod roles;

use crate::Services;
use crate::services::Subject;
use async_trait::async_trait;
use doorward_domain::{User, UserId};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    AccountChange, Accounts, NewAccount, OwnData, PasswordChange, ProfileChange, Registered, Registration, UserQuery,
};
use doorward_ports::{Caller, Error, ErrorCode, Page, Result, Secret, Versions};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) use change::{save, save_as};
pub(crate) use create::first_admin;
pub(crate) use details::{Details, new_password};
pub(crate) use passwords::{good_password, refuse_the_same};

#[async_trait]
impl Accounts for Services {
    async fn register(&self, caller: &Caller, registration: Registration) -> Result<Registered> {
        register::register(self.authorize(caller, Operation::Register)?, registration).await
    }

    async fn own(&self, caller: &Caller) -> Result<Arc<User>> {
        own::read(self.authorize_own(caller, Operation::ReadOwnAccount)?).await
    }

    async fn change_own(&self, caller: &Caller, change: ProfileChange, versions: Option<Versions>) -> Result<User> {
        own::change(self.authorize_own(caller, Operation::ChangeOwnAccount)?, change, versions).await
    }

    async fn export_own(&self, caller: &Caller) -> Result<OwnData> {
        export::export(self.authorize_own(caller, Operation::ExportOwnData)?).await
    }

    async fn delete_own(&self, caller: &Caller) -> Result<()> {
        let own = self.authorize_own(caller, Operation::DeleteOwnAccount)?;
        let user = own.owner.user;
        let deleted = delete::delete(own.act, user).await;
        self.unless_denied(caller, (Operation::DeleteOwnAccount, Subject::User(user)), deleted).await
    }

    async fn change_own_password(&self, caller: &Caller, change: PasswordChange) -> Result<()> {
        passwords::change_own(self.authorize_own(caller, Operation::ChangeOwnPassword)?, change).await?;
        self.was_no_guess(caller, Operation::ChangeOwnPassword).await;
        Ok(())
    }

    async fn list(&self, caller: &Caller, query: UserQuery) -> Result<Page<User>> {
        query::list(self.authorize(caller, Operation::ListUsers)?, query).await
    }

    async fn create(&self, caller: &Caller, account: NewAccount) -> Result<User> {
        let created = create::create(self.authorize(caller, Operation::CreateUser)?, account).await;
        self.unless_denied(caller, (Operation::CreateUser, Subject::Unknown), created).await
    }

    async fn get(&self, caller: &Caller, id: UserId) -> Result<Arc<User>> {
        query::get(self.authorize(caller, Operation::ReadUser)?, id).await
    }

    async fn find(&self, caller: &Caller, name: &str) -> Result<User> {
        query::find(self.authorize(caller, Operation::ReadUser)?, name).await
    }

    async fn change(
        &self,
        caller: &Caller,
        id: UserId,
        change: AccountChange,
        versions: Option<Versions>,
    ) -> Result<User> {
        let done = change::change(self.authorize(caller, Operation::ChangeUser)?, id, change, versions).await;
        self.unless_denied(caller, (Operation::ChangeUser, Subject::User(id)), done).await
    }

    async fn delete(&self, caller: &Caller, id: UserId) -> Result<()> {
        let done = delete::delete(self.authorize(caller, Operation::DeleteUser)?, id).await;
        self.unless_denied(caller, (Operation::DeleteUser, Subject::User(id)), done).await
    }

    async fn set_password(&self, caller: &Caller, id: UserId, password: Secret) -> Result<()> {
        let done = passwords::set(self.authorize(caller, Operation::SetUserPassword)?, id, (&password, false)).await;
        self.unless_denied(caller, (Operation::SetUserPassword, Subject::User(id)), done).await
    }

    async fn set_temporary_password(&self, caller: &Caller, id: UserId, password: Secret) -> Result<()> {
        let done = passwords::set(self.authorize(caller, Operation::SetUserPassword)?, id, (&password, true)).await;
        self.unless_denied(caller, (Operation::SetUserPassword, Subject::User(id)), done).await
    }

    async fn unlock(&self, caller: &Caller, id: UserId) -> Result<()> {
        let done = passwords::unlock(self.authorize(caller, Operation::UnlockUser)?, id).await;
        self.unless_denied(caller, (Operation::UnlockUser, Subject::User(id)), done).await
    }

    async fn invite(&self, caller: &Caller, id: UserId) -> Result<()> {
        let done = invite::invite(self.authorize(caller, Operation::InviteUser)?, id).await;
        self.unless_denied(caller, (Operation::InviteUser, Subject::User(id)), done).await
    }

    async fn grant_role(&self, caller: &Caller, id: UserId, role: &str) -> Result<User> {
        let done = roles::grant(self.authorize(caller, Operation::GrantRole)?, id, role).await;
        self.unless_denied(caller, (Operation::GrantRole, Subject::User(id)), done).await
    }

    async fn revoke_role(&self, caller: &Caller, id: UserId, role: &str) -> Result<User> {
        let done = roles::revoke(self.authorize(caller, Operation::RevokeRole)?, id, role).await;
        self.unless_denied(caller, (Operation::RevokeRole, Subject::User(id)), done).await
    }
}

/// What the audit log shows of a created or deleted account: nothing that is personal data.
pub(crate) fn described(user: &User) -> Value {
    json!({ "email_verified": user.email_verified, "is_active": user.is_active, "roles": user.roles })
}

pub(crate) fn user_not_found() -> Error {
    Error::new(ErrorCode::UserNotFound, "There is no account with this id.")
}
