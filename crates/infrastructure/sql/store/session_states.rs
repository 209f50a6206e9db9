use super::SqlStore;
use super::columns::{At, Id, PermissionsOfUser, Place, RolesOfUser};
use super::schema::{sessions, users};
use super::sessions::live_at;
use super::work::SqlWork;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::{SessionId, Timestamp};
use doorward_ports::Rights;
use doorward_ports::outbound::{LiveSession, SessionStates, StoreError};
use std::sync::Arc;

#[async_trait]
impl SessionStates for SqlStore {
    async fn live(&self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        self.connections.reader().await?.live(id, now).await
    }
}

impl SqlWork {
    /// One statement, for this is asked on every request.
    async fn live(&mut self, id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        let live = sessions::table
            .inner_join(users::table)
            .filter(sessions::id.eq(Id::from(id)))
            .filter(live_at(At(now)))
            .filter(users::is_active.eq(true));
        let ends = (sessions::expires_at, sessions::idle_ends_at);
        let row = live.select((sessions::user_id, ends, RolesOfUser, PermissionsOfUser));
        let row =
            row.get_result::<(Id, (At, Option<At>), Option<String>, Option<String>)>(self.conn()).await.optional();
        let Some((user, ends, roles, permissions)) = self.settle(row)? else { return Ok(None) };
        let (At(with_its_token), as_idle) = ends;
        let expires_at = as_idle.map_or(with_its_token, |At(as_idle)| as_idle.min(with_its_token));
        let roles = Place { table: "user_roles", row: &user.0 }.read_list(roles.as_deref())?;
        let permissions = Place { table: "role_permissions", row: &user.0 }.read_list(permissions.as_deref())?;
        let rights = Arc::new(Rights { roles, permissions });
        Ok(Some(LiveSession { user: user.into(), expires_at, rights }))
    }
}
