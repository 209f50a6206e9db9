use super::columns::{At, Id, PermissionsOfUser, RolesOfUser, TableRow};
use super::lookups::LookUp;
use super::schema::{sessions, users};
use super::work::SqlWork;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use doorward_domain::SessionId;
use doorward_ports::Rights;
use doorward_ports::outbound::{OpenSession, StoreError, StoreOperation};
use std::sync::Arc;

type Row = (Id, Id, (At, Option<At>), bool, Option<String>, Option<String>);

#[diesel::dsl::auto_type]
fn open_sessions() -> _ {
    let ends = (sessions::expires_at, sessions::idle_ends_at);
    sessions::table
        .inner_join(users::table)
        .filter(sessions::ended_at.is_null())
        .filter(users::is_active.eq(true))
        .select((sessions::id, sessions::user_id, ends, users::must_change_password, RolesOfUser, PermissionsOfUser))
}

#[async_trait]
impl LookUp<SessionId, OpenSession> for SqlWork {
    const OPERATION: StoreOperation = StoreOperation::SessionState;

    async fn one(&mut self, id: &SessionId) -> Result<Option<OpenSession>, StoreError> {
        let row = open_sessions().filter(sessions::id.eq(Id::from(*id)));
        let row = row.get_result::<Row>(self.conn()).await.optional();
        Ok(self.settle(row)?.map(read).transpose()?.map(|(_, session)| session))
    }

    async fn several(&mut self, ids: &[SessionId]) -> Result<Vec<(SessionId, OpenSession)>, StoreError> {
        let rows = open_sessions().filter(sessions::id.eq_any(ids.iter().map(|&id| Id::from(id))));
        let rows = rows.load::<Row>(self.conn()).await;
        self.settle(rows)?.into_iter().map(read).collect()
    }
}

fn read(
    (id, user, ends, must_change_password, roles, permissions): Row,
) -> Result<(SessionId, OpenSession), StoreError> {
    let (At(with_its_token), as_idle) = ends;
    let expires_at = as_idle.map_or(with_its_token, |At(as_idle)| as_idle.min(with_its_token));
    let roles = TableRow { table: "user_roles", row: &user.0 }.read_list(roles.as_deref())?;
    let permissions = TableRow { table: "role_permissions", row: &user.0 }.read_list(permissions.as_deref())?;
    let rights = Arc::new(Rights { roles, permissions });
    Ok((id.into(), OpenSession { user: user.into(), expires_at, rights, must_change_password }))
}
